"""Is a wall never taken for an article, and an article never for a wall?"""

# ruff: noqa: E501 (markup is kept in one line, as real pages have it)

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from monitor.model import Quality
from monitor.steps.extract import read_html
from monitor.steps.walls import Claim, shared, wall

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://outlet.example/2026/11/24/garrison"

MENU = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/world'>World</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
FOOT = "<footer><p>© 2026 Outlet. <a href='/terms'>Terms</a> <a href='/privacy'>Privacy</a></p></footer>"


def page(title: str, body: str, head: str = "", frame: bool = True) -> str:
    inside = f"{MENU}<main>{body}</main>{FOOT}" if frame else body
    return f"<!doctype html><html><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>{inside}</body></html>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


ARTICLE_HEAD = (
    "<meta property='og:title' content='Soldiers leave a garrison at night'>"
    "<meta name='description' content='Eleven soldiers walked out of a training ground and have not been found since.'>"
    '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "headline": "Soldiers leave a garrison at night", '
    '"isAccessibleForFree": false, "datePublished": "2026-11-24T08:00:00Z"}</script>'
)

#: (kind, page)
WALLS: list[tuple[str, str]] = [
    # consent
    ("consent", page("Before you go on", "<div><h1>Before you continue to Outlet</h1>" + paragraphs(
        "We and our 812 partners store and use cookies to show personalised ads and measure audiences.",
        "With your consent we may use precise location data. You can withdraw your consent at any time in the settings.",
    ) + "<button>Accept all</button><button>Manage preferences</button></div>", frame=False)),
    ("consent", page("Gazette", "<article><h2>Le respect de votre vie privée est notre priorité</h2>" + paragraphs(
        "Nous et nos partenaires déposons des cookies sur votre appareil pour financer notre travail.",
        "Vous pouvez accepter, refuser ou paramétrer vos choix ; votre consentement vaut six mois.",
        "Continuer sans accepter",
    ) + "</article>")),
    ("consent", page("Zeitung", "<main>" + paragraphs(
        "Mit Werbung weiterlesen: Besuchen Sie uns wie gewohnt mit Werbung und Tracking.",
        "Wir und unsere 180 Partner verwenden Cookies. Ihre Einwilligung können Sie jederzeit widerrufen.",
        "Oder lesen Sie werbefrei mit dem Pur-Abo.",
    ) + "</main>")),
    ("consent", page("Газета", paragraphs(
        "Наш сайт использует файлы cookie, чтобы страницы работали лучше.",
        "Оставаясь на сайте, вы даёте согласие на обработку данных и принимаете политику конфиденциальности.",
    ))),
    ("consent", page("Diario", "<section>" + paragraphs(
        "Utilizamos cookies propias y de terceros para analizar el tráfico.", "Puede aceptar todas las cookies o rechazar las cookies aquí.",
    ) + "</section>")),
    # challenge
    ("challenge", page("Just a moment...", "<div id='challenge'><h1>outlet.example</h1><p>Verifying you are human. This may take a few seconds.</p>"
        "<p>outlet.example needs to review the security of your connection before proceeding.</p></div>", frame=False)),
    ("challenge", page("Attention Required!", "<h1>One more step</h1><p>Please complete the security check to access outlet.example</p>", frame=False)),
    ("challenge", page("DDoS-Guard", "<h1>Проверка браузера</h1><p>Подождите, идёт проверка вашего браузера перед переходом на сайт.</p>", frame=False)),
    ("challenge", page("Robot ?", paragraphs("Êtes-vous un robot ?", "Cochez la case « Je ne suis pas un robot » pour afficher la page."), frame=False)),
    ("challenge", page("Перевірка", paragraphs("Підтвердьте, що ви людина.", "Триває перевірка вашого браузера, зачекайте."), frame=False)),
    ("challenge", page("Pardon our interruption", paragraphs(
        "We have detected unusual traffic from your network.", "To show that you are not a robot, please complete the captcha below."), frame=False)),
    # script shell
    ("script shell", page("Outlet", "<div id='root'></div><script src='/static/app.js'></script>", frame=False)),
    ("script shell", page("Outlet", "<noscript>You need to enable JavaScript to run this app.</noscript><div id='app'></div>", frame=False)),
    ("script shell", page("Новости", "<div id='app'></div><noscript><p>Для работы сайта включите JavaScript в настройках.</p></noscript>", frame=False)),
    ("script shell", page("Journal", paragraphs("Votre navigateur a désactivé JavaScript. Activez JavaScript pour lire cette page."))),
    # telegram
    ("telegram", page("Telegram: Contact @frontnews", "<div class='tgme_page'><div>Front News</div><div>12 345 subscribers</div>"
        "<a href='tg://resolve'>View in Telegram</a><div>If you have <b>Telegram</b>, you can view and join Front News right away.</div></div>", frame=False)),
    ("telegram", page("Telegram", "<div>Please open Telegram to view this post</div><a href='#'>VIEW IN TELEGRAM</a>", frame=False)),
    ("telegram", page("Telegram", "<div>Этот пост можно прочитать в приложении.</div><a>Открыть в Telegram</a>"
        "<p>Если у вас установлен Telegram, вы можете посмотреть канал прямо сейчас.</p>", frame=False)),
    # paywall
    ("paywall", page("Soldiers leave a garrison at night", "<article><h1>Soldiers leave a garrison at night</h1>" + paragraphs(
        "Eleven soldiers walked out of a training ground.",
        "This article is for subscribers only. Subscribe to continue reading. Cancel anytime.",
        "Already a subscriber? Sign in",
    ) + "</article>", ARTICLE_HEAD)),
    ("paywall", page("Des soldats quittent leur caserne", "<article><h1>Des soldats quittent leur caserne</h1>" + paragraphs(
        "Onze hommes ont quitté le camp dans la nuit.", "Cet article est réservé aux abonnés. Il vous reste 82% de cet article à lire.",
        "Abonnez-vous pour 1 € le premier mois. Déjà abonné ? Connectez-vous.",
    ) + "</article>")),
    ("paywall", page("Soldaten verlassen Kaserne", "<article>" + paragraphs(
        "Elf Männer sind fort.", "Jetzt weiterlesen mit Zeitung Plus.", "Nur für Abonnenten: 4 Wochen für 1 Euro, monatlich kündbar. Bereits Abonnent?",
    ) + "</article>")),
    ("paywall", page("Солдаты ушли из части", "<article>" + paragraphs(
        "Одиннадцать человек ушли ночью.", "Материал доступен только подписчикам. Оформите подписку, чтобы дочитать.", "Уже есть подписка? Войдите.",
    ) + "</article>")),
    ("paywall", page("Żołnierze opuścili koszary", "<article>" + paragraphs(
        "Jedenastu żołnierzy odeszło.", "Dostęp tylko dla prenumeratorów. Pozostało 91% tekstu.", "Masz już prenumeratę? Zaloguj się.",
    ) + "</article>")),
    ("paywall", page("Our plans", "<div>" + paragraphs(
        "You have reached your limit of free articles this month.", "Choose your plan: digital, weekend or complete.", "Start your free trial today.",
    ) + "</div>")),
    # log-in
    ("log-in", page("Log in", "<form><input name='u'><input name='p'><button>Log in</button></form>"
        "<p>You must be logged in to view this page. Forgotten password?</p>")),
    ("log-in", page("Connexion", "<p>Veuillez vous connecter. Mot de passe oublié ?</p><p>Créez un compte gratuit en une minute.</p>")),
    ("log-in", page("Вход", "<p>Требуется авторизация. Войдите, чтобы увидеть эту запись.</p><p>Забыли пароль?</p>")),
    ("log-in", page("Вхід", "<p>Увійдіть, щоб побачити цей допис.</p><p>Забули пароль?</p>")),
    # adblock
    ("adblock", page("Outlet", paragraphs("It looks like you are using an ad blocker.", "Please disable your ad blocker or whitelist our site to go on."))),
    ("adblock", page("Zeitung", paragraphs("Bitte schalten Sie den Adblocker ab.", "Ein Werbeblocker wurde gefunden: ohne Werbung gibt es diese Seite nicht."))),
    ("adblock", page("Портал", paragraphs("Отключите блокировщик рекламы, пожалуйста.", "Мы живём за счёт рекламы, поэтому блокировщик рекламы мешает нам."))),
    # region
    ("region", page("451", paragraphs("Unavailable due to legal reasons",
        "We recognize you are attempting to access this website from a country in the European Economic Area, so access cannot be granted at this time."))),
    ("region", page("Vidéo", paragraphs("Ce contenu n'est pas disponible dans votre pays."))),
    ("region", page("Доступ ограничен", paragraphs("Доступ к информационному ресурсу ограничен на основании Федерального закона."))),
    # refused
    ("refused", page("Access Denied", paragraphs(
        "You don't have permission to access \"http://outlet.example/\" on this server.", "Reference #18.2d351ab8.1557"), frame=False)),
    ("refused", page("Sorry, you have been blocked", paragraphs("You are unable to access outlet.example.", "Ray ID: 8f2a"), frame=False)),
    ("refused", page("429", paragraphs("Too many requests. Please slow down."), frame=False)),
    ("refused", page("Ошибка", paragraphs("Доступ запрещён. Вы заблокированы администратором."), frame=False)),
    # missing
    ("missing", page("Page not found", "<h1>404</h1><p>Sorry, the page you are looking for could not be found. It may have moved.</p>")),
    ("missing", page("Страница не найдена", "<h1>Ошибка 404</h1><p>Страница удалена или никогда не существовала.</p>")),
    ("missing", page("Сторінку не знайдено", "<p>Помилка 404. Сторінку не знайдено.</p>")),
    ("missing", page("Wartung", "<p>Wegen Wartungsarbeiten sind wir gerade nicht da.</p>")),
    ("missing", page("outlet.example", "<p>This domain is for sale. Buy this domain today.</p>", frame=False)),
    # age
    ("age", page("18+", paragraphs("Вам есть 18 лет?", "Подтвердите свой возраст, чтобы открыть материал."))),
    ("age", page("Age verification", paragraphs("You must be 18 or older to enter.", "Please verify your age."))),
]  # fmt: skip


