"""The command line: what a person or a script starts. Results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
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


#: The files of this folder that have commands, in the order in which help lists them; each is imported when it is needed.
FILES = ("service", "listing", "articles", "sources", "backfill", "evidence", "rules", "lexicon", "review", "pure")
#: Commands that scripts start again and again -> their file; the others are looked for in all.
AT_ONCE = {"poll": "service", "run": "service", "items": "listing", "alerts": "listing", "ledger": "listing", "parse": "pure"}


class Commands(click.Group):
    """Imports a command when it is asked for, since a worker process and a quick listing need little of all this.

    Output that nobody reads any more (`monitor items | head`) ends a command without an error; click alone would end with 1.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._all())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = AT_ONCE.get(cmd_name)
        return (_of(file) if file else self._all()).get(cmd_name)

    def _all(self) -> dict[str, click.Command]:
        return {name: command for file in FILES for name, command in sorted(_of(file).items())}

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


def _of(file: str) -> dict[str, click.Command]:
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
