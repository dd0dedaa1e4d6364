"""Does the whole service work? `./run demo`: the real commands against the press, with what alerted and why. Needs no network."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from monitor.steps.display import plain

from . import Press

FOLDER = Path("storage/demo")
CONTEXT = 90  # characters shown on each side of the words that alerted
MOST_PLACES = 2  # of one alert

#: The picture as Rich draws it, without the fonts that it would fetch from elsewhere.
OWN_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

console = Console(highlight=False)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--picture", type=Path, metavar="FILE.svg", help="also save what is printed as a picture")
    picture: Path | None = ask.parse_args().picture
    if picture:
        console.record, console.width = True, 150
    code = demonstrate()
    if picture:
        console.save_svg(str(picture), title="./run demo", code_format=OWN_FONTS)
    return code


def demonstrate() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with Press() as press:
        press.write_config(FOLDER / "config")
        console.print(f"The press plays {len(press.sources)} outlets on {press.url}; everything below is the real service.\n")
        heading("monitor poll")
        first = polled("first look")
        alerts, items = asked("alerts"), {item["id"]: item for item in asked("items")}
        heading("what alerted, and the words that made it")
        for alert in alerts:
            show(alert, items[alert["item"]])
        heading("monitor digest today")
        console.print(Text(plain_lines(run("digest", "today"))))
        heading("monitor poll --all, once more")
        second = polled("second look", "--all")
        requests = len(press.requests)
    ledger = asked("ledger")
    stories = {items[alert["item"]]["story"] for alert in alerts}
    false = [item["title"] for item in items.values() if item["verdict"] == "alert" and item["story"] not in stories]
    expected = {
        f"{len(stories)} stories alerted (two expected)": len(stories) == 2,
        f"{len(false)} false alerts among {len(items)} articles": not false and second["alerts"] == 0,
        f"second look: {sum(p['new'] for p in second['polls'])} new, {second['alerts']} alerted again": not sum(
            p["new"] for p in second["polls"]
        ),
        f"ledger: {ledger['seen']} entries seen, all accounted for": sum(ledger["by_state"].values()) == ledger["seen"] > 0,
        f"nothing failed, nothing waits ({requests} requests in all)": first["failed"] == 0 == ledger["by_state"]["waiting"],
    }
    heading("result")
    for what, right in expected.items():
        console.print(Text("✓ " if right else "✗ ", style="green" if right else "bold red") + Text(what))
    console.print(f"\nLook into it: .venv/bin/monitor items --data {FOLDER} · also alerts, stories, ledger, digest today, export --jsonl")
    return 0 if all(expected.values()) else 1


def heading(text: str) -> None:
    console.print(Rule(text, align="left", style="dim"))


def run(*words: str) -> str:
    """One command of the service, as a process of its own."""
    command = [sys.executable, "-m", "monitor", *words, "--data", str(FOLDER)]
    command += ["--config", str(FOLDER / "config")] if words[0] != "ledger" else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        console.print(Text(done.stderr, style="red"))
        raise SystemExit(f"monitor {' '.join(words)} ended with exit code {done.returncode}")
    return done.stdout


def asked(what: str) -> Any:
    return json.loads(run(what, "--json"))


def polled(name: str, *words: str) -> dict[str, Any]:
    begun = time.monotonic()
    record: dict[str, Any] = json.loads(run("poll", "--json", *words))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("source", "outcome", "entries", "new"):
        table.add_column(column, justify="right" if column in ("entries", "new") else "left")
    for poll in record["polls"]:
        table.add_row(poll["source"], poll["outcome"], str(poll["entries"]), str(poll["new"]))
    console.print(table)
    seconds = time.monotonic() - begun
    console.print(f"{name}: {record['read']} entries read, {record['items']} items, {record['alerts']} alerts in {seconds:.1f} s\n")
    return record


def show(alert: dict[str, Any], item: dict[str, Any]) -> None:
    console.print(Text(f"{alert['severity'].upper():7}", style="bold red") + Text(plain(item["title"]), style="bold"))
    facts = [alert["source"], "+".join(alert["topics"]), f"side {alert['side']}", f"{len(item['matches'])} matches", alert["status"]]
    console.print(Text("       " + " · ".join(facts), style="dim"))
    for match in distinct(item["matches"])[:MOST_PLACES]:
        text, start, end = item[match["field"]], match["start"], match["end"]
        before, after = text[max(0, start - CONTEXT) : start].rpartition("\n")[2], text[end : end + CONTEXT].partition("\n")[0]
        line = Text("       … ") + Text(plain(before)) + Text(plain(text[start:end]), style="bold yellow") + Text(plain(after) + " …")
        line.append(f"  [{match['rule']}]", style="dim")
        console.print(line)
    console.print()


def distinct(matches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One place of each rule and no place twice, the body's before the title's, which stands above already."""
    chosen: list[dict[str, Any]] = []
    for match in sorted(matches, key=lambda match: match["field"] == "title"):
        place = match["field"], match["start"]
        if all(match["rule"] != other["rule"] and place != (other["field"], other["start"]) for other in chosen):
            chosen.append(match)
    return chosen


def plain_lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
