"""What curators say of articles: verdicts, and the week's draw that waits for them. Works beside a running daemon."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from monitor import wiring
from monitor.cli.options import folders, json_option, print_json, table
from monitor.model import Says
from monitor.steps import records


@click.command()
@folders
@json_option
@click.option("--class", "topic", default="", metavar="TOPIC|none", help="The text's class, where the rules said another.")
@click.option("--note", default="", help="Why, for those who read it later.")
@click.option("--by", default="", envvar="USER", metavar="NAME", help="Who says so (default: you, as this system knows you).")
@click.argument("ident", metavar="ID", type=int)
@click.argument("says", metavar="right|wrong|other", type=click.Choice([says.value for says in Says]))
def judge(config: Path | None, data: Path | None, as_json: bool, topic: str, note: str, by: str, ident: int, says: str) -> None:
    """Say of item ID whether the rules judged it right: right, wrong, or other (beside the subject: a note, no alert).

    A verdict is kept for ever and tests the rules from then on; a later one on the same item counts in its place.
    """
    from monitor.flows.review import judge as run

    rules = wiring.load_rules(wiring.config_folder(config, pure=True))
    with wiring.noting(wiring.data_folder(data)) as store:
        verdict = run(store, rules, ident, Says(says), datetime.now(UTC), topic=topic, note=note, by=by)
    if as_json:
        print_json(records.verdict(verdict))
    else:
        click.echo(f"item {verdict.item}: {verdict.says}, class {verdict.topic}")


@click.command()
@folders
@json_option
@click.option("--draw", is_flag=True, help="Draw the week that is over, unless that was done.")
def review(config: Path | None, data: Path | None, as_json: bool, draw: bool) -> None:
    """List what was drawn at random to be judged and is not judged yet: so `monitor rules test` can tell how much is missed.

    Read each (monitor show ID), then say what it is: monitor judge ID right, or wrong --class TOPIC.
    """
    from monitor.flows.review import make_draw, to_judge

    folder = wiring.data_folder(data)
    if draw:
        with wiring.noting(folder) as store:
            make_draw(store, datetime.now(UTC))
    with wiring.reading(folder) as store:
        waiting = to_judge(store)
    if as_json:
        print_json([records.drawn(one, item) for one, item in waiting])
        return
    rows = [(one.week, one.stratum, item.id, item.judgement.level, item.source, item.article.title) for one, item in waiting]
    table(("week", "drawn from", "item", "verdict", "source", "title"), rows, empty="Nothing to judge: --draw draws the week that is over.")


COMMANDS = (judge, review)