def test_there_are_forty_pages_of_ten_kinds() -> None:
    assert len(WALLS) >= 40
    assert len({kind for kind, _ in WALLS}) >= 10


@pytest.mark.parametrize(("kind", "html"), WALLS, ids=[f"{kind} {n}" for n, (kind, _) in enumerate(WALLS)])
def test_X02_a_wall_is_never_an_article(kind: str, html: str) -> None:
    article = read_html(html, URL, (), NOW)
    assert article.quality is Quality.WALL
    assert (article.text, article.lead) == ("", "")
    assert article.notes == (f"wall: {kind}",)


PROSE = (
    "The men left the training ground shortly after midnight, a relative said, and walked along the railway line.",
    "Two of them had asked for leave in the spring and were refused, according to papers that their lawyer showed.",
    "The command has opened a case and says that the search goes on; the families have heard nothing for a week.",
)

ORDINARY = [
    # articles about what walls speak of
    ("Browser maker drops third-party cookies", paragraphs(
        "The largest browser will stop accepting cookies of third parties next year, its maker said on Monday.",
        "Advertisers fear for their income, while data protection groups call the step overdue.",
        "Half of all users already refuse tracking where they are asked, a survey found.")),
    ("Newspaper puts up a paywall", paragraphs(
        "The regional daily will charge for its articles from January, its publisher told staff on Tuesday.",
        "Subscribers pay nine euros a month; ten articles stay free, and reports on emergencies always will.",
        "The paper lost a fifth of its circulation in two years.")),
    ("Роскомнадзор заблокировал сайт матерей мобилизованных", paragraphs(
        "Роскомнадзор ограничил доступ к сайту движения матерей мобилизованных.",
        "Участницы говорят, что страницу открывали по три тысячи человек в день.",
        "Юристы движения намерены обжаловать решение в суде.")),
    ("Telegram channel of brigade goes silent", paragraphs(
        "The brigade's Telegram channel has not been updated since Friday, when three companies refused an order.",
        "Its last post asked readers to open a petition for their commander's return.")),
    ("Повестки стали приходить с восемнадцати лет", paragraphs(
        "В военкоматах области начали вызывать тех, кому исполнилось 18 лет весной.",
        "Родители двух призывников рассказали, что сыновей увезли из общежития вечером.")),
    # short notes
    ("Eleven soldiers missing", paragraphs("Eleven soldiers are missing from a garrison near the border, the governor said.")),
    ("Солдат ушёл с позиции", paragraphs("Солдат 20-й армии самовольно оставил позицию под Купянском и был задержан в Белгороде через двое суток.")),
    ("Троє військових залишили частину", paragraphs("Троє військових самовільно залишили частину на Сумщині, повідомила поліція області у вівторок.")),
    # articles with a notice
    ("Soldiers leave a garrison at night", paragraphs(*PROSE, "Subscribe to our newsletter to get reports like this one every morning.")),
    ("Soldiers leave a garrison at night", paragraphs(*PROSE) + "<div class='cookie-banner'><p>We use cookies. Accept all cookies?</p></div>"),
    ("Soldiers leave a garrison at night", "<noscript>Please enable JavaScript to see our videos.</noscript>" + paragraphs(*PROSE)),
    ("Soldiers leave a garrison at night", paragraphs(*PROSE, "Already a subscriber? Log in to comment.")),
]  # fmt: skip


