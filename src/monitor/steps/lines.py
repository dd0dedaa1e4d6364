"""Which lines of an extracted text are not the article: repeated titles and captions, pointers to other articles, calls on the reader?

A line goes by what it says as a whole; none is dropped for a word inside a sentence of prose.
"""

from __future__ import annotations

import re

TOP_LINES = 8  # first lines in which title, dates and bylines are repeated
SHORTEST_RUN = 3  # lines in a row that come again below: a list of captions or of contents
SHORTEST_REPEAT = 60  # characters of a single line that is said once only
SHORTEST_PROSE = 120  # characters of a line that is certainly prose
LONGEST_CALL = 400  # characters; a longer line is prose with a call in it
MOST_TAIL = 0.25  # share of the text that may go with a call, as the end of the page

#: How pointers and calls begin, by language. They address the reader; a sentence of news does not begin like this.
_CALLS = (
    # en
    r"read (?:more|also|next)\b|see (?:also|more)\b|also read\b|related(?: (?:articles?|stories|posts|news|content|topics))?\W*$"
    r"|related:|more (?:on|about|from) this\b|more (?:on|about|from)\W*$|don'?t miss\W*$|recommended(?: for you)?\W*$"
    r"|most read\b.{0,20}$|explore further|popular articles?\W*$|you (?:may|might) also like"
    r"|(?:subscribe|sign up)\b.{0,80}\b(?:newsletter|inbox|channel|briefing)|subscribe now\W*$"
    r"|(?:follow|like|find|join) (?:us|me|the \w+(?: \w+)?|@?\w+) on (?:twitter|facebook|instagram|x|telegram|whatsapp|youtube|linkedin)\b"
    r"|get (?:the|our)\b.{0,60}\b(?:app|newsletter|inbox|briefing)\b|click here\b|tell us what you think"
    r"|(?:like|enjoy\w*|love) (?:this|our) .{0,40}\?|would you like to comment|share this\b|leave a comment|comments?\W*$"
    r"|please read our comment|reach the reporters?\b|write to \w+ \w+ at\b|do you have a (?:story|tip)|all rights reserved"
    r"|(?:this website|we) uses? cookies|our standards: |(?:tags?|filed under)\s*:",
    # fr
    r"lire (?:la suite|aussi|également)\b|à lire(?: aussi| également)?\b|et aussi\W*$|voir aussi\b|sur le même sujet|abonnez-vous"
    r"|inscrivez-vous à|recevez (?:notre|nos)|suivez-nous|partager\W*$|commentaires?\W*$|nous utilisons des cookies"
    r"|tous droits réservés|mots[- ]clés\s*:",
    # de
    r"lesen sie (?:auch|mehr|dazu|hier)\b|lies auch\b|auch interessant\W*$|mehr (?:zum thema|themen)\b|weiterführende links"
    r"|ähnliche(?: artikel)?\W*$|das könnte sie|abonnieren sie|jetzt abonnieren|folgen sie uns|kommentare?\W*$|teilen\W*$"
    r"|wir verwenden cookies|alle rechte vorbehalten|schlagworte\s*:",
    # es, it, pt
    r"lee también|lea también|te puede interesar|leer más|suscr[ií]bete|síguenos|comentarios?\W*$|todos los derechos|leggi anche"
    r"|iscriviti|tutti i diritti|leia (?:também|mais)|veja também|inscreva-se|todos os direitos",
    # pl, no, sv, da, tr
    r"(?:czytaj|zobacz|przeczytaj) (?:też|także|więcej|również)|wszelkie prawa|les også|læs også|läs (?:också|även|mer)\b|ilgili haber"
    r"|etiketler\s*:",
    # ru
    r"читайте (?:также|нас|ещ[её]|далее)|читать (?:также|далее|ещ[её])|смотрите также|(?:также )?по теме\W*$"
    r"|похожие (?:статьи|новости)\W*$|подпи(?:сывайтесь|шитесь|шись)|подписаться(?: на (?:рассылку|канал|нас|новости).{0,60})?\W*$"
    r"|следите за (?:нами|новостями|нашими|обновлениями)|поделиться\W*$|комментарии\W*$|присоединяйтесь к н|наш (?:телеграм|telegram)"
    r"|все права защищены|(?:теги|тэги|метки)\s*:",
    # uk, be
    r"читайте також|читати (?:також|далі)|дивіться також|за темою\W*$|підпи(?:суйтесь|суйтеся|шіться)|підписатися\W*$"
    r"|стежте за (?:нами|новинами|нашими)|поділитися\W*$|коментарі\W*$|приєднуйтесь до н|усі права захищ|теґи\s*:|чытайце таксама"
    r"|падпі(?:свайцеся|шыцеся)",
    # everywhere
    r"copyright\b|©|ⓒ|\(c\) (?:19|20)\d\d|<copyright",
)
_CALL = re.compile(r"^\W*(?:" + "|".join(_CALLS) + ")", re.IGNORECASE)

