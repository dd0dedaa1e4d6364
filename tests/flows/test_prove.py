"""Do the witnesses that the operator names bear witness, and is nobody asked otherwise?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from monitor.flows.maintain import maintain
from monitor.flows.prove import prove
from monitor.ports import World
from monitor.steps import timestamps
from tests.press import Press

from .conftest import Service

Answer = tuple[int, dict[str, str], bytes]
DIGEST = "ab" * 32


class Witness:
    """A server on 127.0.0.1 that answers as it is told, and remembers what it was asked."""

    def __init__(self, address: str) -> None:
        self.address, self.asked = address, list[tuple[str, str, bytes]]()
        self.answer: Callable[[str, bytes], Answer] = lambda path, body: (500, {}, b"not today")


@pytest.fixture
def witness() -> Iterator[Witness]:
    with served() as running:
        yield running


@contextmanager
def served() -> Iterator[Witness]:
    class Talk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            running.asked.append((self.command, self.path, body))
            status, headers, answer = running.answer(self.path, body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Talk) as server:
        running = Witness(f"127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


def allow(service: Service, witness: Witness, keys: str) -> None:
    path = service.config / "monitor.toml"
    text = path.read_text(encoding="utf-8").replace("allow = [", f'allow = ["{witness.address}", ')
    path.write_text(f"{text}\n[evidence]\n{keys}\n", encoding="utf-8")


def proved(service: Service, *, times: int, hours: float = 0) -> None:
    """So many turns, one after the other."""

    async def turns(world: World) -> None:
        for _ in range(times):
            await prove(world)
            service.clock.pass_(hours=hours)

    service.run(turns)


@pytest.fixture
def service(press: Press, tmp_path: Path) -> Service:
    """A service that has read three articles, of which one alerts."""
    press.add_feed("/extra/feed.xml", entries=3)
    made = Service(press, tmp_path)
    made.poll("extra-1")
    return made


# ── timestamps ──


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bytes], Answer]:
    """A real timestamp authority: openssl behind HTTP."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not on this machine")
    folder = tmp_path_factory.mktemp("authority")
    config = """[req]
distinguished_name = name
[name]
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/cert.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
"""
    (folder / "tsa.conf").write_text(config.format(folder=folder))
    (folder / "serial").write_text("01\n")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=A timestamp authority", "-days", "30"]
    made += ["-addext", "extendedKeyUsage=critical,timeStamping", "-config", "tsa.conf", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)

    def answer(path: str, body: bytes) -> Answer:
        (folder / "query.tsq").write_bytes(body)
        reply = ["openssl", "ts", "-reply", "-config", "tsa.conf", "-queryfile", "query.tsq", "-out", "reply.tsr"]
        subprocess.run(reply, cwd=folder, check=True, capture_output=True)
        return 200, {"Content-Type": "application/timestamp-reply"}, (folder / "reply.tsr").read_bytes()

    answer.folder = folder  # type: ignore[attr-defined]
    return answer


def test_a_finished_day_is_time_stamped_so_that_anybody_can_check_it(
    service: Service, witness: Witness, authority: Callable[[str, bytes], Answer]
) -> None:
    witness.answer = authority
    allow(service, witness, f'timestamp_url = "http://{witness.address}/tsa"')
    service.clock.pass_(days=1)
    proved(service, times=2)
    assert [path for _, path, _ in witness.asked] == ["/tsa"]
    (stamp,) = (service.data / "manifests").glob("*.tsr")
    folder: Path = authority.folder  # type: ignore[attr-defined]
    checked = [
        "openssl",
        "ts",
        "-verify",
        "-data",
        str(stamp.with_suffix(".jsonl")),
        "-in",
        str(stamp),
        "-CAfile",
        str(folder / "cert.pem"),
    ]
    assert b"Verification: OK" in subprocess.run(checked, capture_output=True, check=True).stdout
    with service.store() as store:
        assert store.verify().damage == ()
    stamp.write_bytes(stamp.read_bytes()[:-1] + b"\0")
    with service.store() as store:
        assert [one.found for one in store.verify().damage] == [f"its file {stamp.name} was changed"]


