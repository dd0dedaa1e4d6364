"""What does a Telegram channel say? Posts of the public preview, https://t.me/s/<channel>: 20 ids a page, oldest first."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from monitor.model import Entry, Outcome, Parsed
from monitor.steps.charset import decode
from monitor.steps.claims import Answer, Claim, to_entry
from monitor.steps.impostors import judge
from monitor.steps.markup import document, plain
from monitor.steps.urls import absolute

POST_ID = re.compile(r"([A-Za-z0-9_+-]{1,64})/(\d{1,12})(?:-[\w-]+)?\Z")
EDITED = re.compile(r"\bedited\b", re.IGNORECASE)
OWN_BUBBLE = "tgme_widget_message_bubble"


def read(answer: Answer) -> Parsed:
    """Posts as entries that are whole: `content` is the exact text, `edited` true or false, `authors` the signature.

    Service posts (pins, new photos) give none; withheld and media-only posts give one without text and with the flag "withheld"
    or "media_only". `more` is the page before, `channel_id` Telegram's number, which survives a change of name. A page without
    the history section is no quiet channel: groups, closed and unknown channels answer 200 as well.
    """
    text = decode(answer.body, answer.content_type or "text/html; charset=utf-8").text
    page = document(text) if "tgme_" in text else None
    if page is None:
        return judge(text, answer.url, "a channel preview")
    blocks = _all(page, "div", "tgme_widget_message")
    posts = [block for block in blocks if block.get("data-post") and not _is_service(block)]
    entries = tuple(entry for block in posts if (entry := _entry(block, answer)))
    title = _first_text(page, "tgme_channel_info_header_title") or _first_text(page, "tgme_widget_message_owner_name")
    more = _page_before(page, blocks, answer.url)
    channel = next((number for block in blocks if (number := _channel_id(block))), None)
    if not blocks and not _all(page, None, "tgme_channel_history"):
        return Parsed((), Outcome.NOT_A_FEED, f"no public preview of “{title or answer.url}”: the page has no message history", title=title)
    problem = Outcome.PARSE_PARTIAL if len(entries) < len(posts) else None
    why = f"{len(posts) - len(entries)} of {len(posts)} posts cannot be read" if problem else ""
    if not entries and not problem:
        why = "a channel preview without posts"
    return Parsed(entries, problem, why, title=title, channel_id=channel, more=more)


def _has(element: Any, name: str) -> bool:
    return name in (element.get("class") or "").split()


def _all(element: Any, tag: str | None, name: str) -> list[Any]:
    return [found for found in element.iter(tag or "*") if isinstance(found.tag, str) and _has(found, name)]


def _first_text(element: Any, name: str) -> str | None:
    found = next(iter(_all(element, None, name)), None)
    return " ".join(_text(found).split()) or None if found is not None else None


def _text(element: Any) -> str:
    """The plain text of an element: <br> and blocks are new lines, an emoji is the character in its <b>."""
    from lxml import html

    return plain(html.tostring(element, encoding="unicode", with_tail=False))


def _is_service(block: Any) -> bool:
    return _has(block, "service_message") or any(_has(above, "service_message") for above in block.iterancestors())


def _entry(block: Any, answer: Answer) -> Entry | None:
    match = POST_ID.match(block.get("data-post", "").strip())
    if match is None:
        return None
    name = f"{match.group(1)}/{match.group(2)}"
    texts = [found for found in _all(block, "div", "tgme_widget_message_text") if _own_text(found)]
    said = "\n".join(_text(found) for found in texts).strip()
    flags: tuple[str, ...] = ()
    if not said:
        flags = ("withheld",) if _is_withheld(block) else ("media_only",)
    entry = to_entry(
        Claim(id=name, links=[f"https://t.me/{name}"], published=[_date(block)], authors=[_signature(block)], flags=flags), answer
    )
    return replace(entry, content=said or None, forwarded_from=_forwarded(block, answer.url), edited=_edited(block), whole=True)


def _own_text(element: Any) -> bool:
    """The post's text, not the quote of what it answers, nor text inside another (polls and albums nest)."""
    if not _has(element, "js-message_text") or _has(element, "js-message_reply_text"):
        return False
    above = list(element.iterancestors())
    return not any(_has(outer, "tgme_widget_message_reply") or _has(outer, "js-message_text") for outer in above)


def _is_withheld(block: Any) -> bool:
    """Half of all posts carry a hidden "not supported" footer; only one right inside the bubble means it."""
    return any(_has(found.getparent(), OWN_BUBBLE) for found in _all(block, None, "message_media_not_supported_wrap"))


def _date(block: Any) -> str | None:
    """The date link's <time>; a video's duration is a <time> too, without datetime."""
    inside = [time.get("datetime") for link in _all(block, "a", "tgme_widget_message_date") for time in link.iter("time")]
    anywhere = [time.get("datetime") for time in block.iter("time")]
    return next((found for found in [*inside, *anywhere] if found), None)


def _edited(block: Any) -> bool:
    return any(EDITED.search(" ".join(meta.itertext())) for meta in _all(block, None, "tgme_widget_message_meta"))


def _signature(block: Any) -> str | None:
    """Who signed the post; the channel's own name stands elsewhere."""
    return _first_text(block, "tgme_widget_message_from_author")


def _forwarded(block: Any, base: str) -> str | None:
    """Whose words they are: the name, and the address of the original post where Telegram shows it."""
    header = next(iter(_all(block, None, "tgme_widget_message_forwarded_from")), None)
    if header is None:
        return None
    origin = next(iter(_all(header, None, "tgme_widget_message_forwarded_from_name")), None)
    name = " ".join(_text(origin if origin is not None else header).split())
    author = _first_text(header, "tgme_widget_message_forwarded_from_author")
    link = absolute(base, origin.get("href")) if origin is not None else None
    return " ".join(part for part in (name or "unknown", f"({author})" if author else "", link or "") if part)


def _channel_id(block: Any) -> str | None:
    """The numeric chat id `c` of data-view, which is base64url JSON."""
    raw = block.get("data-view") or ""
    try:
        seen = json.loads(urlsafe_b64decode(raw + "=" * (-len(raw) % 4)))
    except (ValueError, RecursionError):  # what is no base64 is a ValueError too
        return None
    number = seen.get("c") if isinstance(seen, dict) else None
    return str(number) if isinstance(number, int) else None


def _page_before(page: Any, blocks: list[Any], url: str) -> tuple[str, ...]:
    """The next older page, only where it leads further back than what is on this one."""
    offered = [link.get("href") for link in page.iter("link") if (link.get("rel") or "").lower() == "prev"]
    offered += [link.get("href") for link in _all(page, "a", "tme_messages_more")]
    numbers = [int(match.group(2)) for block in blocks if (match := POST_ID.match(block.get("data-post") or ""))]
    for href in offered:
        before = parse_qs(urlsplit(href or "").query).get("before", [""])[0]
        if href and before.isdigit() and (not numbers or int(before) <= min(numbers)):
            link = absolute(url, urljoin(url, href))
            return (link,) if link else ()
    return ()
