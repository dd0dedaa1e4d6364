"""Which forms may a word have? Patterns of each language propose them, and a person who knows the language keeps what is right.

A pattern knows endings, not words: it proposes forms that do not exist for many a word, and misses what changes inside it (vowels that
come and go, umlauts, irregular verbs). It is a proposal to strike from, written in the lexicon's own notation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.steps.lexicon import forms

SUFFIX = 3  # letters of the longest ending; a longer one is a whole word, which has prefixes
MOST_PROPOSED = 6  # patterns of one language for one word


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words that end like this may inflect like that."""

    kind: str  # for the reader: what kind of word it is, and a word that goes like it
    ending: str  # of the dictionary form
    endings: str  # what may stand in its place, as in a lexicon's braces
    after: str = ""  # letters of which one must stand before the ending; any where empty


@dataclass(frozen=True, slots=True)
class Proposal:
    kind: str
    term: str  # ready for the lexicon
    forms: tuple[str, ...]


_ADJ_RU = "его,ему,им,ем,ая,ей,ую,ее,ие,их,ими"
_PAST_RU = "л,ла,ло,ли,в,вш{ий," + _ADJ_RU + "}"
_PAST_UK = "в,ла,ло,ли,вши"
_CONSONANT_RU = "бвдзлмнпрстфц"
_HUSH_RU = "жчшщ"
_THROAT = "гкх"

