"""Fetching, extracting, judging and storing pages from loopback, beside trafilatura alone on the same pages in the same worker processes.

Both go in turn, a part at a time, so that what else the machine does weighs on both alike. The servers are processes of their own.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from monitor import wiring
from monitor.engine import Engine
from monitor.errors import WorkTimeoutError
from monitor.flows.collect import collect
from monitor.flows.read import BATCH, read
from monitor.ports import World
from monitor.steps.language import language_of
from tests.bench._articles import ORDINARY
from tests.bench._pages import Made, pages

PAGES = 800
PARTS = 4
FIRST = 16  # further pages that go before, so that everybody has read what is read once; they make the last part
HOSTS = 16  # addresses on loopback: a host is asked one request at a time
CONFIG = Path(__file__).parents[2] / "config"
LEAST_RATE, WISHED_RATE = 0.80, 0.90
MOST_LANGUAGE, MOST_JUDGING_AND_STORING = 0.10, 0.03
TICK = os.sysconf("SC_CLK_TCK")


def main() -> bool:
    """Whether a figure does not hold."""
    made = pages(PAGES + FIRST)
    sizes = sorted(len(page.html) for page in made[:PAGES])
    print(f"{PAGES} pages of {sizes[0] // 1000} to {sizes[-1] // 1000} kB, median {sizes[len(sizes) // 2] // 1000} kB", flush=True)
    with tempfile.TemporaryDirectory() as folder, _serving(made) as port:
        ours, bare = asyncio.run(_both(Path(folder), made, port))
    rate = bare.seconds / ours.seconds
    print(f"trafilatura alone    {PAGES / bare.seconds:6.1f} pages/s   {1000 * bare.cpu / PAGES:6.1f} ms CPU a page")
    print(f"the whole service    {PAGES / ours.seconds:6.1f} pages/s   {1000 * ours.cpu / PAGES:6.1f} ms CPU a page")
    print(f"ratio of rates {rate:.2f} (at least {LEAST_RATE}, wished {WISHED_RATE}); of CPU {bare.cpu / ours.cpu:.2f}")
    language, storing = ours.shares["language"] / ours.cpu, (ours.shares["judging"] + ours.shares["storing"]) / ours.cpu
    judging = ours.shares["judging"] / ours.cpu
    print(f"language {language:.1%} of the CPU (at most {MOST_LANGUAGE:.0%})")
    print(f"judging {judging:.1%} and storing {storing - judging:.1%} (together at most {MOST_JUDGING_AND_STORING:.0%})")
    alone = asyncio.run(_deadline(made[:100]))
    print(f"a page past its deadline: {alone} of 100 others read meanwhile")
    return rate < LEAST_RATE or language > MOST_LANGUAGE or storing > MOST_JUDGING_AND_STORING or alone < 100


@dataclass
class Cost:
    seconds: float = 0.0
    cpu: float = 0.0
    shares: Counter[str] = field(default_factory=Counter)


async def _both(folder: Path, made: list[Made], port: int) -> tuple[Cost, Cost]:
    ours, bare = Cost(), Cost()
    configuration = _configuration(folder, made, port)
    data = folder / "data"
    data.mkdir()
    with wiring.writing(data) as store:
        async with wiring.world(configuration, store) as world:
            assert isinstance(world.executor, Engine)
            await _all(lambda page: world.executor.run(_bare, page.html, "https://bench.test/"), _part(made, PARTS))
            await asyncio.gather(*(world.executor.run(_warm, made[0].html) for _ in range(8)))
            await _service(world, PARTS)
            timed = replace(world, store=_Timed(store, ours.shares, "storing"), rules=_Timed(world.rules, ours.shares, "judging"))  # type: ignore[arg-type]
            for part in range(PARTS):
                chosen = _part(made, part)
                with _measured(bare):
                    await _all(lambda page: world.executor.run(_bare, page.html, f"https://bench.test{page.path}"), chosen)
                with _measured(ours):
                    await _service(timed, part)
        items = store.items()
        assert len(items) == len(made), f"{len(items)} items of {len(made)} pages"
        short = [item for item in items if item.article.quality != "full" or len(item.article.text) < 500]
        assert not short, f"{len(short)} articles were not read whole"
        print(f"{sum(item.judgement.level != 'none' for item in items)} items matched, {Counter(item.state.value for item in items)}")
        ours.shares["language"] = _language(items) * PAGES / len(made)
    return ours, bare


def _part(made: list[Made], part: int) -> list[Made]:
    return made[PAGES:] if part == PARTS else made[:PAGES][part::PARTS]


async def _service(world: World, part: int) -> None:
    collected = await collect(world, only=[ident for ident in world.sources if ident.endswith(f"-{part}")], everything=True)
    assert all(poll.outcome == "ok_new" for poll in collected.polls), collected.polls[:3]
    await read(world)


async def _all(work: Callable[[Made], Awaitable[object]], chosen: list[Made]) -> None:
    """As many at once as the service has under way."""
    turn = asyncio.Semaphore(BATCH)

    async def one(page: Made) -> None:
        async with turn:
            await work(page)

    await asyncio.gather(*map(one, chosen))


def _bare(html: bytes, url: str) -> int:
    from trafilatura import bare_extraction

    document = bare_extraction(html.decode(), url=url, include_comments=False)
    assert document is not None
    return len(document.text or "")


def _warm(html: bytes) -> None:
    from monitor.steps.extract import read_page

    read_page(html, "text/html", "https://bench.test/", ("en", "fr", "ru", "uk"), datetime.now(UTC))


def _language(items: Any) -> float:
    language_of("", ORDINARY["en"])  # reads its profiles
    begun = time.process_time()
    for item in items:
        language_of(item.article.title, item.article.text, ())
    return time.process_time() - begun


# ── what it costs ──


@contextmanager
def _measured(cost: Cost) -> Iterator[None]:
    seconds, cpu = time.perf_counter(), _cpu()
    yield
    cost.seconds += time.perf_counter() - seconds
    cost.cpu += _cpu() - cpu


def _cpu() -> float:
    """Seconds of this process and of the workers, the dead ones too; the servers are not ours."""
    parents: dict[int, tuple[int, float, str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        name, _, rest = text.partition("(")[2].rpartition(")")
        values = rest.split()
        parents[int(path.parent.name)] = int(values[1]), sum(map(int, values[11:15])) / TICK, name
    kin, found = {os.getpid()}, 0.0
    while more := {pid for pid, (parent, _, _) in parents.items() if parent in kin and pid not in kin and pid not in SERVERS}:
        kin |= more
    for pid in kin:
        found += parents[pid][1] if pid in parents else 0.0
    return found


class _Timed:
    """A port whose every call is timed."""

    def __init__(self, inner: Any, costs: Counter[str], name: str) -> None:
        self._inner, self._costs, self._name = inner, costs, name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def timed(*args: Any, **named: Any) -> Any:
            with self._timed():
                return found(*args, **named)

        return self._transaction if name == "together" else timed

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Its begin and its end alone: the calls inside are timed themselves."""
        with ExitStack() as stack:
            with self._timed():
                stack.enter_context(self._inner.together())
            yield
            with self._timed():
                stack.close()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        begun = time.thread_time()
        try:
            yield
        finally:
            self._costs[self._name] += time.thread_time() - begun


