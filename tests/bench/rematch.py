"""How long does it take to bring what is stored under changed rules, on this machine's cores?"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from monitor import wiring
from monitor.flows.rematch import Rematched, rematch
from monitor.model import Article, EntryState, Judgement, Prints, Settings, utc_text
from monitor.store import rows
from monitor.store.sqlite import SqliteStore

from ._articles import CONFIG, articles

ITEMS, SIZE, DIFFERENT = 20_000, 5_000, 400  # items, bytes of each, and different texts among them
WANTED = 100_000 / 120  # items a second: 100,000 in two minutes


def main() -> bool:
    """Prints the figures; True where they do not hold."""
    with tempfile.TemporaryDirectory() as folder, wiring.writing(Path(folder)) as store:
        fill(store, articles(DIFFERENT, SIZE))
        started = time.perf_counter()
        done = asyncio.run(judged_again(store))
        seconds = time.perf_counter() - started
    rate = done.judged / seconds
    print(f"{done.judged} items of {SIZE} bytes on {os.cpu_count()} cores in {seconds:.1f} s, {done.found} found: {rate:.0f} a second")
    print(f"100,000 in {100_000 / rate:.0f} s (at most {100_000 / WANTED:.0f})")
    return rate < WANTED


async def judged_again(store: SqliteStore) -> Rematched:
    configuration = wiring.Configuration(Settings(), {}, wiring.load_rules(CONFIG))
    async with wiring.world(configuration, store) as world:
        return await rematch(world)


def fill(store: SqliteStore, texts: list[Article]) -> None:
    """Items as reading stores them, judged under rules that found nothing."""
    session, seen = store._session, datetime(2026, 11, 25, tzinfo=UTC)
    with session.writing():
        story = session.insert("stories", {"label": "", "first_seen": utc_text(seen), "last_seen": utc_text(seen)})
        times = dict.fromkeys(("first_seen", "stored", "read"), utc_text(seen))
        plain = times | {"source": "outlet", "state": EntryState.STORED, "reason": "", "story": story, "digest": ""}
        same = plain | {"rules_version": "before"} | rows.judgement_columns(Judgement()) | rows.prints_columns(Prints("", (), 0))
        for number in range(ITEMS):
            session.insert("items", same | {"entry_id": str(number)} | rows.article_columns(texts[number % len(texts)]))