PATTERNS: dict[str, tuple[Pattern, ...]] = {
    "ru": (
        Pattern("verb, like бежать", "бежать", "бежать,бегу,бежит,бежим,бегут,бежа{" + _PAST_RU + "}"),
        Pattern("verb, like идти", "йти", "йти,йду,йдет,йдем,йдут,шел,шла,шло,шли,шедш{ий," + _ADJ_RU + "},йдя"),
        Pattern("verb, like воевать", "евать", "евать,юю,юет,юем,юют,ева{" + _PAST_RU + "}"),
        Pattern("verb, like требовать", "овать", "овать,ую,ует,уем,уют,уя,ующ{ий," + _ADJ_RU + "},ова{" + _PAST_RU + "},ован{,а,о,ы}"),
        Pattern("verb, like читать", "ать", "ать,аю,ает,аем,ают,ая,ающ{ий," + _ADJ_RU + "},а{" + _PAST_RU + "}"),
        Pattern("verb, like стрелять", "ять", "ять,яю,яет,яем,яют,яя,яющ{ий," + _ADJ_RU + "},я{" + _PAST_RU + "}"),
        Pattern("verb, like решить", "ить", "ить,у,ит,им,ат,и{" + _PAST_RU + "}", _HUSH_RU),
        Pattern("verb, like говорить", "ить", "ить,ю,ит,им,ят,и{" + _PAST_RU + "}"),
        Pattern("verb, like иметь", "еть", "еть,ею,еет,еем,еют,е{" + _PAST_RU + "}"),
        Pattern("verb, like покинуть", "нуть", "нуть,ну,нет,нем,нут,ну{" + _PAST_RU + "},нут{,а,о,ы}"),
        Pattern("adjective, like русский", "ий", "ий,ого,ому,им,ом,ая,ой,ую,ое,ие,их,ими", _THROAT),
        Pattern("adjective, like общий", "ий", "ий," + _ADJ_RU),
        Pattern("adjective, like новый", "ый", "ый,ого,ому,ым,ом,ая,ой,ую,ое,ые,ых,ыми"),
        Pattern("adjective, like военный (also short)", "нный", "нн{ый,ого,ому,ым,ом,ая,ой,ую,ое,ые,ых,ыми},н{,а,о,ы}"),
        Pattern("adjective, like боевой", "ой", "ой,ого,ому,ым,ом,ая,ую,ое,ые,ых,ыми"),
        Pattern("noun, like боец", "ец", "ец,ца,цу,цом,цем,це,цы,цов,цев,цам,цами,цах"),
        Pattern("noun, like солдат", "", ",а,у,ом,е,ы,ов,ам,ами,ах", _CONSONANT_RU),
        Pattern("noun, like окопник", "", ",а,у,ом,е,и,ов,ам,ами,ах", _THROAT),
        Pattern("noun, like мятеж", "", ",а,у,ом,ем,е,и,ей,ам,ами,ах", _HUSH_RU),
        Pattern("noun, like герой", "й", "й,я,ю,ем,е,и,ев,ям,ями,ях"),
        Pattern("noun, masculine, like водитель", "ь", "ь,я,ю,ем,е,и,ей,ям,ями,ях"),
        Pattern("noun, feminine, like часть", "ь", "ь,и,ью,ей,ям,ями,ях"),
        Pattern("noun, like позиция", "ия", "ия,ии,ию,ией,ий,иям,иями,иях"),
        Pattern("noun, like самоволка", "ка", "ка,ки,ке,ку,кой,ок,ек,кам,ками,ках"),
        Pattern("noun, like бригада", "а", "а,ы,и,е,у,ой,,ам,ами,ах"),
        Pattern("noun, like неделя", "я", "я,и,е,ю,ей,ь,ям,ями,ях"),
        Pattern("noun, like неповиновение", "ие", "ие,ия,ию,ием,ии,ий,иям,иями,иях"),
        Pattern("noun, like дезертирство", "о", "о,а,у,ом,е,,ам,ами,ах"),
    ),
    "uk": (
        Pattern("verb, like воювати", "ювати", "ювати,юю,ює,юємо,юють,юючи,юва{" + _PAST_UK + "}"),
        Pattern("verb, like бунтувати", "увати", "увати,ую,ує,уємо,ують,уючи,ува{" + _PAST_UK + "},ував{ання,анням},ован{ий,ого,а,і,их}"),
        Pattern("verb, like тікати", "ати", "ати,аю,ає,аємо,ають,аючи,а{" + _PAST_UK + "}"),
        Pattern("verb, like стріляти", "яти", "яти,яю,яє,яємо,яють,яючи,я{" + _PAST_UK + "}"),
        Pattern("verb, like залишити", "ити", "ити,у,ю,ить,имо,ать,ять,и{" + _PAST_UK + "}"),
        Pattern("verb, like покинути", "нути", "нути,ну,не,немо,нуть,ну{" + _PAST_UK + "},нут{ий,ого,а,і,их}"),
        Pattern("verb, like піти", "йти", "йти,йду,йде,йдемо,йдуть,йшов,йшла,йшло,йшли,йшовши"),
        Pattern("verb, like утекти", "екти", "екти,ечу,ече,ечуть,ік,екла,екло,екли,ікши"),
        Pattern("adjective, like новий", "ий", "ий,ого,ому,им,ім,а,ої,ій,у,ою,е,і,их,ими"),
        Pattern("noun, like боєць", "єць", "єць,йця,йцю,йцеві,йцем,йці,йців,йцям,йцями,йцях"),
        Pattern("noun, like ухилянець", "ець", "ець,ця,цю,цеві,цем,ці,ців,цям,цями,цях"),
        Pattern("noun, like солдат", "", ",а,у,ові,ом,і,и,ів,ам,ами,ах", "бвгдзклмнпрстфх"),
        Pattern("noun, like мятеж", "", ",а,у,еві,ем,і,ів,ам,ами,ах", _HUSH_RU),
        Pattern("noun, like командування", "ння", "ння,нню,нням,нні,нь,ннями,ннях"),
        Pattern("noun, like позиція", "ія", "ія,ії,ію,ією,ій,іям,іями,іях"),
        Pattern("noun, like відмовка", "ка", "ка,ки,ці,ку,кою,ок,кам,ками,ках"),
        Pattern("noun, like частина", "а", "а,и,і,у,ою,,ам,ами,ах"),
        Pattern("noun, like втікачка", "я", "я,і,ю,ею,ь,ям,ями,ях"),
        Pattern("noun, like дезертирство", "о", "о,а,у,ом,і,,ам,ами,ах"),
        Pattern("noun, like здатність", "ість", "ість,ості,істю,остей,остям,остями,остях"),
        Pattern("noun, masculine, like учитель", "ь", "ь,я,ю,еві,ем,і,ів,ям,ями,ях"),
    ),
    "pl": (
        Pattern("verb, like dezerterować", "ować", "ować,uję,uje,ujemy,ują,ując,ujący,ujących,ował,owała,owali,owały,owano,owanie,owania"),
        Pattern("verb, like uciekać", "ać", "ać,am,a,amy,ają,ając,ający,ających,ał,ała,ali,ały,ano,anie,ania"),
        Pattern("verb, like zostawić", "ić", "ić,ię,i,imy,ią,ił,iła,ili,iły,iono,ony,enie,enia"),
        Pattern("verb, like ruszyć", "yć", "yć,ę,y,ymy,ą,ył,yła,yli,yły,ono,ony,enie,enia"),
        Pattern("verb, like uciec", "iec", "iec,ieknie,iekną,iekł,iekła,iekli,iekły"),
        Pattern("verb, like wziąć", "ąć", "ąć,nę,nie,niemy,ną,ął,ęła,ęli,ęły,ęto"),
        Pattern("verb, like odmówić", "ówić", "ówić,ówię,ówi,ówimy,ówią,ówił,ówiła,ówili,ówiły,ówiono,owa,owy"),
        Pattern("adjective, like zbrojny", "y", "y,ego,emu,ym,a,ej,ą,e,i,ych,ymi"),
        Pattern("adjective, like rosyjski", "ki", "ki,kiego,kiemu,kim,ka,kiej,ką,kie,cy,kich,kimi"),
        Pattern("noun, like dezerter", "er", "er,era,erowi,erem,erze,erzy,erów,erom,erami,erach"),
        Pattern("noun, like buntownik", "ik", "ik,ika,ikowi,ikiem,iku,icy,ików,ikom,ikami,ikach"),
        Pattern("noun, like żołnierz", "rz", "rz,rza,rzowi,rzem,rzu,rze,rzy,rzom,rzami,rzach"),
        Pattern("noun, like bunt", "", ",u,a,owi,em,cie,ie,y,ów,om,ami,ach", "bdłmnprstwz"),
        Pattern("noun, like dezercja", "cja", "cja,cji,cję,cją,cje,cjom,cjami,cjach"),
        Pattern("noun, like jednostka", "ka", "ka,ki,ce,kę,ką,ek,kom,kami,kach"),
        Pattern("noun, like brygada", "a", "a,y,ie,ę,ą,,om,ami,ach"),
        Pattern("noun, like opuszczenie", "ie", "ie,ia,iu,iem,iom,iami,iach"),
        Pattern("noun, like wolność", "ość", "ość,ości,ością"),
    ),
    "fr": (
        Pattern("verb, like fuir", "uir", "uir,uis,uit,ui,uie,uis,uies,uient,uyons,uyez,uyant,uyait,uyaient,uirent,uira,uiront,uirait"),
        Pattern("verb, like manger", "ger", "ger,ge,ges,gent,geons,gez,gé,gée,gés,gées,geant,geait,geaient,gea,gèrent,gera,geront,gerait"),
        Pattern("verb, like lancer", "cer", "cer,ce,ces,cent,çons,cez,cé,cée,cés,cées,çant,çait,çaient,ça,cèrent,cera,ceront,cerait"),
        Pattern("verb, like déserter", "er", "er,e,es,ent,ons,ez,é,ée,és,ées,ant,ait,aient,a,èrent,era,eront,erait,eraient"),
        Pattern("verb, like partir", "tir", "tir,s,t,tent,tons,tez,ti,tie,tis,ties,tant,tait,taient,tit,tirent,tira,tiront,tirait"),
        Pattern("verb, like obéir", "ir", "ir,is,it,issent,issons,issez,i,ie,ies,issant,issait,issaient,irent,ira,iront,irait"),
        Pattern("verb, like se rendre", "dre", "dre,ds,d,dent,dons,dez,du,due,dus,dues,dant,dait,daient,dit,dirent,dra,dront,drait"),
        Pattern("verb, like combattre", "ttre", "ttre,ts,t,ttent,ttons,ttez,ttu,ttue,ttus,ttant,ttait,ttaient,ttit,ttirent,ttra,ttront"),
        Pattern("noun with -trice, like directeur", "teur", "teur,teurs,trice,trices"),
        Pattern("noun, like déserteur", "eur", "eur,eurs,euse,euses"),
        Pattern("noun or adjective, like gardien", "ien", "ien,iens,ienne,iennes"),
        Pattern("noun or adjective, like général", "al", "al,aux,ale,ales"),
        Pattern("adjective, like courageux", "eux", "eux,euse,euses"),
        Pattern("adjective, like fugitif", "if", "if,ifs,ive,ives"),
        Pattern("noun, like drapeau", "eau", "eau,eaux"),
        Pattern("noun or adjective, like mutin", "", ",s,e,es", "bcdfghjklmnpqrtvwéiu"),
        Pattern("noun, like unité", "", ",s", "abcdefghijklmnopqrtuvwyéè"),
    ),
    "en": (
        Pattern("verb, like obey", "y", "y,ys,yed,ying", "aeou"),
        Pattern("verb, like mutiny", "y", "y,ies,ied,ying", "bcdfghjklmnpqrstvwxz"),
        Pattern("verb, like mobilise (both spellings)", "ise", "{is,iz}{e,es,ed,ing,ation}"),
        Pattern("verb, like mobilize (both spellings)", "ize", "{is,iz}{e,es,ed,ing,ation}"),
        Pattern("verb, like refuse", "e", "e,es,ed,ing"),
        Pattern("verb, like march", "", ",es,ed,ing", "sxzh"),
        Pattern("verb, like desert", "", ",s,ed,ing", "abcdfgijklmnopqrtuvw"),
        Pattern("who does it, like deserter", "", "er,ers", "bcdfghjklmnprtvwxz"),
        Pattern("noun, like guardsman", "man", "man,men"),
        Pattern("noun, like army", "y", "y,ies", "bcdfghjklmnpqrstvwxz"),
        Pattern("noun, like trench", "", ",es", "sxzh"),
        Pattern("noun, like soldier", "", ",s", "abcdefgijklmnopqrtuvwy"),
    ),
    "de": (
        Pattern("verb, like desertieren", "ieren", "ier{en,e,t,te,ten,end,ende,enden}"),
        Pattern("verb, like weigern", "ern", "er{n,e,t,te,ten,nd,nde,nden}"),
        Pattern("verb, like flüchten", "ten", "t{en,e,et,ete,eten,end,ende,enden}"),
        Pattern("verb, like meutern, kämpfen", "en", "en,e,t,te,ten,end,ende,enden"),
        Pattern("noun, like Deserteur", "eur", "eur,eurs,eure,euren,eurin,eurinnen"),
        Pattern("noun, like Verweigerung", "ung", "ung,ungen"),
        Pattern("noun, like Desertion", "ion", "ion,ionen"),
        Pattern("noun, like Verweigerer", "er", "er,ers,ern,erin,erinnen"),
        Pattern("noun, like Soldat", "at", "at,aten,atin,atinnen"),
        Pattern("noun, like Meuterei", "ei", "ei,eien"),
        Pattern("adjective, like fahnenflüchtig", "", ",e,en,er,es,em", "bcdfghklmnprstz"),
        Pattern("noun, like Befehl", "", ",s,es,e,en", "bcdfghklmnprstz"),
    ),
    "es": (
        Pattern("verb, like amotinarse", "arse", "ar,arse,a,an,ó,aron,aba,aban,ado,ada,ados,adas,ando,ándose,ará,arán,aría,arían"),
        Pattern("verb, like desertar", "ar", "ar,a,an,ó,aron,aba,aban,ado,ada,ados,adas,ando,ará,arán,aría,arían,e,en"),
        Pattern("verb, like desobedecer", "cer", "cer,ce,cen,ció,cieron,cía,cían,cido,cida,cidos,ciendo,cerá,cerán,zca,zcan"),
        Pattern("verb, like romper", "er", "er,e,en,ió,ieron,ía,ían,ido,ida,idos,idas,iendo,erá,erán,ería,a,an"),
        Pattern("verb, like huir", "uir", "uir,uye,uyen,uyó,uyeron,uía,uían,uido,uidos,uyendo,uirá,uirán"),
        Pattern("verb, like combatir", "ir", "ir,e,en,ió,ieron,ía,ían,ido,ida,idos,idas,iendo,irá,irán,iría,a,an"),
        Pattern("noun, like deserción", "ión", "ión,iones"),
        Pattern("noun, like desertor", "or", "or,ora,ores,oras"),
        Pattern("noun, like motín", "ín", "ín,ines"),
        Pattern("noun or adjective, like soldado", "o", "o,a,os,as"),
        Pattern("noun, like trinchera", "a", "a,as"),
        Pattern("noun or adjective, like combatiente", "e", "e,es"),
        Pattern("noun, like voz", "z", "z,ces"),
        Pattern("noun, like unidad", "", ",es", "dljnrsy"),
    ),
}

