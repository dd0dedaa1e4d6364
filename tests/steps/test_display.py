"""How is text from outside shown so that it harms nobody?"""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from monitor.model import Article, EntryState, Hit, When
from monitor.steps import display

ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates and controls too
MARKS = [*"\\`*_{}[]()#+-.!<>|~&@$^=:\"'/ \n\t\r", *["1.", "http://", "www.", "a", "б", "&copy;", "](", "<b>", "---", "```"], "    "]
HOSTILE = st.lists(st.sampled_from(MARKS), max_size=14).map("".join)


def _active(text: str) -> list[str]:
    """What a terminal may act on: controls, line ends, marks that turn the direction."""
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(c) in turning]


# ── plain ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(ANY_TEXT)
def test_O07_P14_plain_text_holds_nothing_that_a_terminal_acts_on_and_is_one_line(text: str) -> None:
    shown = display.plain(text)
    assert not _active(shown)
    assert display.plain(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]8;;http://evil.example\x07click", "␛]8;;http://evil.example␇click"),
        ("\x9b2J", "\ufffd2J"),
        ("one\r\nERROR two\u2028three\x85four\x0bfive", "one ERROR two three four five"),
        ("gpj\u202exe\u2066.txt", "gpjxe.txt"),  # bidi override hides an ending
        ("de\u00adser\u200bter", "deserter"),
        ("bro\ud800ken", "bro\ufffdken"),
        ("« Le\u00a0Monde\u202f»", "« Le\u00a0Monde\u202f»"),
        ("Дезертир ё ї", "Дезертир ё ї"),
    ],
)
def test_O07_controls_are_shown_and_hidden_marks_go(text: str, shown: str) -> None:
    assert display.plain(text) == shown


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.one_of(HOSTILE, ANY_TEXT))
def test_O08_markdown_of_any_text_is_that_text_and_nothing_else(text: str) -> None:
    said = display.plain(text).strip()
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(display.markdown(text.strip()).strip())
    assert [token.type for token in tokens] == (["paragraph_open", "inline", "paragraph_close"] if said else [])
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special"}
    assert "".join(child.content for child in inline) == said


@pytest.mark.parametrize(
    "text", ["@here", "mail me@evil.example", "www.evil.example", "https://evil.example", "$x$", "tg://resolve?domain=x"]
)
def test_O08_what_sites_build_upon_markdown_finds_nothing_to_link(text: str) -> None:
    escaped = display.markdown(text)
    assert escaped != text
    for start in ("http://", "https://", "tg://", "www."):
        assert start not in escaped
    assert all(escaped[at - 1] == "\\" for at, c in enumerate(escaped) if c in "@$")


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "tg://resolve",
        "//evil.example/x",
        "http://",
        "https://user:pass@evil.example/",
        "https://bank.example@evil.example/",
        "https://evil.example/\r\nSet-Cookie: x",
        "https://evil.example/\u202egpj",
        "https://evil.example/a b",
        "http://[::1",
        "https://good.example\\@evil.example/",
        "https://evil.example/" + "a" * 3000,
    ],
)
def test_O02_what_is_no_plain_web_address_is_no_link(url: str | None) -> None:
    assert display.link(url) is None


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://news.example.org/a?b=1&c=2#d", "news.example.org"),
        ("http://127.0.0.1:8123/x", "127.0.0.1"),
        ("https://аррӏе.example/", "xn--80ak6aa92e.example"),  # Cyrillic look-alikes
        ("https://пример.рф/новости", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_link_is_labelled_with_where_it_leads_in_ascii(url: str, domain: str) -> None:
    assert display.link(url) == display.Link(url, domain)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "word", "before", "after"),
    [
        ("It rained. Nine deserted on Monday. It snowed.", "deserted", "Nine ", " on Monday."),
        ("Headline\nNine deserted\nFooter", "deserted", "Nine ", ""),
        ("deserted", "deserted", "", ""),
        ("Раз. Взвод г. Москвы и А. Петров дезертировали! Два.", "дезертировали", "Взвод г. Москвы и А. Петров ", "!"),
        ("Дождь. Около 30 тыс. солдат дезертировали.", "дезертировали", "Около 30 тыс. солдат ", "."),
        ("Il pleut. « Neuf ont déserté. » Il neige.", "déserté", "« Neuf ont ", ". »"),
    ],
)
def test_a_snippet_is_the_sentence_of_the_match(text: str, word: str, before: str, after: str) -> None:
    at = text.index(word)
    assert display.snippet(text, at, at + len(word)) == display.Snippet(before, word, after)


