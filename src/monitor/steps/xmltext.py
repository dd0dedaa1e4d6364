"""How is ill-formed XML made readable? Text that every parser takes, without DOCTYPE, CDATA, comments, and nothing that was said lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

MOST_ENTITIES = 200  # that a DOCTYPE may define; others stay as they are written
LONGEST_ENTITY = 1_000  # characters of one definition, which refers to no other
LONGEST_TAG = 20_000  # characters; a longer start tag loses its attributes, of which parsers compare each with each
NEAR_TAG = 300  # characters of a start tag that is looked for before an unclosed CDATA section

#: Windows-1252 signs that were written as C1 controls, as browsers read them (HTML §13.2.5.80).
C1 = {code: bytes([code]).decode("cp1252", "ignore") or None for code in range(0x80, 0xA0) if code != 0x85}
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
CONTROL = re.compile(r"[\x80-\x9f]")
CONSTRUCT = re.compile(r"<!--|<!\[CDATA\[|<!DOCTYPE|<\?|<!", re.IGNORECASE)
REFERENCE = re.compile(r"&(?:#([xX]?)([0-9A-Fa-f]{1,20})[0-9A-Fa-f]*;?|([A-Za-z][A-Za-z0-9]{0,31});)?")  # more digits name no character
PAIR = re.compile(r"&#(?:[xX]([dD][89abAB][0-9A-Fa-f]{2})|(5[5-6]\d{3}));&#(?:[xX]([dD][c-fC-F][0-9A-Fa-f]{2})|(5[6-7]\d{3}));")
BARE_LESS = re.compile(r"<(?![A-Za-z_/:])|<(?=[A-Za-z_:][\w:.-]*/[^>])")  # "<svg/onload=x>" would end with the next tag (SGML's short form)
DOCTYPE_END = re.compile(r"\]\s*>")
DEFINITION = re.compile(r"<!ENTITY\s+([\w.-]{1,50})\s+(?:\"([^\"]*)\"|'([^']*)')\s*>")
BEFORE_ROOT = re.compile(r"<(?:\?xml|!DOCTYPE|!--|[A-Za-z_])")
XML_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos"})
ENDLESS_TAG = re.compile(rf"<([A-Za-z_][\w:.-]{{0,99}})\s[^<>]{{{LONGEST_TAG},}}>")
OPEN_TAG = re.compile(r"<([A-Za-z_][\w:.-]*)[^<>]*>\s*\Z")


def cleaned(text: str) -> str:
    """`text` without prolog, DOCTYPE, processing instructions, comments and forbidden characters; CDATA escaped, references harmless.

    Surrogate pairs written as two references become their character, other references to what is no character vanish,
    HTML's named entities become characters, a bare "&" or "<" is escaped. External entities are never looked at.
    """
    text = permitted(text)
    start = BEFORE_ROOT.search(text)
    text = text[start.start() :] if start else text
    return ENDLESS_TAG.sub(r"<\1>", "".join(_Reader(text).parts()))


def permitted(text: str) -> str:
    """`text` without characters that no XML may hold, and with those that were meant by C1 controls."""
    return FORBIDDEN.sub("", text.translate(C1) if CONTROL.search(text) else text)


class _Reader:
    """One pass over the text. What was once looked for in vain is not looked for again, so the pass stays linear."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.entities: dict[str, str] = {}
        self.declared = False
        self.missing: set[str] = set()

    def parts(self) -> Iterator[str]:
        position = 0
        while construct := CONSTRUCT.search(self.text, position):
            before = self.text[position : construct.start()]
            yield _markup(before, self.entities)
            kind, begin = construct.group().upper(), construct.end()
            if kind == "<![CDATA[":
                end, position = self._cdata(begin, before)
                yield html.escape(_characters(self.text[begin:end]), quote=False)
            elif kind == "<!DOCTYPE" and not self.declared:
                self.declared = True
                position = self._doctype(begin)
            else:
                position = self._after({"<!--": "-->", "<?": "?>"}.get(kind, ">"), begin)
        yield _markup(self.text[position:], self.entities)

    def _find(self, token: str, begin: int) -> int:
        found = -1 if token in self.missing else self.text.find(token, begin)
        if found < 0:
            self.missing.add(token)
        return found

    def _after(self, end: str, begin: int) -> int:
        """Where what follows `end` begins; an unfinished construct swallows nothing but its own start."""
        found = self._find(end, begin)
        return found + len(end) if found >= 0 else begin

    def _cdata(self, begin: int, before: str) -> tuple[int, int]:
        """Where a CDATA section's content ends, and what follows; one that is never closed ends with the element that it stands in."""
        end = self._find("]]>", begin)
        if end >= 0:
            return end, end + 3
        inside = OPEN_TAG.search(before[-NEAR_TAG:])
        closing = self._find(f"</{inside.group(1)}", begin) if inside else -1
        end = closing if closing >= 0 else len(self.text)
        return end, end

    def _doctype(self, begin: int) -> int:
        """Past the DOCTYPE; plain entities that it defines are noted."""
        close = self.text.find(">", begin)
        bracket = self.text.find("[", begin, close)
        end = DOCTYPE_END.search(self.text, bracket) if bracket >= 0 else None
        if end is None:
            return close + 1 if close >= 0 else begin
        for match in DEFINITION.finditer(self.text, bracket, end.start()):
            value = match.group(2) or match.group(3) or ""
            if len(self.entities) < MOST_ENTITIES and len(value) <= LONGEST_ENTITY and not re.search(r"&(?!#)|%", value):
                self.entities.setdefault(match.group(1), html.escape(_characters(value), quote=False))
        return end.end()


def _characters(text: str) -> str:
    """CDATA's own references stay as they are: they belong to the HTML inside. Only hostile ones go."""
    return REFERENCE.sub(lambda match: match.group() if not match.group(2) or _number(match) else "", PAIR.sub(_joined, text))


def _markup(text: str, entities: dict[str, str]) -> str:
    if "&" in text:
        text = REFERENCE.sub(lambda match: _reference(match, entities), PAIR.sub(_joined, text))
    return BARE_LESS.sub("&lt;", text)


def _joined(pair: re.Match[str]) -> str:
    """Two references that are the halves of one character (UTF-16)."""
    high = int(pair.group(1), 16) if pair.group(1) else int(pair.group(2))
    low = int(pair.group(3), 16) if pair.group(3) else int(pair.group(4))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return pair.group()
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _number(match: re.Match[str]) -> str:
    """The character that a numeric reference names; empty for one that no XML may hold."""
    base, digits = (16, match.group(2)) if match.group(1) else (10, match.group(2))
    if base == 10 and not digits.isdigit():
        return ""
    code = int(digits, base)
    if 0x80 <= code < 0xA0:
        return C1.get(code) or ""
    if code > 0x10FFFF or (code < 0x20 and code not in (9, 10, 13)):
        return ""
    return FORBIDDEN.sub("", chr(code))


def _reference(match: re.Match[str], entities: dict[str, str]) -> str:
    if match.group(2):
        return html.escape(_number(match), quote=False)
    name = match.group(3)
    if not name:
        return "&amp;"
    if name in XML_NAMES:
        return match.group()
    if name in entities:
        return entities[name]
    if found := html5.get(name + ";"):
        return html.escape(found, quote=False)
    return "&amp;" + match.group()[1:]