@pytest.mark.parametrize(("title", "body"), ORDINARY, ids=[title for title, _ in ORDINARY])
def test_X02_an_article_is_never_a_wall(title: str, body: str) -> None:
    article = read_html(page(title, f"<article><h1>{title}</h1>{body}</article>"), URL, (), NOW)
    assert article.quality is Quality.FULL
    assert article.text


def test_a_long_text_is_no_wall_whatever_it_says() -> None:
    assert wall("Just a moment", "We use cookies. Accept all cookies. " * 60, "") == ""


PLACES = ("https://outlet.test/a", "https://outlet.test/b", "https://outlet.test/c")


def claims(addresses: Sequence[str], titles: Sequence[str], named: Sequence[str | None] = (None,)) -> list[Claim]:
    return [Claim(address, titles[at % len(titles)], named[at % len(named)]) for at, address in enumerate(addresses)]


@pytest.mark.parametrize(
    ("seen", "is_wall"),
    [
        (claims(PLACES, ("A storm", "A trial", "A match")), True),
        (claims(PLACES, ("A storm", "A trial", "A match"), PLACES), True),
        (claims(PLACES, ("A storm", "A trial", "A match"), ("https://outlet.test/",)), True),  # a wall that names the front page
        (claims(PLACES, ("Just a moment",)), True),
        (claims(PLACES[:2], ("A storm", "A trial")), False),
        (claims((*PLACES[:2], PLACES[0]), ("A storm", "A trial", "A match")), False),
        (claims(PLACES, ("A storm",), (PLACES[0],)), False),  # one article in three sections
        (claims(PLACES, ("A  Storm", "a storm"), (PLACES[0],)), False),
        (claims([f"{PLACES[0]}?print={n}" for n in range(5)], ("A storm",)), False),  # one article in five forms
        (claims([f"{PLACES[0]}?id={n}" for n in range(5)], ("A storm", "A trial")), True),
        (claims([], ("",)), False),
    ],
)
def test_X02_one_text_under_three_addresses_is_a_wall_unless_it_may_be_one_article(seen: Sequence[Claim], is_wall: bool) -> None:
    assert bool(shared(seen)) is is_wall
