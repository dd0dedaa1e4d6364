"""Does a page without text carry it in its data: JSON-LD's articleBody, or the strings from which a script would build the page?"""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from monitor.steps.lines import key

SHORTEST = 300  # characters; less is a teaser
LONGEST_SCRIPT = 3_000_000  # characters of one script looked at
MOST_STRINGS = 200  # long strings of a page that are looked at
FEWEST_PARAGRAPHS = 2
MOST_EXTRACTED = 0.6  # share of articleBody from which on the extracted text is taken for complete

#: A string, or what begins like one up to the end of its line: every character is looked at once.
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)("|\n|\Z)')
_PARAGRAPH = re.compile(r"<p[ >]", re.IGNORECASE)
_BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote")
_SENTENCES = re.compile(r"(?<=[.!?…»”\"]) (?=[^\W\d_a-zа-я])")


def more_complete(text: str, article_body: str) -> str:
    """articleBody in place of `text`, where that is much longer and says the same besides; else "". Sentences become lines."""
    body = "\n".join(dict.fromkeys(_SENTENCES.split(article_body)))
    if len(body) < SHORTEST or len(text) >= MOST_EXTRACTED * len(body):
        return ""
    told = key(body)
    lines = [own for line in text.split("\n") if (own := key(line))]
    same = sum(len(own) for own in lines if own in told)
    return body if same >= 0.5 * sum(map(len, lines)) else ""


def text_in_scripts(tree: Any) -> str:
    """The text of the longest HTML fragment among the strings of a page's scripts; "" where there is none."""
    fragments = [f for script in tree.iter("script") if script.text and len(script.text) <= LONGEST_SCRIPT for f in _fragments(script.text)]
    texts = (_plain(fragment) for fragment in sorted(fragments, key=len, reverse=True)[:3])
    return next((text for text in texts if len(text) >= SHORTEST), "")


def _fragments(script: str) -> list[str]:
    """Strings that are HTML with paragraphs; a string may be escaped twice, JSON inside JSON."""
    found = []
    for string in _strings(script):
        for text in (string, *_strings(string)):
            if len(_PARAGRAPH.findall(text)) >= FEWEST_PARAGRAPHS and not text.lstrip().startswith(("{", "[")):
                found.append(text)
    return found


def _strings(script: str) -> list[str]:
    """The long strings of a script, or of JSON, without their escapes."""
    long = (match[1] for match in _STRING.finditer(script) if match[2] == '"' and len(match[1]) >= SHORTEST)
    return [_unescaped(raw) for raw in islice(long, MOST_STRINGS)]


def _unescaped(raw: str) -> str:
    try:
        value = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def _plain(fragment: str) -> str:
    from lxml import etree
    from lxml.html import HTMLParser, fragment_fromstring

    try:
        root = fragment_fromstring(fragment, create_parent="div", parser=HTMLParser(encoding="utf-8", remove_comments=True))
    except (etree.LxmlError, ValueError):
        return ""
    lines = (" ".join("".join(e.itertext()).split()) for e in root.iter(*_BLOCKS) if not any(a.tag in _BLOCKS for a in e.iterancestors()))
    return "\n".join(line for line in lines if line)
