"""What on a page is not the article: menus, related links, calls to subscribe, comments, footers?

Two passes. `prune` takes elements out of the tree before extraction, `clean` takes lines out of the extracted text. Both go by what a
part is (its name, its share of links, its repetition, whom it addresses), never by the outlet, and both give up where a rule would take
much of the prose: then its name lies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

MOST_PROSE = 0.2  # share of a page's prose that the elements of one name may hold; more, and it is a name of the layout
MOST_LINKED = 0.85  # share of a block's text inside links; more, and it is a pointer to other articles
SHORTEST_TEASER = 20  # characters; a shorter block that is all link may be a name
LONGEST_LABEL = 45  # characters before the link in "Read also: …"
SHORTEST_PROSE = 60  # characters of a paragraph that counts as prose
MOST_TAIL = 0.25  # share of the text that a tail cut may take
TOP_LINES = 8  # first lines in which title, dates and bylines are repeated
SHORTEST_RUN = 3  # lines repeated in a row that make a table of contents or of captions
CHUNK = 400  # characters of prose in each part of a body that is cut into parts

_ZONE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|recirc\w*|more-?(?:on|from|stories|news|articles)|(?:also|read)-?(?:read|more|also|next)|see-?also"
    r"|most-?(?:read|popular|viewed|shared)|popular|trending|latest|newsletter\w*|subscri\w*|sign-?up|paywall|cookies?|consent|gdpr|breadcrumbs?"
    r"|share|sharing|social\w*|comments?|disqus\w*|outbrain|taboola|sponsor\w*|promo\w*|advert\w*|ad-(?:slot|unit|container|wrapper|box|label)"
    r"|banner|footer|nav|navigation|menu|toolbar|tags?|captions?|credits?|copyright|author-?(?:box|bio|card|info)|about-?(?:the-)?author"
    r"|teasers?|widget|sidebar|rating|poll|survey|lire-?aussi|correction-?form|feedback|donat\w*|support-?us|inline-?(?:related|link\w*)"
    r"|embed\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|__+|:+|/+")
_ALWAYS = ("nav", "footer", "aside", "form", "button", "noscript", "iframe", "select", "template", "figcaption", "dialog", "svg", "menu")
_NAMED = ("div", "section", "ul", "ol", "p", "span", "figure", "details", "table", "dl")
_LABEL = re.compile(r"^[^.!?…]{0,45}[:|»›>]\s*$")


def prune(tree: Any) -> None:
    """Takes zones out of a parsed page, in place. Text that follows an element stays."""
    most = MOST_PROSE * (_prose(tree) or 1)
    named: dict[str, list[Any]] = {}
    for element in tree.iter(*_ALWAYS):
        named.setdefault(element.tag, []).append(element)
    for element in tree.iter(*_NAMED):
        name = _name(element)
        if len(name) > 1 and _ZONE.search(_CAMEL.sub("-", name)):
            named.setdefault(name, []).append(element)
    for alike in named.values():
        if sum(map(_prose, alike)) <= most:
            for element in alike:
                _drop(element)
    for element in [e for e in tree.iter("ul", "ol") if _lists_links(e)]:
        _drop(element)
    for element in [e for e in tree.iter("p", "li", "h2", "h3", "h4") if _points_elsewhere(e)]:
        _drop(element)


def _name(element: Any) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"


def _drop(element: Any) -> None:
    if element.getparent() is not None and element.find(".//h1") is None:
        element.drop_tree()


def _prose(element: Any) -> int:
    """Characters in paragraphs that read as prose: long enough, and not links."""
    return sum(length for p in element.iter("p") if (length := _length(p)) > SHORTEST_PROSE and _linked(p) < length * 0.5)


def _length(element: Any) -> int:
    return sum(map(len, element.itertext()))


def _linked(element: Any) -> int:
    return sum(_length(a) for a in element.iter("a"))


def _points_elsewhere(element: Any) -> bool:
    """A block that is nothing but links to other articles, or a label and such a link ("Read also: …")."""
    links = _linked(element)
    if links < SHORTEST_TEASER:
        return False
    text = "".join(element.itertext()).strip()
    if links >= MOST_LINKED * len(text):
        return True
    before = len(text) - links
    return before <= LONGEST_LABEL and _LABEL.match(text[:before]) is not None


def _lists_links(element: Any) -> bool:
    """A list of pointers: most of what nearly every item says is its link."""
    items = element.findall("li")
    pointers = sum(2 * _linked(item) >= len("".join(item.itertext()).strip()) > 0 for item in items)
    return pointers >= 2 and pointers >= 0.8 * len(items)


def join_chunks(tree: Any) -> None:
    """Marks the common ancestor of a body that is cut into parts of one name (by adverts, say), so that all of them are read."""
    parts: dict[tuple[str, Any], list[Any]] = {}
    for element in tree.iter("div", "section"):
        name = element.get("class", "").strip()
        if name and not _ZONE.search(_CAMEL.sub("-", name)):
            parts.setdefault((name, next(element.iterancestors("article"), None)), []).append(element)
    total = _prose(tree)
    for alike in parts.values():
        if not 2 <= len(alike) <= 50:
            continue
        sizes = [_own_prose(e) for e in alike]
        if sum(sizes) >= 0.5 * total and sum(s >= CHUNK for s in sizes) >= 2 and max(sizes) < 0.8 * sum(sizes):
            whole = _common([e for e, size in zip(alike, sizes, strict=True) if size])
            if len(whole.findall(".//h1")) <= 1:
                whole.set("itemprop", "articleBody")
            return


def _own_prose(element: Any) -> int:
    return sum(length for p in element.findall("p") if (length := _length(p)) > SHORTEST_PROSE)


def _common(elements: list[Any]) -> Any:
    above = [list(reversed([e, *e.iterancestors()])) for e in elements]
    shared = [level[0] for level in zip(*above, strict=False) if all(x is level[0] for x in level)]
    return shared[-1]


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[.!?…。！？»”\"]\s*$")

#: Calls on the reader, and labels of what is not the article. Matched at the start of a line.
_CALL = re.compile(
    r"^\W*(?:"
    # read also
    r"read (?:more|also|next)|see (?:also|more)|also (?:read|on)\b|more (?:on|about|from) this|related(?: (?:articles?|stories|posts|news|content|topics))?\b\W*$"
    r"|don'?t miss\W*$|recommended(?: for you)?\W*$|most read|popular articles?\W*$|explore further|you (?:may|might) also like"
    r"|lire (?:la suite|aussi)|à lire(?: aussi| également)?\b|et aussi\W*$|voir aussi|sur le même sujet"
    r"|lesen sie (?:auch|mehr|dazu)|lies auch|auch interessant|mehr (?:zum thema|dazu|themen)|weiterführende links|ähnliche(?: artikel)?\s*:?$|das könnte sie"
    r"|lee también|lea también|te puede interesar|leer más|más información|leggi anche|leia (?:também|mais)|veja também"
    r"|czytaj (?:też|także|więcej)|zobacz (?:też|także)|przeczytaj (?:też|także)|les også|läs (?:också|även|mer)|læs også"
    r"|читайте (?:также|нас|ещё|еще|далее)|читать (?:также|далее|ещё|еще)|смотрите также|по теме\W*$|также по теме|похожие (?:статьи|новости)"
    r"|читайте також|читати також|дивіться також|за темою\W*$|чытайце таксама"
    # follow, subscribe, comment, share
    r"|(?:subscribe|sign up|register|join)\b[^.]{0,80}\b(?:newsletter|today|now|free|inbox|channel|updates|here)"
    r"|(?:follow|like|find|join) (?:us|him|her|me|the \w+ ?\w*|@?\w+) on (?:twitter|facebook|instagram|x\b|telegram|whatsapp|youtube|linkedin)"
    r"|get (?:the|our|more)\b[^.]{0,60}\b(?:app|newsletter|inbox|briefing)|click here\b|tell us what you think|(?:like|love|enjoy) (?:this|our)\b[^.]{0,40}\?"
    r"|would you like to comment|share this|leave a comment|comments?\W*$|reach the reporters?|write to \w+ \w+ at|do you have a (?:story|tip)"
    r"|abonnez-vous|inscrivez-vous|recevez (?:notre|nos)|suivez-nous|partager\W*$|commentaires?\W*$"
    r"|abonnieren sie|jetzt abonnieren|folgen sie uns|kommentare?\W*$|teilen\W*$|suscr[ií]bete|síguenos|comentarios?\W*$"
    r"|подпис(?:ывайтесь|аться|ывайся|ысь|итесь|ись)|следите за|поделиться\W*$|комментарии\W*$|присоединяйтесь|наш (?:телеграм|telegram)"
    r"|підпис(?:уйтесь|уйся|атися|ывайтесь)|стежте за|поділитися\W*$|коментарі\W*$|приєднуйтесь|падпісвайцеся"
    # rights, cookies
    r"|(?:copyright|©|\(c\)|ⓒ)|all rights reserved|alle rechte vorbehalten|tous droits réservés|все права защищены|усі права захищ|todos los derechos"
    r"|this website uses cookies|we use cookies|nous utilisons des cookies|wir verwenden cookies|our standards: the"
    r"|(?:tags?|filed under|etiketler|schlagworte|mots[- ]clés|теги|тэги|метки|теґи)\s*:"
    r")",
    re.IGNORECASE,
)
#: Lines above the text that repeat what stands in other fields.
_TOP = re.compile(
    r"^\W*(?:(?:by|von|par|por|di|автор\w*|текст|av|od)[:\s]\s*[\w.’' -]{3,60}|(?:published|updated|posted|stand|veröffentlicht|aktualisiert|publié|mis à jour|publicado"
    r"|actualizado|опубликовано|обновлено|оновлено|опубліковано|uppdaterad|publicerad)\b.{0,60}|\d{1,3} (?:min|minuten|minutes|мин|хв)\b.{0,20}"
    r"|.{0,25}\b\d{1,2}[./:]\d{2}\b.{0,25}|\W*\d{1,2}[. ]\s?\w+[. ]\s?\d{4}.{0,20}|home\s*[»>/].*)$",
    re.IGNORECASE,
)


def clean(text: str, title: str) -> str:
    """The lines of an extracted text without those of a zone: repeated titles, dates and bylines above, pointers inside, calls below."""
    lines = [line for line in text.split("\n") if _WORD.search(line)]
    lines = _without_top(lines, title)
    lines = _without_repeats(lines)
    return "\n".join(_without_calls(lines))


def key(line: str) -> str:
    """What makes two lines the same: their words."""
    return " ".join(_WORD.findall(line.lower()))


def _without_top(lines: list[str], title: str) -> list[str]:
    name = key(title)
    for index, line in enumerate(lines[:TOP_LINES]):
        own = key(line)
        if _prosaic(line) and own != name:
            return [*(x for x in lines[:index] if not _above(x, name)), *lines[index:]]
    return [*(x for x in lines[:TOP_LINES] if not _above(x, name)), *lines[TOP_LINES:]]


def _above(line: str, name: str) -> bool:
    own = key(line)
    return (
        bool(name)
        and (own == name or (len(own) > 15 and (own in name or name in own) and len(own) < 1.6 * len(name)))
        or bool(_TOP.match(line))
    )


def _prosaic(line: str) -> bool:
    return len(line) > 2 * SHORTEST_PROSE and _SENTENCE.search(line) is not None


def _without_repeats(lines: list[str]) -> list[str]:
    """Each line once: of a run that is repeated (captions listed above their pictures) the later ones stay, of a single line the first."""
    keys = [key(line) for line in lines]
    last = {k: i for i, k in enumerate(keys)}
    kept: list[str] = []
    seen: set[str] = set()
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and keys[end] and last[keys[end]] > end:
            end += 1
        if end - index >= SHORTEST_RUN and len({*keys[index:end]}) == end - index:
            index = end
            continue
        if not (keys[index] in seen and len(keys[index]) > SHORTEST_PROSE):
            kept.append(lines[index])
        seen.add(keys[index])
        index += 1
    return kept


def _without_calls(lines: list[str]) -> list[str]:
    calls = [bool(_CALL.match(line)) and len(line) < 400 for line in lines]
    total = sum(map(len, lines)) or 1
    for index, call in enumerate(calls):  # all below a call that has little prose is the page's end
        if call and sum(map(len, lines[index:])) <= MOST_TAIL * total and not any(_prosaic(x) for x in lines[index + 1 :]):
            return [x for x, c in zip(lines[:index], calls, strict=False) if not c]
    return [x for x, c in zip(lines, calls, strict=True) if not c]
