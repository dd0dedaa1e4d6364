"""What to do about one article, and why: all policy of reading, nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.model import Article, Decision, Entry, EntryState, Item, Judgement, Level, Quality, When
from monitor.ports import Rejudged
from monitor.steps.claims import CUT_OFF
from monitor.steps.dedup import Relation

#: A story that was told is not told again for a further article within this time; its alert is kept as "grouped".
STORY_TOLD_FOR = timedelta(hours=24)
#: Where a page's own date comes from, in the order of trust; what stands below "feed" gives way to the feed's date.
PAGE_DATES_TRUSTED = ("jsonld", "meta")


def is_fragment(entry: Entry) -> bool:
    """Whether the end of an answer cut an entry before its address: taken now, it would stay without one when it comes whole."""
    return CUT_OFF in entry.flags and entry.url is None


def completed(article: Article, entry: Entry) -> Article:
    """The article with what the page did not say and its entry does: title, authors, date (and where that came from)."""
    title = article.title or entry.title or ""
    authors = article.authors or entry.authors
    published, origin = article.published, article.published_from
    if entry.published and origin not in PAGE_DATES_TRUSTED:
        published, origin = entry.published, "feed"
    elif entry.published and published and not published.has_time and entry.published.has_time and _near(published, entry.published):
        published, origin = entry.published, "feed"  # the same day, and the feed knows the hour
    return replace(article, title=title, authors=authors, published=published, published_from=origin)


def _near(a: When, b: When) -> bool:
    return abs((a.day - b.day).days) <= 1


def matched(article: Article) -> Article:
    """What is matched of an article that is stored: behind a wall it stands on the feed's text, which no wall wrote."""
    return replace(article, quality=Quality.FEED) if article.quality is Quality.WALL else article


def already_read(known: Item) -> Decision:
    """For an entry whose address another source brought before: nothing is fetched."""
    reason = f"the same address was read before, as item {known.id} of {known.source}"
    return Decision(EntryState.DUPLICATE, reason, duplicate_of=known.duplicate_of or known.id, story=known.story)


def decide(
    article: Article, judgement: Judgement, relation: Relation, *, alerting: bool, before: Item | None, why_feed: str = ""
) -> Decision:
    """How an article that was read ends.

    `before` is the item that this entry already made (then this is a revision); `alerting` is False for what backfill brought;
    `why_feed` says why the article stands on the feed's text. Whether a story was told already is asked afterwards, see told().
    """
    if before is not None:
        return revised(article, judgement, before, alerting)
    if relation.duplicate_of is not None:
        return Decision(EntryState.DUPLICATE, relation.why, duplicate_of=relation.duplicate_of, story=relation.story)
    reason = {Quality.FULL: "read whole", Quality.FEED: "stands on the feed's text", Quality.WALL: "a wall: stands on the feed's text"}.get(
        article.quality, "nothing to read was found"
    )
    reason = f"{reason}: {why_feed}" if why_feed else reason
    alert = alerting and judgement.level is Level.ALERT
    return Decision(EntryState.STORED, reason, story=relation.story, alert=alert, notify=alert)


def revised(article: Article, judgement: Judgement, before: Item, alerting: bool) -> Decision:
    """An edit alerts only where it brings what the earlier text did not alert for. The same text, or a worse one, makes no version."""
    if before.article.quality is Quality.FULL and article.quality is not Quality.FULL:
        reason = "its page cannot be read whole any more; what was read before stays"
        return Decision(EntryState.REVISION, reason, story=before.story, replaces=False)
    if _said(article) == _said(before.article):
        return Decision(EntryState.REVISION, "looked at again: its text is the same", story=before.story, replaces=False)
    fresh = judgement.level is Level.ALERT and before.judgement.level is not Level.ALERT
    whole = article.quality is Quality.FULL and before.article.quality is not Quality.FULL
    reason = ("read whole now" if whole else "changed upstream") + (", and now alerts" if fresh else "")
    return Decision(EntryState.REVISION, reason, duplicate_of=None, story=before.story, alert=fresh and alerting, notify=fresh and alerting)


def _said(article: Article) -> tuple[object, ...]:
    """What two versions are told apart by: the texts but for their spaces, and the time of publication."""
    return article.quality, article.published, *(text.split() for text in (article.title, article.lead, article.text))


def rejudged(item: Item, judgement: Judgement) -> Rejudged:
    """What other rules change about an item that is stored. A copy alerts as little as it did when it came."""
    before, after = (said.level is Level.ALERT for said in (item.judgement, judgement))
    return Rejudged(item, judgement, found=after and not before and item.duplicate_of is None, lost=before and not after)


def keeps_answers(keep_raw: str) -> bool:
    """Whether an endpoint's answer is kept until its new entries are read: nobody knows yet which of them will match."""
    return keep_raw != "none"


def keeps_page(keep_raw: str, judgement: Judgement) -> bool:
    """Whether what an article was read from is kept as evidence: `all`, `none`, or only where something matched."""
    return keep_raw == "all" or (keep_raw == "matched" and judgement.level is not Level.NONE)


def told(decision: Decision, already: bool) -> Decision:
    """The decision about an article whose story was told a short while ago: the alert is kept, nobody is called again."""
    if decision.notify and already:
        return replace(decision, notify=False, reason=f"{decision.reason}; its story was told already")
    return decision