# ── a page past its deadline ──


async def _deadline(made: list[Made]) -> int:
    """How many pages are read while one hangs until its deadline."""
    engine = Engine(2)
    try:
        await engine.run(_bare, made[0].html, "https://bench.test/")
        hung = asyncio.ensure_future(engine.run(_hang, deadline=1.0))
        await _all(lambda page: engine.run(_bare, page.html, "https://bench.test/"), made)
        try:
            await hung
        except WorkTimeoutError:
            return len(made)
        return 0
    finally:
        engine.close()


def _hang() -> None:
    while True:
        pass


# ── the outlets ──

SERVERS: set[int] = set()


@contextmanager
def _serving(made: list[Made]) -> Iterator[int]:
    """The feeds and pages on one port of HOSTS addresses; the port."""
    with ExitStack() as stack:
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(target=_serve, args=(theirs, made), daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(process.kill)
        assert process.pid
        SERVERS.add(process.pid)
        yield ours.recv()


def _serve(told: Connection, made: list[Made]) -> None:
    answers = {page.path: _answer(page.html, "text/html; charset=utf-8") for page in made}
    hosts = [f"127.0.0.{number + 1}" for number in range(HOSTS)]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                host = next(line for line in head.decode().split("\r\n") if line.lower().startswith("host:")).partition(":")[2].strip()
                path = head.split()[1].decode()
                if path.startswith("/feed"):
                    part, number = int(path[-1]), hosts.index(host.partition(":")[0])
                    writer.write(_answer(_feed(host, _part(made, part)[number::HOSTS]), "application/rss+xml"))
                else:
                    writer.write(answers.get(path, b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def serve() -> None:
        first = await asyncio.start_server(talk, hosts[0], 0)
        port = first.sockets[0].getsockname()[1]
        others = [await asyncio.start_server(talk, host, port) for host in hosts[1:]]
        told.send(port)
        await asyncio.gather(*(server.serve_forever() for server in (first, *others)))

    asyncio.run(serve())


def _answer(body: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def _feed(host: str, made: list[Made]) -> bytes:
    items = "".join(
        f"<item><title>{escape(page.title)}</title><link>http://{host}{page.path}</link><guid>{page.path}</guid></item>" for page in made
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>'.encode()


def _configuration(folder: Path, made: list[Made], port: int) -> wiring.Configuration:
    config = folder / "config"
    (config / "sources").mkdir(parents=True)
    hosts = [f"127.0.0.{number + 1}:{port}" for number in range(HOSTS)]
    allow = ", ".join(f'"{host}"' for host in hosts)
    (config / "monitor.toml").write_text(f'[fetch]\nallow = [{allow}]\nhost_gap = "0s"\n')
    tables = [
        f'[[source]]\nid = "bench-{number}-{part}"\nname = "Bench {number} {part}"\ngroup = "b{number}-{part}"\nkind = "wire"\n'
        f'languages = ["fr", "en", "ru", "uk"]\n[[source.endpoint]]\nkind = "feed"\nurl = "http://{host}/feed{part}"\nevery = "15m"\n'
        for number, host in enumerate(hosts)
        for part in range(PARTS + 1)
    ]
    (config / "sources" / "bench.toml").write_text("\n".join(tables))
    return wiring.load(config)
