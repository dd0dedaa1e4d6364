"""Articles of a given size in the lexicon's languages, the same ones in every run: ordinary news of war and peace, with cases in it."""

from __future__ import annotations

from pathlib import Path
from random import Random

from monitor.config.cases import load_cases
from monitor.model import Article

CASES_AN_ARTICLE = 2  # texts of one class that stand among the ordinary sentences
CONFIG = Path(__file__).parents[2] / "config"

ORDINARY = {
    "fr": """La préfecture a annoncé mardi la réouverture du pont après trois mois de travaux.
Les prix de l'électricité ont reculé de quatre pour cent depuis le début du trimestre, selon l'institut national.
Deux drones ont été abattus dans la nuit au-dessus de la région d'Odessa, a indiqué l'armée de l'air ukrainienne.
Le maire de la commune a reçu une délégation d'agriculteurs venus parler de la sécheresse.
À Kharkiv, une frappe russe a endommagé une école et un dépôt de bus sans faire de victime.
Le procès du constructeur automobile reprendra au printemps devant la cour d'appel de Lyon.
Les médecins de l'hôpital demandent davantage de lits pour les urgences avant l'hiver.
Une brigade ukrainienne a reçu de nouveaux véhicules blindés livrés par la Pologne.
La troupe présente son dernier spectacle jusqu'à dimanche au théâtre municipal.
Les négociateurs se sont retrouvés à Genève pour discuter du transit des céréales.
La compagnie ferroviaire prévoit d'ajouter douze trains pendant les vacances d'hiver.
Des habitants de Koursk évacués en août vivent toujours dans des centres provisoires.
Le ministre de la Défense a inspecté une usine de munitions dans l'Oural.
L'équipe de Nantes s'est imposée deux à un après les prolongations.""",
    "en": """The county council approved a plan to repair the harbour wall before the autumn storms.
Electricity prices fell by four percent over the quarter, the statistics office said on Monday.
Air defence units shot down two drones over the Odesa region overnight, the air force reported.
The museum will open a new wing devoted to maps and navigation next spring.
A Russian strike on Kharkiv damaged a school and a bus depot, and nobody was hurt.
The trial of the carmaker resumes in March before the court of appeal in Leeds.
Doctors at the hospital asked for more beds in the emergency ward ahead of winter.
A Ukrainian brigade received new armoured vehicles delivered by Poland last week.
The company performs its latest play at the town theatre until Sunday evening.
Negotiators met in Geneva to discuss the transit of grain through the Black Sea.
The railway plans to add twelve trains during the winter holidays.
Residents evacuated from Kursk in August still live in temporary shelters.
The defence minister inspected an ammunition plant in the Urals on Thursday.
The home side won two to one after extra time in front of a full stand.""",
    "ru": """Администрация района сообщила об открытии моста после трёх месяцев ремонта.
Цены на электричество снизились на четыре процента с начала квартала, следует из данных Росстата.
Ночью над Одесской областью сбили два беспилотника, сообщили воздушные силы Украины.
Мэр города встретился с фермерами, которые приехали поговорить о засухе.
В Харькове российская ракета повредила школу и автобусный парк, пострадавших нет.
Процесс по делу автозавода продолжится весной в апелляционном суде.
Врачи больницы просят увеличить число коек в приёмном отделении до начала зимы.
Украинская бригада получила новую бронетехнику, которую поставила Польша.
Театр показывает премьеру до воскресенья, билеты остались только на дневной спектакль.
Переговорщики встретились в Женеве и обсудили транзит зерна по Чёрному морю.
Железная дорога добавит двенадцать поездов на время зимних каникул.
Жители Курской области, эвакуированные в августе, до сих пор живут в пунктах временного размещения.
Министр обороны осмотрел завод боеприпасов на Урале.
Команда хозяев победила со счётом два один в дополнительное время.""",
    "uk": """Адміністрація району повідомила про відкриття мосту після трьох місяців ремонту.
Ціни на електроенергію знизилися на чотири відсотки від початку кварталу, свідчать дані статистики.
Уночі над Одеською областю збили два безпілотники, повідомили Повітряні сили.
Міський голова зустрівся з фермерами, які приїхали поговорити про посуху.
У Харкові російська ракета пошкодила школу й автобусний парк, постраждалих немає.
Судовий процес щодо автозаводу продовжиться навесні в апеляційному суді.
Лікарі просять збільшити кількість ліжок у приймальному відділенні до початку зими.
Українська бригада отримала нову бронетехніку, яку передала Польща.
Театр показує прем'єру до неділі, квитки залишилися лише на денну виставу.
Перемовники зустрілися в Женеві й обговорили транзит зерна Чорним морем.
Залізниця додасть дванадцять потягів на час зимових канікул.
Жителі прикордоння, евакуйовані в серпні, досі живуть у тимчасових прихистках.
Міністр оборони оглянув завод, де ремонтують артилерійські системи.
Команда господарів перемогла з рахунком два один у додатковий час.""",
    "de": """Die Kreisverwaltung gab die Brücke nach drei Monaten Bauzeit wieder frei.
Die Strompreise sanken seit Beginn des Quartals um vier Prozent, teilte das Statistikamt mit.
In der Nacht wurden über der Region Odessa zwei Drohnen abgeschossen, meldete die ukrainische Luftwaffe.
Das Museum eröffnet im Frühjahr einen neuen Flügel für Karten und Seefahrt.
Ein russischer Angriff auf Charkiw beschädigte eine Schule und ein Busdepot.
Die Ärzte der Klinik fordern vor dem Winter mehr Betten für die Notaufnahme.
Eine ukrainische Brigade erhielt neue Panzerfahrzeuge aus Polen.
Die Bahn plant zwölf zusätzliche Züge während der Winterferien.
Der Verteidigungsminister besichtigte ein Werk für Munition im Ural.
Die Gastgeber gewannen nach Verlängerung mit zwei zu eins.""",
    "es": """El ayuntamiento anunció la reapertura del puente después de tres meses de obras.
Los precios de la electricidad bajaron un cuatro por ciento desde el comienzo del trimestre.
Dos drones fueron derribados por la noche sobre la región de Odesa, informó la fuerza aérea ucraniana.
El museo abrirá en primavera una nueva sala dedicada a los mapas y la navegación.
Un ataque ruso contra Járkov dañó una escuela y un depósito de autobuses.
Los médicos del hospital piden más camas en urgencias antes del invierno.
Una brigada ucraniana recibió nuevos vehículos blindados entregados por Polonia.
La compañía ferroviaria añadirá doce trenes durante las vacaciones.
El ministro de Defensa visitó una fábrica de municiones en los Urales.
El equipo local ganó dos a uno en la prórroga ante un estadio lleno.""",
    "pl": """Starostwo poinformowało o otwarciu mostu po trzech miesiącach remontu.
Ceny prądu spadły o cztery procent od początku kwartału, podał urząd statystyczny.
W nocy nad obwodem odeskim zestrzelono dwa drony, przekazały ukraińskie siły powietrzne.
Muzeum otworzy wiosną nowe skrzydło poświęcone mapom i żegludze.
Rosyjski atak na Charków uszkodził szkołę i zajezdnię autobusową.
Lekarze ze szpitala proszą o więcej łóżek na oddziale ratunkowym przed zimą.
Ukraińska brygada otrzymała nowe pojazdy opancerzone przekazane przez Polskę.
Kolej doda dwanaście pociągów na czas ferii zimowych.
Minister obrony odwiedził zakład produkujący amunicję na Uralu.
Gospodarze wygrali dwa do jednego po dogrywce przy pełnych trybunach.""",
}


def articles(count: int, size: int, seed: int = 1) -> list[Article]:
    """`count` articles of `size` bytes in UTF-8, in turn in every language that has cases; every second one is relevant."""
    random = Random(seed)
    cases = [case for case in load_cases(CONFIG) if case.article.lang in ORDINARY]
    languages = sorted({case.article.lang for case in cases})
    pools = {
        (lang, relevant): [case.article.text for case in cases if case.article.lang == lang and case.relevant is relevant]
        for lang in languages
        for relevant in (True, False)
    }
    made = []
    for number in range(count):
        lang, relevant = languages[number // 2 % len(languages)], number % 2 == 0
        ordinary = ORDINARY[lang].splitlines()
        sentences = random.choices(ordinary, k=size // min(map(len, ordinary)) + 1)
        for text in random.sample(pools[lang, relevant], CASES_AN_ARTICLE):
            sentences.insert(random.randrange(10), text)
        made.append(Article(sentences[0], "", " ".join(sentences).encode()[:size].decode(errors="ignore"), lang=lang))
    return made
