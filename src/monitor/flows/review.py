"""What a curator says of an article: kept for ever, and a test of the rules from then on. The command line and the desk use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.errors import UsageError
from monitor.model import Drawn, Item, Level, Says, Source, Verdict
from monitor.ports import Rules, Store
from monitor.steps import recall
from monitor.steps.bench import NONE, Case

LONGEST_NOTE = 2_000  # characters


def judge(store: Store, rules: Rules, ident: int, says: Says, now: datetime, *, topic: str = "", note: str = "", by: str = "") -> Verdict:
    """Keeps a verdict on item `ident`, with the class that the text has: as told, or what follows from what the rules said.

    Raises UsageError for an unknown item or class, and where the class must be told.
    """
    item = store.item(ident)
    if item is None:
        raise UsageError(f"{ident}: no such item; monitor items lists them")
    if topic and topic not in {*rules.topics, NONE}:
        raise UsageError(f"{topic}: no such class; one of {', '.join([*rules.topics, NONE])}")
    verdict = Verdict(ident, item.versions, item.rules_version, says, topic or _class(item, says), note[:LONGEST_NOTE], by, now)
    store.save_verdict(verdict)
    return verdict


def _class(item: Item, says: Says) -> str:
    """The class of a text of which a curator says no more than that."""
    matched = item.judgement.level is not Level.NONE
    if says is Says.OTHER or matched is (says is Says.WRONG):
        return NONE
    if says is Says.WRONG:
        raise UsageError(f"item {item.id} did not match: say what it is with --class")
    return item.judgement.topics[0] if matched else NONE


def cases(store: Store, rules: Rules, sources: Mapping[str, Source]) -> list[Case]:
    """Every newest verdict as a test case of the rules, on the text as it was judged."""
    return [_case(verdict, item, rules, sources.get(item.source)) for verdict, item in store.judged()]


def _case(verdict: Verdict, item: Item, rules: Rules, source: Source | None) -> Case:
    if verdict.topic != NONE and rules.topics.get(verdict.topic) is Level.ALERT:
        allowed = {Level.ALERT, Level.NOTE}
    elif verdict.topic != NONE or verdict.says is Says.OTHER:
        allowed = {Level.NOTE, Level.NONE}
    else:
        allowed = {Level.NONE}
    topic = verdict.topic if Level.ALERT in allowed else NONE
    return Case(f"item {item.id}", item.article, topic, frozenset(allowed), item.source, source is not None and source.war, verdict.note)


def make_draw(store: Store, now: datetime) -> str:
    """Draws the newest week that is over, unless that was done. Returns the week."""
    week = recall.last_week(now)
    if week not in {one.week for one in store.drawn()}:
        store.save_draw(recall.draw(week, store.strata(*recall.window(week))))
    return week


def to_judge(store: Store) -> Sequence[tuple[Drawn, Item]]:
    """What was drawn and not judged yet, the newest week first."""
    waiting = [(one, item) for one in store.drawn() if not store.verdicts(one.item) and (item := store.item(one.item))]
    return sorted(waiting, key=lambda pair: pair[0].week, reverse=True)


def estimated_recall(store: Store, rules: Rules) -> recall.Recall | None:
    """From the judged part of the draws; None while nothing of them is judged."""
    alerting = {topic for topic, level in rules.topics.items() if level is Level.ALERT}
    topics = {verdict.item: verdict.topic if verdict.topic in alerting else NONE for verdict, _ in store.judged()}
    of = recall.samples(store.drawn(), topics)
    return recall.estimate(of) if any(sample.judged for sample in of) else None
