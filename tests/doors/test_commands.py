"""Does each command do what the contract says, and tell what is wrong?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import click
import pytest

from tests.press import Press, outlets

from .conftest import Desk

LONGEST_HELP = 200  # characters of a first sentence
#: What reads, fetches or makes up; none of it is needed to look into the database.
HEAVY = {
    "aiohttp",
    "ahocorasick_rs",
    "asyncio.events",
    "dateparser",
    "feedparser",
    "jinja2",
    "langdetect",
    "lxml",
    "pebble",
    "rich",
    "sqlite_utils",
    "trafilatura",
}
SEEDS = {"000": "désert", "002": "mutin"}


@pytest.fixture
def watched(press: Press, desk: Desk) -> Desk:
    press.write_config(desk.config)
    return desk


@pytest.mark.parametrize("seed", SEEDS)
def test_analyze_alerts_on_a_seeds_text_at_the_right_places(desk: Desk, seed: str) -> None:
    text = outlets.seed_text(seed)
    done = desk.run("analyze", given=json.dumps({"id": seed, "text": text}) + "\n")
    record = json.loads(done.stdout)
    fields = {"text": record["text"], "title": record["title"], "lead": record["lead"]}
    words = [fields[match["field"]][match["start"] : match["end"]].casefold() for match in record["matches"]]
    print(seed, words)
    assert (done.returncode, record["verdict"], record["lang"], record["side"]) == (0, "alert", "fr", "ru")
    assert any(SEEDS[seed] in word for word in words)
    assert [word for word in words if "munition" in word or word in {"désert", "le désert"}] == []


def test_analyze_answers_each_line_in_order_and_survives_what_it_cannot_read(desk: Desk) -> None:
    lines = [
        '{"id": "a", "title": "Soldiers deserted their unit near Bakhmut"}',
        "no json",
        '{"id": "c"}',
        '{"id": "d", "html": "<p>"}',
        "[]",
        "[" * 100_000,
    ]
    done = desk.run("analyze", given="\n".join(lines) + "\n")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record.get("id") for record in records] == ["a", None, "c", "d", None, None]
    assert ["error" in record for record in records] == [False, True, True, False, True, True]
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_parse_prints_an_entry_a_line(press: Press, desk: Desk, tmp_path: Path) -> None:
    document = press.document("/courrier/rss.xml")
    assert document
    file = tmp_path / "feed.xml"
    file.write_text(document.text, encoding="utf-8")
    done = desk.run("parse", "--kind", "feed", "--url", press.url, str(file))
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert len(entries) >= 2
    assert all(entry["url"].startswith(press.url) and entry["published"].endswith("Z") for entry in entries)
    keys = ["id", "url", "title", "published", "updated", "authors", "summary", "content", "lang", "forwarded_from", "edited", "flags"]
    assert all(list(entry) == keys for entry in entries)


def test_parse_says_the_outcome_of_what_is_no_feed(desk: Desk) -> None:
    done = desk.run("parse", "--kind", "feed", "--url", "https://example.org/", "-", given="<!DOCTYPE html><html><body>Hello</body></html>")
    assert done.returncode == 1
    assert done.stderr.startswith("not_a_feed")
    assert done.stdout == ""


def test_poll_and_what_it_stored_have_the_contracts_shape(watched: Desk) -> None:
    poll = watched.json("poll")
    assert set(poll) >= {"polls", "read", "waiting", "failed", "items", "alerts"}
    assert all(set(one) >= {"source", "url", "outcome", "status", "entries", "new"} for one in poll["polls"])
    items, alerts, sources, stories = (watched.json(what) for what in ("items", "alerts", "sources", "stories"))
    wanted = "id source entry_id url title lead text lang quality published first_seen state duplicate_of story verdict score topics side"
    assert all({*wanted.split(), "versions"} <= set(item) for item in items)
    of_alert = "id item source url title severity rules topics side created status lane"
    assert all(set(of_alert.split()) <= set(alert) for alert in alerts)
    assert {source["health"] for source in sources} == {"ok", "disabled"}
    endpoint = "url kind role outcome status last_look next_look failing_since silent_since entries newest"
    assert all(set(endpoint.split()) <= set(one) for source in sources for one in source["endpoints"])
    of_story = "id label items outlets origins first_seen last_seen"
    assert all(set(of_story.split()) <= set(story) for story in stories)
    assert len(items) == poll["items"] > 5
    ledger = watched.json("ledger")
    assert sum(ledger["by_state"].values()) == ledger["seen"]


@pytest.mark.parametrize("fmt", ["text", "markdown", "html", "json"])
def test_A07_a_digest_made_twice_is_the_same_bytes(watched: Desk, fmt: str) -> None:
    watched.run("poll")
    first, second = (watched.run("digest", "today", "--format", fmt).stdout for _ in range(2))
    assert first == second
    assert "Looked at" in first


def test_A08_a_digest_of_an_empty_day_says_so(watched: Desk) -> None:
    assert "4 sources" in watched.run("digest", "2026-01-02").stdout


def test_export_prints_everything_stored(watched: Desk) -> None:
    watched.run("poll")
    lines = [json.loads(line) for line in watched.run("export", "--jsonl").stdout.splitlines()]
    assert len(lines) == len(watched.json("items"))


def test_C08_a_second_writer_is_told_who_holds_the_lock(watched: Desk, press: Press) -> None:
    press.delay("/courrier/rss.xml", 3)
    first = watched.start("poll")
    press.wait_for(1)
    second = watched.run("poll")
    assert second.returncode == 4
    assert str(first.pid) in second.stderr
    assert watched.run("items").returncode == 0  # looking is always possible
    assert first.wait(60) == 0
    first.communicate()


BAD = {
    "an unknown key": ("monitor.toml", 'timezon = "Europe/Paris"', "timezon"),
    "a bad duration": ("sources/x.toml", 'every = "often"', "every"),
    "a bad URL": ("sources/x.toml", 'url = "ftp://example.org/feed"', "url"),
}


@pytest.mark.parametrize("name", BAD)
def test_C13_bad_configuration_ends_with_exit_2_naming_file_and_key(desk: Desk, name: str) -> None:
    file, line, key = BAD[name]
    (desk.config / "sources").mkdir()
    endpoint = {"kind": '"feed"', "url": '"https://example.org/feed"', "every": '"15m"'}
    if file != "monitor.toml":
        changed, _, value = line.partition(" = ")
        endpoint[changed] = value
        table = "\n".join(f"{one} = {value}" for one, value in endpoint.items())
        line = f'[[source]]\nid = "x"\nname = "X"\ngroup = "x"\nkind = "wire"\nlanguages = ["en"]\n[[source.endpoint]]\n{table}\n'
    (desk.config / file).write_text(line + "\n", encoding="utf-8")
    done = desk.run("poll")
    assert done.returncode == 2
    assert file.rpartition("/")[2] in done.stderr and key in done.stderr
    assert "Traceback" not in done.stderr


def test_a_duplicate_id_names_both_files(desk: Desk) -> None:
    (desk.config / "sources").mkdir()
    for name in ("one", "two"):
        table = '[[source]]\nid = "x"\nname = "X"\ngroup = "x"\nkind = "wire"\nlanguages = ["en"]\n'
        endpoint = '[[source.endpoint]]\nkind = "feed"\nurl = "https://example.org/feed"\nevery = "15m"\n'
        (desk.config / "sources" / f"{name}.toml").write_text(table + endpoint, encoding="utf-8")
    done = desk.run("sources")
    assert done.returncode == 2
    assert "one.toml" in done.stderr and "two.toml" in done.stderr


@pytest.mark.parametrize("words", [("poll",), ("items",), ("digest",), ("run",), ("backfill", "urls", "-")])
def test_a_missing_folder_is_said_and_not_created(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words, "--data", "nowhere", given="")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert not (desk.folder / "nowhere").exists()


def test_a_missing_configuration_folder_is_said(desk: Desk) -> None:
    done = desk.run("poll", "--config", "nowhere")
    assert (done.returncode, "nowhere" in done.stderr) == (2, True)


def test_Q12_a_database_of_a_newer_version_is_refused_untouched(watched: Desk) -> None:
    assert watched.run("poll").returncode == 0
    path = watched.data / "monitor.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    for words in (("poll",), ("items",)):
        done = watched.run(*words)
        assert done.returncode == 2
        assert "newer" in done.stderr
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (9999,)
    connection.close()


def test_B08_an_unknown_source_or_time_is_a_usage_error(watched: Desk) -> None:
    for words in (("poll", "nobody"), ("sources", "--source", "nobody")):
        assert watched.run(*words).returncode == 2
    for garbage in ("last summer", "9999999999d", "²d", "0001-01-01T00:00+14:00"):
        done = watched.run("items", "--since", garbage)
        assert done.returncode == 2
        assert "7d" in done.stderr
    reversed_ = watched.run("backfill", "source", "gazette", "--since", "2026-02-02", "--until", "2026-01-01")
    assert reversed_.returncode == 2


def test_doctor_says_what_is_wrong(watched: Desk) -> None:
    watched.run("poll")
    done = watched.run("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1  # nobody is told of alerts in this configuration
    assert [finding["what"] for finding in found["findings"] if not finding["ok"]] == ["alerts go to"]


def test_doctor_tells_of_a_folder_in_which_nothing_can_be_written(watched: Desk) -> None:
    (watched.data / "monitor.lock").mkdir()  # what no permission keeps a superuser from either
    done = watched.run("doctor", "--json")
    wrong = {finding["what"]: finding["found"] for finding in json.loads(done.stdout)["findings"] if not finding["ok"]}
    assert done.returncode == 1
    assert "cannot be written" in wrong["lock"]


def test_help_lists_every_command_and_answers_without_a_terminal(desk: Desk) -> None:
    done = desk.run("--help")
    assert done.returncode == 0
    from monitor.cli import cli

    commands = cli.list_commands(click.Context(cli))
    assert len(commands) >= 13
    for command in commands:
        assert f"\n  {command} " in done.stdout
        assert desk.run(command, "--help").returncode == 0


def test_every_command_takes_both_folders() -> None:
    from monitor import cli

    def leaves(command: click.Command) -> list[click.Command]:
        below = [one for part in command.commands.values() for one in leaves(part)] if isinstance(command, click.Group) else []
        return below or [command]

    commands = [leaf for file in cli.COMMANDS for command in cli.commands_of(file).values() for leaf in leaves(command)]
    assert len(commands) > 25
    lacking = [leaf.name for leaf in commands if not {"--config", "--data"} <= {name for param in leaf.params for name in param.opts}]
    assert lacking == []


def test_what_help_says_of_commands_is_what_their_files_hold() -> None:
    from monitor import cli

    files = {path.stem for path in Path(cli.__file__).parent.glob("*.py")} - {"__init__", "options", "progress"}
    assert set(cli.COMMANDS) == files
    for file, told in cli.COMMANDS.items():
        commands = cli.commands_of(file)
        assert told == {name: command.get_short_help_str(LONGEST_HELP) for name, command in sorted(commands.items())}
        assert all(cli.cli.get_command(click.Context(cli.cli), name) is command for name, command in commands.items())
    assert cli.cli.get_command(click.Context(cli.cli), "pol") is None


LIGHT = {"--help": HEAVY | {"monitor.model", "sqlite3"}, "ledger": HEAVY | {"pydantic"}, "items": HEAVY | {"pydantic"}, "sources": HEAVY}


@pytest.mark.parametrize("command", LIGHT)
def test_commands_that_only_show_import_nothing_heavy(watched: Desk, command: str) -> None:
    if command != "--help":
        watched.run("poll")
    watched.environment["PYTHONPROFILEIMPORTTIME"] = "1"
    done = watched.run(command)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert done.returncode == 0
    assert "monitor.cli" in imported
    assert imported & LIGHT[command] == set()


def test_B07_output_that_nobody_reads_is_no_error(watched: Desk) -> None:
    watched.run("poll")
    child = watched.start("export")
    assert child.stdout
    child.stdout.close()
    assert child.wait(60) == 0
    assert child.stderr
    assert "Traceback" not in child.stderr.read()
    child.stderr.close()


def test_a_backup_can_be_looked_into_and_never_replaces_a_file(watched: Desk) -> None:
    watched.run("poll")
    restored = watched.folder / "restored"
    restored.mkdir()
    assert watched.run("backup", str(restored / "monitor.db")).returncode == 0
    assert len(watched.json("items", "--data", str(restored))) == len(watched.json("items")) > 0
    again = watched.run("backup", str(restored / "monitor.db"))
    assert again.returncode == 2 and "exists already" in again.stderr
