"""Outbox -> channels: every notice is sent, tried again, or kept as a dead letter that doctor shows."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass

from monitor.model import Delivered, Delivery, Notice
from monitor.ports import World
from monitor.steps import notices

BATCH = 50  # notices under way at once

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    sent: int = 0
    later: int = 0
    dead: int = 0


async def deliver(world: World) -> Sent:
    """Sends what is due. A notice leaves the outbox after its channel said yes; a crash between the two repeats it under the same id."""
    _bundle_alerts(world)
    counts = {Delivery.SENT: 0, Delivery.LATER: 0, Delivery.NEVER: 0}
    while due := world.store.due_notices(world.clock.now(), BATCH):
        for result in await asyncio.gather(*(_one(world, notice) for notice in due)):
            counts[result] += 1
    return Sent(counts[Delivery.SENT], counts[Delivery.LATER], counts[Delivery.NEVER])


def _bundle_alerts(world: World) -> None:
    """A storm of alerts becomes few mails: those beyond an hour's share wait for one another. Programs are told of each."""
    now = world.clock.now()
    by_recipient: dict[str, list[Notice]] = defaultdict(list)
    for notice in world.store.due_alerts(notices.MAIL, now):
        by_recipient[notice.recipient].append(notice)
    for recipient, due in by_recipient.items():
        when = notices.bundle_at(len(due), world.store.alerts_sent(notices.MAIL, recipient, now - notices.HOUR), now)
        if when is not None and when > now:
            world.store.hold(due, when)
        elif when is not None and len(due) > 1:
            world.store.bundle(due, notices.bundled(due, now), now)


async def _one(world: World, notice: Notice) -> Delivery:
    channel = world.channels.get(f"{notice.channel}:{notice.recipient}") or world.channels.get(notice.channel)
    try:
        how = await channel.send(notice) if channel else Delivered(Delivery.LATER, f"no channel {notice.channel!r} is configured any more")
    except Exception as error:
        log.exception("sending notice %d failed", notice.number)
        how = Delivered(Delivery.LATER, f"unexpected: {error!r}")
    now = world.clock.now()
    again = notices.next_try(notice.attempts + 1, how, now)
    world.store.delivered(notice, how, now, again)
    if how.result is Delivery.LATER and again is None:
        return Delivery.NEVER
    return how.result
