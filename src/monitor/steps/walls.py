"""Does a wall stand in the article's place: consent, challenge, paywall, log-in, script shell, "open Telegram to view" …?

A wall speaks to the reader and says little else. Its words count only where they make up most of what a page says, so an article
about cookies or subscriptions is none, and neither is an article with a notice below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WALL = 1_500  # characters of extracted text; a page that says more is an article
NOTHING = 80  # characters of extracted text that are as good as none
MOST_SAID = 4_000  # characters of the whole page looked at in that case
LITTLE = 200  # characters beside a wall's sentences that hardly make an article
#: Share of the characters that stand in a wall's sentences, from which on the page is a wall.
SHARE_OF_TEXT = 0.5
SHARE_BESIDE_LITTLE = 0.35
SHARE_OF_PAGE = 0.25

#: What each kind of wall says, by language: en, fr, de, es, pl, ru, uk.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "challenge",
        (
            r"check(?:ing|s)? (?:if the site connection is secure|your browser)"
            r"|verif(?:y|ying) (?:that )?you(?:'re| are) (?:a )?(?:human|not a (?:ro)?bot)",
            r"are you a (?:ro)?bot|i(?:'|’)?m not a robot|complete the (?:security check|captcha)"
            r"|needs to review the security of your connection|just a moment\b|unusual (?:traffic|activity) from"
            r"|ddos[- ](?:protection|guard)|attention required",
            r"vérifi(?:ons|er|ez) que vous (?:êtes|n'êtes)|je ne suis pas un robot|vérification de votre navigateur|êtes-vous un robot",
            r"(?:dass|ob) sie (?:ein mensch|kein roboter)|ich bin kein roboter|browser wird überprüft|sicherheitsüberprüfung"
            r"|comprobando (?:su|tu) navegador|no soy un robot|que eres humano|sprawdzamy twoją przeglądarkę|nie jestem robotem",
            r"проверк[аиу] (?:вашего )?браузера|(?:вы|я) не робот|что вы человек|подозрительн\w+ (?:трафик|активност)"
            r"|введите (?:код|символы) с картинки|перевірк[аиу] (?:вашого )?браузера|(?:ви|я) не робот|що ви людина",
        ),
    ),
    (
        "script shell",
        (
            r"(?:enable|activate|turn on|requires?|needs?|without|disabled|supports?) javascript"
            r"|javascript (?:is|must be|to be|seems to be|appears to be)? ?(?:not )?"
            r"(?:disabled|enabled|required|supported|available|activated)"
            r"|(?:browser|app)\b.{0,40}\b(?:not supported|out of date|outdated)",
            r"(?:activ(?:er|ez)|désactivé|nécessite) (?:le )?javascript|javascript (?:est|doit être) (?:désactivé|activé|requis)"
            r"|javascript (?:ist|muss|zu) .{0,20}(?:deaktiviert|aktivier)"
            r"|(?:aktivieren|benötigt|erfordert) (?:sie )?(?:bitte )?javascript"
            r"|(?:active|habilite|activa|habilita|necesita|requiere) (?:el )?javascript|włącz(?:yć)? (?:obsługę )?javascript",
            r"(?:включите|включить|требуется|необходим|отключ[её]н|без) (?:поддержк[уа] )?javascript"
            r"|javascript (?:отключ|выключ|необходим)|ваш браузер (?:не поддерживает|устарел)"
            r"|(?:увімкніть|увімкнути|потрібен|вимкнено) (?:підтримку )?javascript|javascript вимкнен"
            r"|ваш браузер (?:не підтримує|застарів)",
        ),
    ),
    (
        "telegram",
        (
            r"(?:open|view) in telegram|open telegram to view|you can (?:view and join|contact|view) @?[\w ]{2,80} right away"
            r"|if you have telegram|don'?t have telegram yet|preview channel"
            r"|(?:post|message|channel) (?:not found|is unavailable|can'?t be displayed)|this channel can'?t be displayed",
            r"открыть в telegram|откройте telegram|если у вас (?:есть|установлен) telegram|посмотреть в telegram|відкрити в telegram"
            r"|відкрийте telegram|якщо у вас (?:є|встановлено) telegram|ouvrir dans telegram|si vous avez telegram|in telegram öffnen"
            r"|abrir en telegram",
        ),
    ),
    (
        "paywall",
        (
            r"subscribe (?:now |today )?(?:to|and) (?:continue|keep|read|unlock|get (?:full|unlimited))|to (?:continue|keep) reading"
            r"|(?:this|the full) (?:article|story|content) is (?:only )?(?:available |reserved )?"
            r"(?:for|to) (?:\w+ )?(?:subscribers|members)"
            r"|subscribers? only|already (?:a )?(?:subscriber|subscribed|a member)|free articles? (?:left|remaining|this month)"
            r"|you(?:'ve| have) (?:reached|read) your|unlock this (?:article|story)|choose your (?:plan|subscription)|cancel any ?time"
            r"|start your (?:free )?trial",
            r"pour lire la suite|abonnez-vous (?:pour|dès|à partir|et)|(?:réservé|réservée?s) (?:aux|à nos) abonnés|déjà abonné"
            r"|il vous reste .{0,20}% de cet article|article réservé|weiterlesen mit|jetzt (?:abonnieren|weiterlesen|testen)"
            r"|(?:nur für|exklusiv für) (?:abonnent|plus)|bereits (?:abonnent|registriert)|sie haben noch kein abo"
            r"|mit \S+ ?(?:plus|\+) weiterlesen|monatlich kündbar",
            r"(?:contenido|artículo|noticia) (?:exclusivo|solo|sólo|reservado)|suscríbete (?:para|y|por|a)|para seguir leyendo"
            r"|ya (?:eres|soy) suscriptor|dostęp (?:tylko )?dla (?:subskrybentów|prenumeratorów)|wykup (?:dostęp|subskrypcję)"
            r"|pozostało .{0,10}% tekstu|masz już (?:subskrypcję|prenumeratę)",
            r"(?:доступн\w+|материал|статья) (?:только )?(?:для )?подписчик|оформите подписку"
            r"|чтобы (?:продолжить чтение|дочитать|читать дальше)|уже (?:есть подписка|подписаны)"
            r"|(?:доступн\w+|матеріал|стаття) (?:лише|тільки) (?:для )?(?:передплатник|підписник)|оформіть (?:підписку|передплату)"
            r"|щоб (?:продовжити читання|читати далі)|вже (?:маєте передплату|підписані)",
        ),
    ),
    (
        "consent",
        (
            r"(?:we|our (?:\d+ )?partners|this (?:web)?site|and our \S+ partners) .{0,40}(?:use|store|uses) .{0,40}cookies"
            r"|(?:accept|reject|refuse|manage|allow) (?:all )?(?:cookies|and (?:continue|close)|preferences|choices)"
            r"|before you continue|your privacy (?:choices|matters)|we (?:value|care about) your privacy|personali[sz]ed ads"
            r"|(?:legitimate interest|withdraw your consent)|(?:with|to) your consent|consent to the (?:use|storage)",
            r"(?:nous|nos partenaires) .{0,40}(?:utilis|dépos|stock).{0,40}cookies"
            r"|(?:accepter|refuser|paramétrer|gérer) (?:tous )?(?:les cookies|et (?:continuer|fermer)|mes choix)"
            r"|continuer sans accepter|respect(?:ons|er)? (?:de )?votre vie privée|votre consentement",
            r"(?:wir|unsere (?:\d+ )?partner) .{0,60}cookies|(?:alle )?(?:cookies )?(?:akzeptieren|ablehnen) und (?:weiter|schließen)"
            r"|cookies (?:akzeptieren|ablehnen|zulassen)|ihre privatsphäre|mit werbung (?:weiterlesen|lesen|und cookies)"
            r"|ihre (?:einwilligung|zustimmung)|werbung und tracking",
            r"utilizamos cookies|(?:aceptar|rechazar) (?:todas )?(?:las )?cookies|tu privacidad|su privacidad"
            r"|używamy (?:plików )?cookies|(?:akceptuj|zaakceptuj|odrzuć) wszystkie|szanujemy twoją prywatność",
            r"(?:мы|наш сайт|сайт) .{0,20}использу\w+ (?:файлы )?cookie|принять (?:все )?(?:файлы )?cookie|согласие на обработку"
            r"|политик\w+ (?:обработки )?(?:cookie|конфиденциальности)|(?:ми|наш сайт|сайт) .{0,20}використову\w+ (?:файли )?cookie"
            r"|прийняти (?:всі|усі)? ?(?:файли )?cookie|згод[ауи] на обробку",
        ),
    ),
    (
        "log-in",
        (
            r"(?:log|sign) ?in (?:or (?:sign up|register|create)|to (?:continue|read|view|see|your account))|please (?:log|sign) ?in"
            r"|you must (?:be logged in|log in|sign in)|create (?:a free|an) account to|register (?:for free )?to (?:continue|read)"
            r"|forgot(?:ten)? (?:your )?password|see (?:posts|photos|more) from",
            r"connectez-vous pour|identifiez-vous|veuillez vous (?:connecter|identifier)|créez un compte|mot de passe oublié"
            r"|(?:bitte )?(?:melden sie sich an|einloggen|anmelden), um|passwort vergessen|jetzt registrieren|inicia sesión"
            r"|iniciar sesión para|regístrate para|zaloguj się,? (?:aby|żeby)|nie pamiętasz hasła",
            r"войдите,? (?:чтобы|в аккаунт|на сайт|или)|(?:требуется|необходима) авторизация|авторизуйтесь|зарегистрируйтесь,? чтобы"
            r"|забыли пароль|увійдіть,? (?:щоб|в акаунт|або)|авторизуйтеся|потрібна авторизація|зареєструйтеся,? щоб|забули пароль",
        ),
    ),
    (
        "adblock",
        (
            r"ad ?-?blocker?|(?:disable|turn off|pause|whitelist) .{0,40}(?:ad ?block|blocker)|allow (?:our )?ads",
            r"bloqueur (?:de publicité|d'annonces)|désactive[rz] (?:votre )?(?:bloqueur|adblock)|werbeblocker"
            r"|adblocker (?:aktiv|deaktiv|erkannt)|bloqueador de (?:anuncios|publicidad)|blokowanie reklam|wyłącz adblock",
            r"блокировщик\w* рекламы|отключите (?:adblock|блокировщик)|блокувальник\w* реклами|вимкніть (?:adblock|блокувальник)",
        ),
    ),
    (
        "region",
        (
            r"not available in your (?:country|region|location|area)|unavailable (?:in|for) (?:most|your|legal|readers in)"
            r"|from your (?:country|region|location)|(?:european economic area|in the eu)\b.{0,120}(?:access|available|granted)"
            r"|due to (?:legal|gdpr|data protection|rights)|unavailable (?:for|due to) legal reasons",
            r"(?:pas|plus) (?:disponible|accessible) dans votre (?:pays|région)"
            r"|in (?:ihrem land|ihrer region) nicht (?:verfügbar|erreichbar)|no (?:está )?disponible en (?:su|tu) (?:país|región)"
            r"|niedostępn\w+ w (?:twoim|państwa) (?:kraju|regionie)",
            r"недоступ\w+ (?:в вашей стране|в вашем регионе|на территории)"
            r"|доступ .{0,40}(?:ограничен|заблокирован) (?:на основании|в соответствии|по решению|по требованию)"
            r"|недоступн\w+ (?:у вашій країні|у вашому регіоні)"
            r"|доступ .{0,40}(?:обмежено|заблоковано) (?:на підставі|відповідно|за рішенням)",
        ),
    ),
    (
        "refused",
        (
            r"access (?:to this (?:page|site|resource|website) (?:has been |is )?)?(?:denied|forbidden|blocked)"
            r"|you don'?t have permission to|(?:you have been|has been|your ip (?:address )?(?:has been|is)) blocked|too many requests"
            r"|rate limit|error 10\d\d|reference (?:#|id|number)|ray id|403 forbidden|request (?:was )?(?:blocked|rejected)",
            r"accès (?:refusé|interdit|bloqué)|trop de requêtes|zugriff (?:verweigert|gesperrt)|zu viele anfragen"
            r"|acceso (?:denegado|prohibido)|demasiadas solicitudes|odmowa dostępu|dostęp zabroniony",
            r"доступ (?:запрещ[её]н|закрыт|к сайту запрещ)|вы заблокированы|слишком много запросов|доступ (?:заборонено|закрито)"
            r"|вас заблоковано|забагато запитів",
        ),
    ),
    (
        "missing",
        (
            r"(?:page|article|story|content|post) (?:you (?:are looking for|requested) )?(?:was |is |could |can)?"
            r"(?:not? ?(?:be )?found|no longer (?:available|exists)|does ?n[o']t exist|has been removed|unavailable)"
            r"|404 (?:error|not found)|error 404|(?:down|closed) for (?:scheduled )?maintenance|temporarily unavailable"
            r"|(?:service|site) unavailable|back soon|something went wrong|this domain (?:is|may be) for sale|buy this domain",
            r"page (?:introuvable|non trouvée|n'existe (?:pas|plus))|(?:cet )?article n'(?:existe|est) (?:pas|plus)|erreur 404"
            r"|en maintenance|seite (?:wurde )?(?:nicht gefunden|existiert nicht)|artikel (?:ist )?nicht (?:mehr )?verfügbar"
            r"|fehler 404|wartungsarbeiten|página no (?:encontrada|existe)|no (?:se ha )?encontrado|nie (?:znaleziono|istnieje)"
            r"|strona nie istnieje|błąd 404",
            r"страниц[аы] (?:не найдена|не существует|удалена)|ошибка 404|материал (?:удал[её]н|не найден)|технические работы"
            r"|сайт временно недоступен|сторінк[аиу] (?:не знайдено|не існує|видалено)|помилка 404|матеріал (?:видалено|не знайдено)"
            r"|технічні роботи|сайт тимчасово недоступний",
        ),
    ),
    (
        "age",
        (
            r"(?:you must be|are you|i am|confirm (?:that )?you are) (?:over |at least )?(?:the age of )?1[68]"
            r"|age (?:verification|restricted|confirmation)|verify your age|vous avez (?:plus de )?18 ans"
            r"|(?:bist du|sind sie) (?:über |mindestens )?1[68]|altersverifikation|(?:eres )?mayor de edad|masz (?:ukończone )?18 lat",
            r"вам (?:уже )?(?:есть|исполнилось) 18|подтвердите (?:свой )?возраст|(?:мне|вам) (?:є|вже є|виповнилося) 18"
            r"|підтвердіть (?:свій )?вік",
        ),
    ),
)
KINDS = tuple((kind, re.compile("|".join(words), re.IGNORECASE)) for kind, words in _WORDS)
_ANY = re.compile("|".join(words.pattern for _, words in KINDS), re.IGNORECASE)
#: So many addresses of one host with one text make a wall of it (X-02).
ADDRESSES = 3
_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+|\n|$)")


def wall(title: str, text: str, said: str) -> str:
    """Which kind of wall the page is; "" for an article, or for a page without words.

    `text` is what was extracted, `said` everything that the page shows (looked at where next to nothing was extracted).
    """
    text = text.strip()
    if len(text) > LONGEST_WALL:
        return ""
    if len(text) < NOTHING:
        text, share = said[:MOST_SAID].strip(), SHARE_OF_PAGE
    else:
        share = SHARE_BESIDE_LITTLE if _other(text) < LITTLE else SHARE_OF_TEXT
    if _other(text) > (1 - share) * len(text) and not _titled(title, text):
        return ""
    return _kind(f"{title}\n{text}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A page that says the same as others of its host."""

    address: str
    told: str  # the title that was told of it
    canonical: str | None  # the address that it claims for itself


