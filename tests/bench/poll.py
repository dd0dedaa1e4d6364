"""1,000 feeds of 20 entries on one loopback server, first read and then asked in vain, beside lemon24/reader on the same server.

CPU is that of the command with all its children; the press has a process of its own that counts for nobody. Reader reads no pages, so ours
collects alone. Reader comes from PyPI into a throw-away environment: it brings libraries of its own, and no test needs it. Both are
compiled before (pip does that with what it installs, nobody with a checkout), and the file that starts ours is empty to workers, as the
command's own is.
"""

from __future__ import annotations

import asyncio
import compileall
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import monitor

FEEDS, ENTRIES = 1_000, 20
WANTED = {"first CPU": 3.0, "first wall": 4.0, "steady CPU": 10.0}
MOST_MEMORY = 150  # MB of the parent
SUBREAPER = 36  # prctl(2): the workers' server, left behind by its parent, is waited for here

READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1], feed_root=None)
for url in sys.argv[2:]:
    reader.add_feed(url, exist_ok=True)
if not sys.argv[2:]:
    list(reader.update_feeds_iter(scheduled=False))
    print(reader.get_entry_counts().total)
"""
OURS = """
if __name__ == "__main__":
    import asyncio, resource, sys
    from pathlib import Path
    from monitor import wiring
    from monitor.config.settings import load_settings
    from monitor.flows.collect import collect
    async def looks(configuration, store):
        async with wiring.world(configuration, store) as world:
            return (await collect(world, everything=True)).polls
    config, data = map(Path, sys.argv[1:])
    configuration = wiring.Configuration(load_settings(config), wiring.load_sources(config), None)
    with wiring.writing(data) as store:
        polls = asyncio.run(looks(configuration, store))
        parsed = sum(poll.outcome != "not_modified" for poll in polls)
        print(sum(store.ledger().values()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, len(polls), parsed)
"""


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float
    said: list[str]


def feed(number: int) -> bytes:
    """Every tenth has a control character in its titles, as feeds in the wild do."""
    odd = "\x0b" if number % 10 == 0 else ""
    items = "".join(
        f"<item><guid isPermaLink='false'>entry-{number}-{n}</guid><title>Entry {n} of {number}{odd}: the harbour &amp; the council</title>"
        f"<link>http://news{number}.example.org/2026/11/{n}</link><pubDate>Wed, 25 Nov 2026 {n:02d}:00:00 GMT</pubDate>"
        f"<description>{f'What was said in the council of town {number} on matter {n}. ' * 4}</description></item>"
        for n in range(ENTRIES)
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Outlet {number}</title>{items}</channel></rss>".encode()
    )


async def serve() -> None:
    """The press: keeps connections alive for whoever wants that, and says 304 to its own tags."""
    feeds = {f"/feed/{n}".encode(): feed(n) for n in range(FEEDS)}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ")[1]
                tag = b'ETag: "%b"\r\n' % path
                if b'if-none-match: "%b"' % path in head.lower():
                    writer.write(b"HTTP/1.1 304 Not Modified\r\n" + tag + b"\r\n")
                else:
                    writer.write(b"HTTP/1.1 200 OK\r\n" + tag + b"Content-Length: %d\r\n\r\n" % len(feeds[path]) + feeds[path])
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def cost(*command: object) -> Cost:
    """What a command costs, with all that it leaves behind."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    wall = time.monotonic() - begun
    time.sleep(1)  # its workers end when they see that it did
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout.split())


def configure(folder: Path, port: int) -> None:
    (folder / "sources").mkdir(parents=True)
    (folder / "monitor.toml").write_text(f'[fetch]\nallow = ["127.0.0.1:{port}"]\n')
    tables = (
        f'[[source]]\nid = "s{n}"\nname = "S{n}"\ngroup = "s{n}"\nkind = "independent"\nlanguages = ["en"]\n[[source.endpoint]]\n'
        f'kind = "feed"\nurl = "http://127.0.0.1:{port}/feed/{n}"\n'
        for n in range(FEEDS)
    )
    (folder / "sources" / "all.toml").write_text("\n".join(tables))


def main() -> int:
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    press = subprocess.Popen([sys.executable, "-c", "import asyncio; from tests.bench.poll import serve; asyncio.run(serve())"], stdout=-1)
    assert press.stdout is not None
    port = int(press.stdout.readline())
    try:
        with tempfile.TemporaryDirectory() as name:
            return measure(Path(name), port)
    finally:
        press.kill()


def measure(folder: Path, port: int) -> int:
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "reader", "sgmllib3k"], check=True, capture_output=True)
    compileall.compile_dir(Path(monitor.__file__).parent, quiet=1)
    (folder / "ours.py").write_text(OURS)
    configure(folder / "config", port)
    (folder / "data").mkdir()
    database, urls = folder / "reader.db", [f"http://127.0.0.1:{port}/feed/{n}" for n in range(FEEDS)]
    cost(python, "-c", READER, database, *urls)
    theirs = [cost(python, "-c", READER, database) for _ in range(2)]
    ours = [cost(sys.executable, folder / "ours.py", folder / "config", folder / "data") for _ in range(2)]
    stored, memory = int(ours[0].said[0]), max(int(each.said[1]) for each in ours)
    for who, (first, steady) in (("reader", theirs), ("ours", ours)):
        print(f"poll: {who}: first {first.cpu:.1f} s CPU, {first.wall:.1f} s wall, {first.said[0]} entries;", end=" ")
        print(f"steady {steady.cpu:.2f} s CPU, {steady.wall:.2f} s wall")
    ratios = {
        "first CPU": theirs[0].cpu / ours[0].cpu,
        "first wall": theirs[0].wall / ours[0].wall,
        "steady CPU": theirs[1].cpu / ours[1].cpu,
    }
    for name, least in WANTED.items():
        print(f"poll: {name} {ratios[name]:.1f}x less, {least:g}x wanted")
    looks, parsed = map(int, ours[1].said[2:])
    print(f"poll: {parsed} of {looks} answers parsed in the steady one, 0 wanted")
    print(f"poll: {stored} of {FEEDS * ENTRIES} entries stored, {memory} MB in the parent, {MOST_MEMORY} at most")
    slow = any(ratios[name] < least for name, least in WANTED.items())
    return int(slow or (looks, parsed) != (FEEDS, 0) or stored != FEEDS * ENTRIES or memory > MOST_MEMORY)