#: Letters of which one tells the alphabet, and with it the languages in which a word may stand.
_VOWELS = "аеиоуыэюяё"
_PARTICIPLE = re.compile("(вш|ющ|ущ|ящ|ащ)(ий|" + _ADJ_RU.replace(",", "|") + ")$")
_CYRILLIC, _UKRAINIAN, _RUSSIAN = frozenset("абвгдежзийклмнопрстуфхцчшщьюяіїєґыэъё"), frozenset("іїєґ"), frozenset("ыэъё")


def languages_of(word: str) -> tuple[str, ...]:
    """The languages whose letters the word is written in."""
    letters = set(word.lower())
    if not letters & _CYRILLIC:
        return tuple(lang for lang in PATTERNS if lang not in ("ru", "uk"))
    return ("uk",) if letters & _UKRAINIAN else ("ru",) if letters & _RUSSIAN else ("ru", "uk")


def propose(word: str, lang: str) -> list[Proposal]:
    """How a word may inflect in a language, by the patterns of the longest endings; nothing where no pattern fits."""
    reflexive = next((end for end in ("ся", "сь") if lang in ("ru", "uk") and word.endswith(end)), "")
    bare = word.removesuffix(reflexive)
    fitting = sorted((pattern for pattern in PATTERNS[lang] if _fits(bare, pattern)), key=lambda pattern: -len(pattern.ending))
    proposals = []
    for pattern in fitting:
        better = [other for other in fitting if other.kind.split(",")[0] == pattern.kind.split(",")[0]]
        if len(pattern.ending) < len(better[0].ending) or (reflexive and not pattern.kind.startswith("verb")):
            continue  # a longer ending of the same kind of word says it better
        stem = bare.removesuffix(pattern.ending) if pattern.ending else bare
        term = f"{stem}{{{pattern.endings}}}"
        found = forms(term)
        if reflexive:
            found = [_reflexive(form, lang) for form in found]
            term = stem + "{" + ",".join(form.removeprefix(stem) for form in found) + "}"
        proposals.append(Proposal(pattern.kind, term, tuple(found)))
    return proposals[:MOST_PROPOSED]


def _fits(word: str, pattern: Pattern) -> bool:
    stem = word.removesuffix(pattern.ending) if pattern.ending else word
    ends = word.endswith(pattern.ending) and (stem or len(pattern.ending) > SUFFIX)
    return bool(ends) and (not pattern.after or stem[-1:].lower() in tuple(pattern.after))


def _reflexive(form: str, lang: str) -> str:
    """Russian: ся after a consonant and in participles, сь after a vowel. Ukrainian: ться after є and е, else ся."""
    if lang == "uk":
        return form + ("ться" if form[-1] in "єе" else "ся")
    return form + ("сь" if form[-1] in _VOWELS and not _PARTICIPLE.search(form) else "ся")