_DATE = re.compile(
    r"\d{1,2}[./]\d{1,2}[./](?:20)?\d\d|20\d\d-\d\d-\d\d|\d{1,2}\.? (?:de )?[^\W\d]{3,}\.?,? (?:de )?20\d\d"
    r"|[^\W\d]{3,20}\.? \d{1,2}(?:st|nd|rd|th)?, 20\d\d"
)
_ABOUT = re.compile(
    r"^\W*(?:published|updated|posted|last updated|stand|veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado"
    r"|опубликовано|обновлено|опубліковано|оновлено|uppdaterad|publicerad|publisert|oppdatert)\b.{0,60}$"
    r"|^\W*\d{1,3}[ -](?:min|minuten|minutes|minute|мин|минут\w*|хв)\b.{0,25}$|^\W*home\s*[»>/›].*$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^\W*(?i:written by|by|von|par|por|di|av|af|od|автор\w*|текст)[:\s]\s*"
    r"(?:[^\W\d_a-zа-яґєії][\w.’'-]*,?\s*(?:(?:and|und|et|y|e|i|и|та|och|og|von|de|van)\s+)?){1,8}$"
)
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_END = re.compile(r"[.!?…。！？»”\"]\s*$")


def key(line: str) -> str:
    """What makes two lines the same: their words."""
    return " ".join(_WORD.findall(line.lower()))


def clean(text: str, title: str) -> str:
    """The lines of an extracted text that are the article, one paragraph a line."""
    lines = [line.strip() for line in text.split("\n") if _WORD.search(line)]
    return "\n".join(_without_calls(_without_repeats(_without_top(lines, title))))


def _without_top(lines: list[str], title: str) -> list[str]:
    """Without what stands in other fields, above the first line of prose."""
    name = key(title)
    prose = next((i for i, line in enumerate(lines[:TOP_LINES]) if _is_prose(line) and key(line) != name), TOP_LINES)
    return [*(line for line in lines[:prose] if not _is_above(line, name)), *lines[prose:]]


def _is_above(line: str, name: str) -> bool:
    own = key(line)
    if name and (own == name or (len(own) > 15 and (own in name or name in own) and len(own) < 1.6 * len(name))):
        return True
    dated = _DATE.search(line) and len(_LETTERS.findall(line)) <= 6 and not line.endswith(".")
    return bool(dated or _ABOUT.match(line) or _BYLINE.match(line))


def _is_prose(line: str) -> bool:
    return len(line) >= SHORTEST_PROSE and _END.search(line) is not None


def _without_repeats(lines: list[str]) -> list[str]:
    """Each line once: of a run that comes again (captions listed above their pictures) the later ones stay, of a single line the first."""
    keys = [key(line) for line in lines]
    last = {own: place for place, own in enumerate(keys)}
    kept: list[str] = []
    seen: set[str] = set()
    place = 0
    while place < len(lines):
        end = place
        while end < len(lines) and last[keys[end]] > end and keys[end] not in keys[place:end]:
            end += 1
        if end - place >= SHORTEST_RUN:
            place = end
            continue
        if keys[place] not in seen or len(keys[place]) < SHORTEST_REPEAT:
            kept.append(lines[place])
        seen.add(keys[place])
        place += 1
    return kept


def _without_calls(lines: list[str]) -> list[str]:
    """Without calls and pointers; what follows a call and has no prose is the end of the page, and goes too."""
    calls = [len(line) < LONGEST_CALL and _CALL.match(line) is not None for line in lines]
    most = MOST_TAIL * sum(map(len, lines))
    prose = max((place for place, line in enumerate(lines) if _is_prose(line) and not calls[place]), default=-1)
    end = next((p for p, call in enumerate(calls) if call and p > prose and sum(map(len, lines[p:])) <= most), len(lines))
    return [line for line, call in zip(lines[:end], calls[:end], strict=True) if not call]