def shared(claims: Sequence[Claim]) -> str:
    """Why pages of one host with one text are a wall, in words; "" where they may be one article.

    An article that stands under several addresses is told of under one title, and its pages name one address as their own.
    """
    addresses = {claim.address for claim in claims if claim.address}
    titles = {" ".join(claim.told.casefold().split()) for claim in claims} - {""}
    named = {claim.canonical for claim in claims}
    if len(addresses) < ADDRESSES or (len(named) == 1 and None not in named and len(titles) < 2):
        return ""
    if len(titles) < 2 and len({address.partition("?")[0] for address in addresses}) < ADDRESSES:
        return ""
    return f"the same text stands under {len(addresses)} addresses"


def _other(text: str) -> int:
    """Characters in sentences that no wall would say."""
    return sum(len(sentence) for sentence in _SENTENCE.findall(text) if not _ANY.search(sentence))


def _titled(title: str, text: str) -> bool:
    """A page that is called like a wall, and says little."""
    return len(text) < LITTLE and _ANY.search(title) is not None


def _kind(text: str) -> str:
    """The kind whose words are said most; the earlier one where two are said as often."""
    counts = [(len(words.findall(text)), -place, kind) for place, (kind, words) in enumerate(KINDS)]
    most, _, kind = max(counts)
    return kind if most else ""