def test_what_is_no_timestamp_of_ours_is_not_kept_and_asked_for_again(service: Service, witness: Witness) -> None:
    shapes = (b"<html>Welcome</html>", bytes.fromhex("3005 3003 020102"), bytes.fromhex("3005 3003 020100"), b"\x30\x82\xff", b"")
    answers: list[Answer] = [*((200, {}, shape) for shape in shapes), (503, {}, b"")]
    witness.answer = lambda path, asked: answers[len(witness.asked) - 1]
    allow(service, witness, f'timestamp_url = "http://{witness.address}/tsa"')
    service.clock.pass_(days=1)
    proved(service, times=len(answers))
    assert len(witness.asked) == len(answers)
    assert list((service.data / "manifests").glob("*.tsr")) == []


def test_a_timestamp_of_another_digest_is_refused(authority: Callable[[str, bytes], Answer]) -> None:
    _, _, answer = authority("/", timestamps.request(DIGEST))
    assert timestamps.problem(answer, DIGEST) == ""
    assert timestamps.problem(answer, "cd" * 32) == "the authority's answer speaks of another digest"


# ── the archive ──


def test_a_web_archive_is_asked_once_for_each_matched_article(service: Service, witness: Witness) -> None:
    witness.answer = lambda path, body: (302, {"Location": f"/web/2026{path}"}, b"") if path.startswith("/save/") else (200, {}, b"<html>")
    allow(service, witness, f'wayback = true\nwayback_url = "http://{witness.address}/save/"')
    proved(service, times=2)
    with service.store() as store:
        matched = {item.url for item in store.items() if item.judgement.level != "none"}
        saved = {row["url"]: row["saved_as"] for row in store._session.rows("SELECT url, saved_as FROM saves")}
    assert matched
    assert sorted(path for _, path, _ in witness.asked if path.startswith("/save/")) == sorted(f"/save/{url}" for url in matched)
    assert saved == {url: f"http://{witness.address}/web/2026/save/{url}" for url in matched}


def test_an_archive_that_refuses_is_asked_again_later_and_then_left_alone(service: Service, witness: Witness) -> None:
    allow(service, witness, f'wayback = true\nwayback_url = "http://{witness.address}/save/"')
    proved(service, times=2)
    assert len(witness.asked) == 1
    proved(service, times=20, hours=13)
    assert len(witness.asked) == 5
    with service.store() as store:
        assert store._session.value("SELECT count(*) FROM saves WHERE saved IS NULL AND next_try IS NULL AND why LIKE '500%'") == 1


def test_nobody_is_asked_unless_the_operator_says_so(service: Service, witness: Witness) -> None:
    path = service.config / "monitor.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("allow = [", f'allow = ["{witness.address}", '), encoding="utf-8")
    service.clock.pass_(days=1)
    proved(service, times=1)
    assert witness.asked == []
    assert len(list((service.data / "manifests").iterdir())) == 1


# ── what stands on what ──


def test_each_matched_text_stands_on_what_it_was_read_from_and_nothing_else_is_kept(press: Press, tmp_path: Path) -> None:
    service = Service(press, tmp_path)
    service.poll()
    service.clock.pass_(days=2)

    async def kept_in_order(world: World) -> None:
        maintain(world)
        await prove(world)

    service.run(kept_in_order)
    with service.store() as store:
        rows = store._session.rows(
            """SELECT items.id, items.url, level, purpose, fetches.url AS asked, size, address, reader FROM items
            LEFT JOIN fetches ON fetches.id = items.fetch LEFT JOIN pages USING (sha256)"""
        )
        for row in rows:
            if row["level"] == "none":
                assert row["asked"] is None, row["url"]
                continue
            assert row["size"] > 0 and row["address"] == "127.0.0.1" and "trafilatura" in row["reader"], tuple(row)
            posted = "/s/" in row["asked"]
            assert row["purpose"] == ("endpoint" if posted else "article")
            assert posted or row["asked"] == row["url"]
        assert {row["purpose"] for row in rows} >= {"endpoint", "article"}
        assert store._session.value("SELECT count(*) FROM pages") == len({row["asked"] for row in rows if row["asked"]})
        assert store.verify().damage == ()
