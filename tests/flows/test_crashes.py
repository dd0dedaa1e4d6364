"""Does a crash at any moment lose or double anything? The service dies before and after every single transaction, and starts again."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from monitor import wiring
from monitor.flows.collect import collect
from monitor.flows.deliver import deliver
from monitor.flows.read import read
from monitor.ports import World
from monitor.store.session import Session
from tests.notify.servers import Mailbox, mail_server
from tests.press import Press

from .conftest import Service

ENTRIES = 2
MAIL = '[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "monitor@news.example.org"\nto = ["desk@example.org"]\n'


class Died(SystemExit):
    """What no loop of the service catches, as none catches the death of its process."""


def dies(service: Service, monkeypatch: pytest.MonkeyPatch, transaction: int, *, committed: bool) -> bool:
    """Runs until the n-th transaction, before or after whose commit the process dies. False: there are fewer."""
    usual, begun = Session.writing, 0

    @contextmanager
    def writing(session: Session) -> Iterator[None]:
        nonlocal begun
        begun += 1
        if begun > transaction or (begun == transaction and not committed):
            raise Died
        with usual(session):
            yield
        if begun == transaction:
            raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Session, "writing", writing)
        try:
            service.run(everything)
        except Died:
            return True
    return False


async def everything(world: World) -> None:
    await collect(world)
    await read(world)
    await deliver(world)


def ended(service: Service, box: Mailbox) -> tuple[object, ...]:
    """Everything that a crash may not change: what is stored, what alerted, and which mails came (a repeat has the same id)."""
    with service.store() as store:
        items = sorted((item.url, item.article.title, item.state, item.versions, item.duplicate_of) for item in store.items())
        alerts = sorted((alert.url, alert.status) for alert in store.alerts())
        assert store.check() == []
        assert store.unsent(service.clock.now()) == (None, 0)
        ledger = dict(store.ledger())
    mails = {str(email.message_from_bytes(bytes(envelope.content or b""))["Subject"]) for envelope in box.received}
    ids = {str(email.message_from_bytes(bytes(envelope.content or b""))["Message-ID"]) for envelope in box.received}
    assert len(box.received) <= 2 * len(ids)
    return items, alerts, ledger, mails, len(ids)


def test_C10_A01_a_crash_at_any_transaction_changes_nothing_in_the_end(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.add_feed("/extra/feed.xml", entries=ENTRIES)
    with mail_server() as (port, box):

        def installed(name: str) -> Service:
            (tmp_path / name).mkdir()
            service = Service(press, tmp_path / name)
            press.write_config(service.config, only=["extra-1"])
            settings = service.config / "monitor.toml"
            settings.write_text(settings.read_text(encoding="utf-8") + MAIL.format(port=port), encoding="utf-8")
            return service

        whole = installed("whole")
        configuration = wiring.load(whole.config)
        monkeypatch.setattr(wiring, "load", lambda _: configuration)  # the same one, a hundred times over
        whole.run(everything)
        expected = ended(whole, box)
        assert expected[4] == 1  # the first entry alerts
        for committed in (False, True):
            for transaction in count(1):
                box.received.clear()
                service = installed(f"{transaction} {committed}")
                died = dies(service, monkeypatch, transaction, committed=committed)
                service.clock.pass_(hours=2)
                service.run(everything)
                assert ended(service, box) == expected, (transaction, committed)
                if not died:
                    break
            assert transaction > 2 * ENTRIES
