"""The command line: what a person or a script starts. Results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from monitor import __version__
from monitor.errors import MonitorError

HELP = """Watches many outlets for one subject: soldiers who desert, go absent without leave, refuse to fight or mutiny.

\b
First steps
  monitor doctor           is everything in place?
  monitor poll             look once at what is due, read it, alert
  monitor alerts           what alerted
  monitor digest           yesterday, with the proof of what was looked at
  monitor run              the same for ever, as a daemon

\b
Exit codes: 0 done, 1 error, 2 usage or configuration error, 3 done in part, 4 another process holds the lock.
"""


#: File of this folder -> its commands, and of each the first sentence of its help: so help is told, and a command found, without importing
#: any other.
COMMANDS: Mapping[str, Mapping[str, str]] = {
    "service": {
        "backup": "Write a consistent, checked copy of the database to FILE; works beside a running daemon, and never replaces a file.",
        "digest": "Print the digest of a day (default: yesterday).",
        "doctor": "Say what is wrong, and what to do about it.",
        "poll": "Look at what is due, read what waits, look again at what matched, store it, alert.",
        "run": "Run as a daemon: look, read, alert, digest, for ever.",
    },
    "listing": {
        "alerts": "List alerts, the newest last.",
        "export": "Print everything stored, an item a line, or write the pages kept as evidence into a WARC file.",
        "items": "List stored articles, matched or not.",
        "ledger": "Show how every entry ever seen ended; the states sum to what was seen.",
        "stories": "List stories: each event once, with its outlets and at most how many independent origins.",
    },
    "articles": {
        "explain": "Explain what the service thinks of a page, a saved page or a text (- reads stdin), and why.",
        "show": "Show one article: its text with the matches marked, why, its versions and what changed, alerts, evidence.",
    },
    "sources": {
        "sources": "List the catalogue with the health of each source; look at a source now; find, import and export sources.",
    },
    "backfill": {
        "backfill": "Read the past: addresses, a source's archives, or WARC files.",
    },
    "evidence": {
        "verify": "Say whether any stored page, record of a fetch, text or manifest was changed, and which (exit 1 then).",
    },
    "rules": {
        "rematch": "Judge everything stored under the rules as they are now.",
        "rules": "Test rules, and see what an edit would change before it is saved.",
    },
    "lexicon": {
        "lexicon": "Propose forms of a word, and find what is odd about the terms.",
    },
    "review": {
        "judge": "Say of item ID whether the rules judged it right: right, wrong, or other (beside the subject: a note, no alert).",
        "review": "List what was drawn at random to be judged and is not judged yet: so `monitor rules test` can tell how much is missed.",
    },
    "pure": {
        "analyze": "Judge texts: JSON Lines in, a line each out, in order.",
        "parse": "Print the entries of a saved feed, sitemap, channel page, listing or JSON answer, one a line (FILE - reads stdin).",
    },
}
_FILES = {name: file for file, told in COMMANDS.items() for name in told}


class Commands(click.Group):
    """Imports a command when it is called: help and a quick listing need little of all this.

    Output that nobody reads any more (`monitor items | head`) ends a command without an error; click alone would end with 1.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_FILES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = _FILES.get(cmd_name)
        return commands_of(file)[cmd_name] if file else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([pair for told in COMMANDS.values() for pair in told.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


@click.group(cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="monitor")
def cli() -> None:
    pass


def commands_of(file: str) -> dict[str, click.Command]:
    """The commands of one file, by name."""
    commands: tuple[click.Command, ...] = import_module(f"monitor.cli.{file}").COMMANDS
    return {command.name or "": command for command in commands}


def main() -> NoReturn:
    """Runs the command line; every expected failure ends as one clear message and the contract's exit code."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us: no file of ours may get its number
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115 (until the process ends)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal in the C locale must not end a listing midway
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except MonitorError as error:
        click.echo(f"monitor: {error}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("monitor: stopped; the same command goes on where it was", err=True)
        code = 3
    raise SystemExit(code or 0)