def test_a_long_sentence_is_cut_at_words_and_says_so() -> None:
    text = "word " * 100 + "deserted" + " word" * 100
    at = text.index("deserted")
    found = display.snippet(text, at, at + 8, 22)
    assert found == display.Snippet("…word word word word ", "deserted", " word word word word …")


@given(st.text(max_size=300), st.integers(0, 300), st.integers(1, 20), st.integers(0, 50))
def test_a_snippet_is_always_a_piece_of_its_text_no_longer_than_asked(text: str, start: int, length: int, around: int) -> None:
    start = min(start, len(text))
    end = min(len(text), start + length)
    found = display.snippet(text, start, end, around)
    before, after = found.before.removeprefix("…"), found.after.removesuffix("…").removesuffix(" ")
    assert found.match == text[start:end]
    assert text[:start].endswith(before) or text[:start].endswith(found.before)
    assert text[end:].startswith(after) or text[end:].startswith(found.after)
    assert len(found.before) <= around + 1 and len(found.after) <= around + 2


def _hits(article: Article, *words: tuple[str, str]) -> list[Hit]:
    places = [(field, word, getattr(article, field).index(word)) for field, word in words]
    return [Hit("r", word, field, at, at + len(word)) for field, word, at in places]


def test_all_matches_of_a_sentence_are_marked_in_one_quote() -> None:
    article = Article("T", "", "Nine soldiers deserted, and two refused to fight. One was seized.")
    hits = _hits(article, ("text", "deserted"), ("text", "refused"), ("text", "refused to fight"), ("text", "to fight"), ("text", "seized"))
    found = display.quotes(article, hits)
    sentences = ["".join(part.text for part in quote.parts) for quote in found]
    assert sentences == ["Nine soldiers deserted, and two refused to fight.", "One was seized."]
    assert [part.text for quote in found for part in quote.parts if part.marked] == ["deserted", "refused to fight", "seized"]


def test_a_lead_that_stands_in_the_text_again_is_quoted_once_and_the_title_only_alone() -> None:
    article = Article("Nine deserted", "Nine deserted today.", "Nine deserted today. More.")
    words = [("title", "deserted"), ("lead", "deserted"), ("text", "deserted")]
    assert [quote.field for quote in display.quotes(article, _hits(article, *words))] == ["lead"]
    assert [quote.field for quote in display.quotes(article, _hits(article, words[0]))] == ["title"]


def test_hits_that_point_outside_their_field_are_left_out() -> None:
    article = Article("T", "", "short")
    assert display.quotes(article, [Hit("r", "x", "text", 3, 99), Hit("r", "x", "text", -2, 3), Hit("r", "x", "text", 2, 2)]) == ()


# ── JSON and lists ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3))
def test_O06_json_says_what_was_given_and_nothing_a_terminal_acts_on(value: dict[str, str]) -> None:
    text = display.to_json(value)
    text.encode()
    assert not _active(text.replace("\n", ""))
    mended = {k.translate(display._BROKEN): v.translate(display._BROKEN) for k, v in value.items()}
    assert json.loads(text) == mended


def test_nouns_become_json_by_their_fields() -> None:
    hit = {"rule": "r", "term": "t", "field": "text", "start": 0, "end": 1, "concept": "", "why": ""}
    assert display.tree(Hit("r", "t", "text", 0, 1)) == hit
    value = {"at": datetime(2026, 11, 25, 1, tzinfo=UTC), "when": When(date(2026, 11, 25)), EntryState.STORED: (1, None, True)}
    assert json.loads(display.to_json(value)) == {"at": "2026-11-25T01:00:00Z", "when": "2026-11-25", "stored": [1, None, True]}


def test_a_long_list_is_counted() -> None:
    assert display.names(["a", "b", "c"], 3) == "a, b, c"
    assert display.names(["a", "b", "c", "d"], 2) == "a, b and 2 more"
    assert display.cut("abcdef", 4) == "abc…" and display.cut("abcd", 4) == "abcd"
    assert display.counted(1, "copy", "copies") == "1 copy" and display.counted(1200, "entry", "entries") == "1,200 entries"
