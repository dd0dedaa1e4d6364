"""What does a piece of HTML say as plain text? For titles, summaries and contents that feeds carry, at any depth and in linear time."""

from __future__ import annotations

import html
import re
from typing import Any

#: Elements that begin a new line; cells only set words apart.
BLOCKS = re.compile(
    r"address|article|aside|blockquote|br|caption|center|d[dlt]|details|div|fieldset|fig(?:caption|ure)|footer|form|h[1-6]|hr|header|li|main|nav"
    r"|[ou]l|option|p|pre|section|summary|table|tbody|tfoot|thead|tr"
)
CELLS = frozenset({"td", "th", "img"})
SILENT = frozenset({"script", "style"})  # their content is no text

#: A comment, a tag (quotes may hold ">"), a broken tag, a declaration. No part looks beyond the next "<".
TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|</?([A-Za-z][\w:.-]*)(?:(?>[^<>\"']+|\"[^\"<]*\"|'[^'<]*')*>|[^<>]*>)|<[!?][A-Za-z\[][^<>]*>",
    re.DOTALL,
)
#: What no text needs: controls, lone surrogates, noncharacters. Tab, newline and carriage return are white space.
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def plain(markup: str | None) -> str:
    """Text of `markup`: tags removed, entities resolved, one line a block, white space folded. Emoji and bidi controls stay."""
    if not markup:
        return ""
    if "<" not in markup:
        return _folded(html.unescape(markup))
    parts: list[str] = []
    position, silent = 0, ""
    for token in TOKEN.finditer(markup):
        if not silent:
            parts.append(html.unescape(markup[position : token.start()]).replace("\n", " ").replace("\r", " "))
        position = token.end()
        name = (token.group(1) or "").lower()
        if silent:
            silent = "" if name == silent and markup.startswith("</", token.start()) else silent
        elif name in SILENT and not markup.startswith("</", token.start()):
            silent = name
        elif BLOCKS.fullmatch(name):
            parts.append("\n")
        elif name in CELLS:
            parts.append(" ")
    if not silent:
        parts.append(html.unescape(markup[position:]).replace("\n", " ").replace("\r", " "))
    return _folded("".join(parts))


def one_line(markup: str | None) -> str:
    """Like plain(), on one line: for titles and names."""
    return plain(markup).replace("\n", " ")


def document(text: str) -> Any | None:
    """An HTML page as a tree, however deep and broken; None for a page without a single element."""
    from lxml import etree
    from lxml import html as lxml_html

    parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    try:
        return lxml_html.document_fromstring(CONTROLS.sub("", text).encode("utf-8"), parser=parser)
    except etree.ParserError:
        return None


def _folded(text: str) -> str:
    if text.isprintable():  # one line, without controls
        return " ".join(text.split())
    lines = (" ".join(line.split()) for line in CONTROLS.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)
