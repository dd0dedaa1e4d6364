"""The lexicon as curators work on it: forms proposed for a word, and what is odd about the terms that are there."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import wiring
from monitor.cli.options import config_option, folders, json_option, print_json, stderr, table, unused_data
from monitor.cli.progress import bar
from monitor.steps import inflection
from monitor.steps.lexicon import forms_of
from monitor.steps.text import word_codes

if TYPE_CHECKING:
    from monitor.steps.lexicon import Term
    from monitor.steps.matching import RuleBook


@click.group()
def lexicon() -> None:
    """Propose forms of a word, and find what is odd about the terms."""


@lexicon.command()
@config_option
@unused_data
@json_option
@click.option("--lang", type=click.Choice(list(inflection.PATTERNS)), help="Its language (default: every one it may be written in).")
@click.argument("word")
def forms(config: Path | None, as_json: bool, lang: str | None, word: str) -> None:
    """Propose how WORD inflects, as terms ready for config/lexicon/.

    They are candidates: patterns know endings, not words. Strike what the language does not say, and add what the pattern misses.
    """
    rules = wiring.load_rules(wiring.config_folder(config, pure=True))
    languages = (lang,) if lang else inflection.languages_of(word)
    proposed = [(one, proposal) for one in languages for proposal in inflection.propose(word, one)]
    known = _known(rules, word, languages)
    if as_json:
        proposals = [{"lang": one, **asdict(proposal)} for one, proposal in proposed]
        print_json({"word": word, "proposals": proposals, "known": [_shown(term) for term in known]})
        return
    for term in known:
        stderr(f"known already: {term.lang}, {term.concept}: {term.text}")
    for one in languages:
        own = [proposal for told, proposal in proposed if told == one]
        click.echo(f"# {one}" + ("" if own else ": no pattern fits; write its forms out"))
        for proposal in own:
            click.echo(f"  {json.dumps(proposal.term, ensure_ascii=False)},  # {proposal.kind}; {len(proposal.forms)} candidates")


def _known(rules: RuleBook, word: str, languages: tuple[str, ...]) -> list[Term]:
    """The terms that have the word among their forms."""
    (codes,) = word_codes([word])
    own = [(language, term) for language in rules.languages if language.code in languages for term in language.terms]
    return [term for language, term in own if codes in word_codes(forms_of(term, language))]


def _shown(term: Term) -> dict[str, str]:
    return {"lang": term.lang, "concept": term.concept, "term": term.text}


@lexicon.command()
@folders
@json_option
def check(config: Path | None, data: Path | None, as_json: bool) -> None:
    """Find terms that others stand for, that give a form twice, that are everyday words or very short, or that never matched.

    The last is asked of everything stored; without a data folder it is left out.
    """
    from monitor.steps.lexcheck import check as run

    rules = wiring.load_rules(wiring.config_folder(config, pure=True))
    matched = _matched(rules, wiring.data_folder(data)) if data or wiring.DATA.is_dir() else None
    if matched is None:
        stderr("nothing is stored, so terms that never matched cannot be told")
    findings = run(rules.languages, {concept for rule in rules.rules.rules for concept in rule.act}, matched)
    if as_json:
        print_json([{"kind": one.kind, **_shown(one.term), "says": one.says} for one in findings])
        return
    rows = [(one.kind, one.term.lang, one.term.concept, one.term.text, one.says) for one in findings]
    table(("", "lang", "concept", "term", "what is odd"), rows, empty="Nothing is odd.")


def _matched(rules: RuleBook, data: Path) -> set[Term] | None:
    """The terms that stand in what is stored; None where nothing is."""
    from monitor.flows.terms import terms_ever_found

    with wiring.reading(data) as store, wiring.workers() as engine:
        items = store.count_judged_otherwise("")
        with bar("looking through what is stored", items) as tell:
            return asyncio.run(terms_ever_found(store, engine, rules, tell=tell)) if items else None


COMMANDS = (lexicon,)
