"""A curator's way with the lexicon: forms for a new word, and what is odd about those that are there."""

from __future__ import annotations

import shutil
from pathlib import Path

from monitor import wiring
from monitor.config.rules import load_rules
from tests.press import Press

from .conftest import Desk


def test_forms_are_proposed_ready_to_paste(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("lexicon", "forms", "дезертир", "--lang", "ru")
    assert done.returncode == 0
    assert "known already: ru, desertion" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "# ru"
    config = tmp_path / "edited"
    shutil.copytree(wiring.shipped(), config)
    path = config / "lexicon" / "ru.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\ndesertion = [\n", f"\ndesertion = [\n{lines[1]}\n", 1), encoding="utf-8")
    edited = [term.text for language in load_rules(config).languages for term in language.terms]
    assert "дезертир{,а,у,ом,е,ы,ов,ам,ами,ах}" in edited


def test_a_word_without_a_language_gets_every_one_it_may_be_written_in(desk: Desk) -> None:
    told = desk.json("lexicon", "forms", "мятеж")
    assert {proposal["lang"] for proposal in told["proposals"]} == {"ru", "uk"}
    assert "mutiny" in {term["concept"] for term in told["known"]}


def test_what_is_odd_about_the_terms_is_told_also_what_never_matched(press: Press, desk: Desk) -> None:
    press.write_config(desk.config)
    for name in ("lexicon", "rules"):
        shutil.copytree(wiring.shipped() / name, desk.config / name)
    path = desk.config / "lexicon" / "fr.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("\ndesertion = [\n", '\ndesertion = [\n  "zyx{,s}", "zyxs", "temps",\n', 1), encoding="utf-8")
    before = desk.run("lexicon", "check")
    assert "nothing is stored" in before.stderr
    assert desk.run("poll", "--json").returncode == 0
    found = desk.json("lexicon", "check")
    ours = {(one["kind"], one["term"]) for one in found if one["lang"] == "fr" and one["concept"] == "desertion"}
    assert {("never", "zyx{,s}"), ("never", "zyxs"), ("shadowed", "zyxs"), ("common", "temps")} <= ours
    named = {one["term"] for one in found if one["kind"] == "never"}
    assert not [term for term in named if term.startswith("désert{eur")]
