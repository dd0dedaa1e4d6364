"""Which elements of a page are not the article: menus, related links, shares, comments, footers?

A rule goes by what an element is (its name, its share of links), never by the outlet, and gives up where it would take much of the prose:
then the name lies.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from monitor.steps.htmltree import Sizes, said

MOST_PROSE = 0.2  # share of a page's prose that the elements of one name may hold; more, and it is a name of the layout
MOST_SAID = 0.5  # the same for all text, for pages that have no paragraphs
MOST_LINKED = 0.85  # share of a block's text inside links; more, and it is a pointer to other articles
SHORTEST_TEASER = 20  # characters; a shorter block that is all link may be a name
LONGEST_LABEL = 45  # characters before the link in "Read also: …"
SHORTEST_PROSE = 60  # characters of a paragraph that counts as prose
CHUNK = 400  # characters of prose in each part of a body that is cut into parts

_ZONE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|recirc\w*|more-?(?:on|from|stories|news|articles)|(?:also|read)-?(?:read|more|also|next)|see-?also"
    r"|most-?(?:read|popular|viewed|shared)|popular|trending|latest|newsletter\w*|subscri\w*|sign-?up|paywall|cookies?|consent|gdpr|breadcrumbs?"
    r"|share|sharing|social\w*|comments?|disqus\w*|outbrain|taboola|sponsor\w*|promo\w*|advert\w*|ad-(?:slot|unit|container|wrapper|box|label)"
    r"|banner|footer|nav|navigation|menu|toolbar|tags?|captions?|credits?|copyright|author-?(?:box|bio|card|info)|about-?(?:the-)?author"
    r"|teasers?|widget|sidebar|rating|poll|survey|lire-?aussi|correction-?form|feedback|donat\w*|support-?us|inline-?(?:related|link\w*)"
    r"|embed\w*|sr-only|visually-?hidden|screen-?reader\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
#: What readers wrote; it may be more than the article, so that its share says nothing.
_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|comment-?(?:list|thread|section|body)|disqus\w*|kommentare?|commentaires?|comentarios?|komentarz\w*)(?:$|[\s_-])",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|(?:left|top|text-indent)\s*:\s*-\d{3,}", re.IGNORECASE
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|__+|:+|/+")
_ALWAYS = ("nav", "footer", "aside", "form", "button", "noscript", "iframe", "select", "template", "figcaption", "dialog", "svg", "menu")
_NAMED = ("div", "section", "ul", "ol", "p", "span", "figure", "details", "table", "dl")
_LABEL = re.compile(r"^[^.!?…]{0,45}[:|»›>]\s*$")


def prune(sizes: Sizes) -> None:
    """Takes zones out of a parsed page, in place. Text that follows an element stays."""
    tree = sizes.tree
    total = _prose(tree, sizes)
    most, most_said = MOST_PROSE * (total or 1), MOST_SAID * sizes.said(tree)
    named: dict[str, list[Any]] = {}
    for element in tree.iter(*_ALWAYS):
        named.setdefault(element.tag, []).append(element)
    for element in tree.iter(*_NAMED):
        name = _name(element)
        if _is_zone(name) or _is_comments(name):
            named.setdefault(name, []).append(element)
    unseen = [element for element in tree.xpath("//body//*[@hidden or @style]") if _is_unseen(element)]
    for name, alike in {**named, "hidden": unseen}.items():
        prose = sum(_prose(element, sizes) for element in alike)
        few = prose <= most and sum(map(sizes.said, alike)) <= most_said
        if few or (_is_comments(name) and total - prose >= CHUNK):
            for element in alike:
                _drop(element, sizes)
    for element in [e for e in tree.iter("ul", "ol") if _lists_links(e, sizes)]:
        _drop(element, sizes)
    for element in [e for e in tree.iter("p", "li", "h2", "h3", "h4") if _points_elsewhere(e, sizes)]:
        _drop(element, sizes)


@lru_cache(maxsize=8192)
def _is_zone(name: str) -> bool:
    return len(name) > 1 and _ZONE.search(_CAMEL.sub("-", name)) is not None


@lru_cache(maxsize=8192)
def _is_comments(name: str) -> bool:
    return _COMMENTS.search(_CAMEL.sub("-", name)) is not None


def _is_unseen(element: Any) -> bool:
    return element.get("hidden") is not None or _UNSEEN.search(element.get("style") or "") is not None


def _name(element: Any) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"


def _drop(element: Any, sizes: Sizes) -> None:
    if element.getparent() is not None and next(element.iter("h1"), None) is None:
        sizes.drop(element)


def _prose(element: Any, sizes: Sizes) -> int:
    """Characters in paragraphs that read as prose: long enough, and not links."""
    length, linked = sizes.length, sizes.linked
    return sum(length[p] for p in element.iter("p") if length[p] > SHORTEST_PROSE and linked.get(p, 0) < length[p] * 0.5)


def _points_elsewhere(element: Any, sizes: Sizes) -> bool:
    """A block that is nothing but links to other articles, or a label and such a link ("Read also: …"); a headline inside a link."""
    if element.tag in ("h2", "h3", "h4") and next(element.iterancestors("a"), None) is not None:
        return sizes.length[element] >= SHORTEST_TEASER
    links = sizes.linked.get(element, 0)
    if links < SHORTEST_TEASER:
        return False
    text = said(element).strip()
    if links >= MOST_LINKED * len(text):
        return True
    before = len(text) - links
    return before <= LONGEST_LABEL and _LABEL.match(text[:before]) is not None


def _lists_links(element: Any, sizes: Sizes) -> bool:
    """A list of pointers: most of what nearly every item says is its link."""
    items = element.findall("li")
    linked = [(item, sizes.linked[item]) for item in items if item in sizes.linked]
    pointers = sum(2 * links >= len(said(item).strip()) > 0 for item, links in linked)
    return pointers >= 2 and pointers >= 0.8 * len(items)


def join_chunks(sizes: Sizes) -> None:
    """Marks the common ancestor of a body that is cut into parts of one name (by adverts, say), so that all of them are read."""
    tree = sizes.tree
    parts: dict[tuple[str, Any], list[Any]] = {}
    for element in tree.iter("div", "section"):
        name = element.get("class", "").strip()
        if name and not _is_zone(name):
            parts.setdefault((name, next(element.iterancestors("article"), None)), []).append(element)
    total = _prose(tree, sizes)
    for alike in parts.values():
        if not 2 <= len(alike) <= 50:
            continue
        own = [_own_prose(e, sizes) for e in alike]
        if sum(own) >= 0.5 * total and sum(s >= CHUNK for s in own) >= 2 and max(own) < 0.8 * sum(own):
            whole = _common([e for e, size in zip(alike, own, strict=True) if size])
            if len(whole.findall(".//h1")) <= 1:
                whole.set("itemprop", "articleBody")
            return


def _own_prose(element: Any, sizes: Sizes) -> int:
    return sum(length for p in element.iterchildren("p") if (length := sizes.length[p]) > SHORTEST_PROSE)


def _common(elements: list[Any]) -> Any:
    above = [list(reversed([e, *e.iterancestors()])) for e in elements]
    shared = [level[0] for level in zip(*above, strict=False) if all(x is level[0] for x in level)]
    return shared[-1]
