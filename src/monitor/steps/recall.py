"""How much is missed? Of each week a few articles are drawn at random, curators judge them, and the draw tells the share that was found.

The draw is stratified, because relevant articles are rare among those that no rule touched and less rare among those that nearly matched:
from each stratum (matched, near miss, unmatched) a fixed number, in an order that a hash of week and article makes, so that anybody can
draw it again. What stood in which stratum, and how large that was, is kept with the draw, so a later change of rules does not touch it:
the estimate speaks of the rules as they were when the articles came in.

Recall is R1 / (R1 + R0), relevant articles among the matched and among the rest. Its interval follows W. Webber, Approximate Recall
Confidence Intervals, ACM TOIS 31(1), 2013: the relevant part of each stratum has a beta-binomial posterior with prior (1/2, 1/2), and
the interval is what holds 95 % of recalls drawn from them. It is wide while few are judged, and that is the truth of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from random import Random

from monitor.model import Drawn, Stratum
from monitor.steps.bench import NONE

#: How many are drawn of each stratum: about an hour of a curator's week.
SIZES = {Stratum.MATCHED: 10, Stratum.NEAR: 20, Stratum.UNMATCHED: 20}
SAMPLES = 4_000  # recalls drawn for the interval
LOW, HIGH = 0.025, 0.975


def last_week(now: datetime) -> str:
    """The newest ISO week that is over, in UTC: `2026-W47`."""
    year, week, _ = (now.astimezone(UTC).date() - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02}"


def window(week: str) -> tuple[datetime, datetime]:
    """The first instant of an ISO week and that of the next one."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    since = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    return since, since + timedelta(days=7)


def draw(week: str, strata: Mapping[Stratum, Sequence[int]]) -> list[Drawn]:
    """A week's draw: the same week and articles give the same draw, and one more article moves at most one other out."""

    def lot(item: int) -> bytes:
        return hashlib.sha256(f"{week} {item}".encode()).digest()

    return [
        Drawn(week, item, stratum, len(items))
        for stratum, items in strata.items()
        for item in sorted(sorted(items, key=lot)[: SIZES[stratum]])
    ]


@dataclass(frozen=True, slots=True)
class Sample:
    """One stratum over all weeks: its articles, those judged of the draw, and the relevant ones among these."""

    stratum: Stratum
    population: int
    drawn: int
    judged: int
    relevant: int


@dataclass(frozen=True, slots=True)
class Recall:
    """An estimate, or None where no relevant article was met yet, with its 95 % interval."""

    value: float | None
    interval: tuple[float, float]
    samples: tuple[Sample, ...]


def samples(drawn: Sequence[Drawn], topics: Mapping[int, str]) -> tuple[Sample, ...]:
    """The strata of every week of which something was judged; `topics` is the class of each judged article, by item."""
    weeks = {one.week for one in drawn if one.item in topics}
    return tuple(_sample(stratum, [one for one in drawn if one.week in weeks and one.stratum is stratum], topics) for stratum in Stratum)


def _sample(stratum: Stratum, drawn: Sequence[Drawn], topics: Mapping[int, str]) -> Sample:
    judged = [topics[one.item] for one in drawn if one.item in topics]
    population = sum({one.week: one.population for one in drawn}.values())
    return Sample(stratum, population, len(drawn), len(judged), sum(topic != NONE for topic in judged))


def estimate(of: Iterable[Sample]) -> Recall:
    """Recall over these strata. The same samples give the same figures."""
    strata = tuple(of)
    random = Random(1)
    drawn = sorted(_recall({s.stratum: _posterior(s, random) for s in strata}) for _ in range(SAMPLES))
    value = None
    if any(s.relevant for s in strata):
        value = _recall({s.stratum: s.population * s.relevant / s.judged if s.judged else 0.0 for s in strata})
    low, high = drawn[int(LOW * SAMPLES)], drawn[int(HIGH * SAMPLES)]
    return Recall(value, (low, high) if value is None else (min(low, value), max(high, value)), strata)


def _recall(relevant: Mapping[Stratum, float]) -> float:
    total = sum(relevant.values())
    return relevant.get(Stratum.MATCHED, 0.0) / total if total else 0.0


def _posterior(sample: Sample, random: Random) -> float:
    """How many relevant articles a stratum may hold: those judged so, and a draw for the rest (binomial, by its normal form)."""
    rest = sample.population - sample.judged
    share = random.betavariate(sample.relevant + 0.5, sample.judged - sample.relevant + 0.5)
    return sample.relevant + min(rest, max(0.0, random.gauss(rest * share, sqrt(rest * share * (1 - share)))))
