"""Which words are so frequent that a term made of one alone would match everywhere? A few dozen of each language, beside its stop words."""

from __future__ import annotations

FREQUENT = {
    "fr": """être avoir faire dire aller voir savoir pouvoir vouloir venir prendre mettre donner parler trouver laisser rester tenir porter
        jour temps homme femme monde vie main chose an heure pays ville gens guerre eau fois part fin point lieu mort nuit enfant père
        grand petit bon nouveau premier dernier jeune autre même seul haut bas long fort vrai tout plus très bien encore toujours aussi
        avant après contre sous vers chez entre sans parti ordre appel retour départ passage perte sort face cas suite cours""",
    "en": """be have do say get make go know take see come think look want give use find tell ask work seem feel try leave left call
        time year people way day man thing woman life child world school state family student group country problem hand part place
        case week company system program question government number night point home water room mother area money story fact month lot
        right study book eye job word business issue side kind head house service friend father power hour game line end member law
        good new first last long great little own other old big high different small large next early young important few public""",
    "ru": """быть мочь сказать говорить знать стать есть хотеть идти думать видеть сделать жить делать дать взять спросить пойти прийти
        оставить остаться вернуться уйти выйти найти год время человек дело жизнь день рука раз работа слово место лицо друг глаз вопрос
        дом сторона страна мир случай голова ребенок сила конец вид система часть город отношение женщина деньги земля машина вода отец
        проблема час право нога решение дверь образ история власть закон война бог голос тысяча книга возможность результат ночь стол
        новый самый большой последний первый хороший русский другой свой весь один такой себя много очень можно надо нет тоже""",
    "uk": """бути могти сказати говорити знати стати хотіти йти думати бачити зробити жити дати взяти піти прийти залишити вийти рік час
        людина справа життя день рука раз робота слово місце обличчя друг око питання дім сторона країна світ випадок голова дитина сила
        кінець вид система частина місто жінка гроші земля машина вода батько проблема година право нога рішення двері образ історія влада
        закон війна голос тисяча книга можливість результат ніч стіл новий самий великий останній перший добрий інший свій весь один
        такий себе багато дуже можна треба немає теж""",
    "de": """sein haben werden können müssen sagen machen geben kommen sollen wollen gehen wissen sehen lassen stehen finden bleiben liegen
        Zeit Jahr Mensch Tag Mann Frau Kind Land Welt Hand Haus Leben Stadt Teil Ende Fall Frage Weg Krieg Nacht Wasser Arbeit Woche
        Stunde Recht Geld Platz Seite Leute Regierung groß klein neu alt gut lang erst letzt ander ganz viel mehr sehr noch schon immer
        auch gegen ohne unter über zwischen während seit weg frei""",
    "es": """ser estar haber tener hacer poder decir ir ver dar saber querer llegar pasar deber poner parecer quedar creer hablar llevar
        dejar seguir encontrar llamar año tiempo día hombre mujer vida mundo mano cosa país ciudad casa parte gente guerra agua vez
        punto lugar muerte noche niño padre hora forma caso fin orden grande pequeño bueno nuevo primero último joven otro mismo solo
        alto bajo largo más muy bien todavía siempre también antes después contra bajo hacia entre sin frente""",
    "pl": """być mieć móc chcieć musieć wiedzieć powiedzieć mówić robić zrobić iść dać widzieć zostać wziąć stać czas rok dzień człowiek
        życie świat ręka rzecz kraj miasto dom część ludzie wojna woda raz punkt miejsce śmierć noc dziecko ojciec godzina sprawa koniec
        praca słowo strona kobieta prawo siła droga głowa oko sposób duży mały dobry nowy pierwszy ostatni młody inny sam wysoki niski
        długi więcej bardzo dobrze jeszcze zawsze też przed po przeciw pod między bez""",
}


def frequent_words(lang: str) -> frozenset[str]:
    """The list of one language; empty for a language that has none here."""
    return frozenset(FREQUENT.get(lang, "").split())
