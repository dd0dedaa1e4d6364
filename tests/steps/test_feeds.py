"""Is every entry of a feed read, whatever is broken in it or around it? Nothing is lost silently: the problem is told."""

from __future__ import annotations

import encodings
import itertools
import pkgutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import EndpointKind, Outcome, Parsed
from monitor.steps import claims
from monitor.steps.entries import identity, is_blank, parse
from tests.press.raw import RawServer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://listok.example/news/feed"
SAMPLES = Path(__file__).parent.parent / "data" / "endpoints"
FEEDS = ("wordpress.rss", "netscape.rss", "wire.rdf", "ministry.atom", "old.atom")


def read(body: str | bytes, kind: EndpointKind = EndpointKind.FEED, content_type: str | None = None, url: str = URL) -> Parsed:
    return parse(
        kind, body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body, url=url, content_type=content_type, now=NOW
    )


def item(number: int, title: str = "", more: str = "") -> str:
    link = f"https://listok.example/{number}"
    return f"<item><guid isPermaLink='false'>g{number}</guid><title>{title or f'Title {number}'}</title><link>{link}</link>{more}</item>"


def rss(*items: str, prolog: str = "<?xml version='1.0' encoding='utf-8'?>") -> str:
    return f"{prolog}<rss version='2.0'><channel><title>News</title>{''.join(items)}</channel></rss>"


def titles(parsed: Parsed) -> list[str | None]:
    return [entry.title for entry in parsed.entries]


# ── references, charsets, characters ─────────────────────────────────────────────────────────────────────────────────

HOSTILE = ["#xD800", "#x110000", "#99999999999", "#0", "#xFFFE", "#" + "9" * 5000, "#x" + "0" * 400 + "D800", "#xDC00;&#xD800"]


@pytest.mark.parametrize("reference", HOSTILE, ids=lambda reference: reference[:12])
@pytest.mark.parametrize("frame", ["{}", "<![CDATA[{}]]>"], ids=["plain", "cdata"])
def test_P01_a_hostile_reference_costs_nothing_but_itself(reference: str, frame: str) -> None:
    parsed = read(rss(item(1), item(2, frame.format(f"Left &{reference}; right")), item(3)))
    assert parsed.problem is None
    assert titles(parsed) == ["Title 1", "Left right", "Title 3"]


@pytest.mark.parametrize("reference", ["&#-1;", "&#x;", "&nosuch;", "&", "&&", "&#"])
def test_P01_what_is_no_reference_stays_as_written(reference: str) -> None:
    assert titles(read(rss(item(1), item(2, f"Left {reference} right")))) == ["Title 1", f"Left {reference} right"]


@pytest.mark.parametrize("doctype", ['rss [<!ENTITY a "\\">]', "rss [\\]", 'rss SYSTEM "a\\b"', "rss [<!ENTITY % a '&#37;a;'> %a;]"])
def test_P01_an_odd_doctype_takes_no_entry_with_it(doctype: str) -> None:
    assert titles(read(rss(item(1), item(2), prolog=f"<?xml version='1.0'?><!DOCTYPE {doctype}>"))) == ["Title 1", "Title 2"]


CODECS = sorted(
    {*encodings.aliases.aliases, *encodings.aliases.aliases.values(), *(m.name for m in pkgutil.iter_modules(encodings.__path__))}
)


@pytest.mark.parametrize("place", ["prolog", "header"])
def test_P02_no_codec_that_python_knows_makes_a_feed_unreadable(place: str) -> None:
    assert len(CODECS) > 300
    for codec in CODECS:
        body = rss(item(1, "Рота ушла"), prolog=f"<?xml version='1.0' encoding='{codec if place == 'prolog' else 'utf-8'}'?>")
        parsed = read(body, content_type=f"text/xml; charset={codec}" if place == "header" else None)
        assert titles(parsed) == ["Рота ушла"], codec


@pytest.mark.parametrize("label", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1"])
@pytest.mark.parametrize("codec", ["utf-8", "cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5"])
def test_P03_a_feed_is_read_in_every_cyrillic_charset_under_every_label(codec: str, label: str) -> None:
    body = rss(item(1, "Дезертир"), item(2, "Рота ушла с позиций"), prolog=f"<?xml version='1.0' encoding='{label}'?>").encode(codec)
    assert titles(read(body, content_type=f"text/xml; charset={label}")) == ["Дезертир", "Рота ушла с позиций"]


ODD = ["\0", "\x01", "\x1b", "\x7f", "\x80", "\x9f", "\ufffe", "\uffff", "\ufdd0", "\ud800", "\udfff", "\u2028", "\u2029", "\x0b", "\x85"]


@pytest.mark.parametrize("char", ODD, ids=lambda char: f"U+{ord(char):04X}")
def test_P06_a_forbidden_character_costs_no_entry_and_reaches_nobody(char: str) -> None:
    odd = f"<item><guid isPermaLink='false'>g{char}2</guid><title>Le{char}ft</title><link>https://listok.example/2{char}</link></item>"
    parsed = read(rss(item(1), odd, item(3)))
    assert [entry.title for entry in parsed.entries][::2] == ["Title 1", "Title 3"]
    second = parsed.entries[1]
    assert second.title is not None and second.title.startswith("Le") and second.title.endswith("ft")
    assert second.url is not None and second.url.startswith("https://listok.example/2")
    said = f"{second.id}{second.title}{second.url}"
    assert not any(c in said for c in ODD if not c.isspace())
    assert len(said.splitlines()) == 1


# ── hostile documents ────────────────────────────────────────────────────────────────────────────────────────────────

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = {
    "file": '<!ENTITY x SYSTEM "file://{secret}">',
    "http": '<!ENTITY x SYSTEM "{canary}">',
    "parameter": '<!ENTITY % p SYSTEM "{canary}"> %p; <!ENTITY x "y">',
    "laughs": '<!ENTITY l0 "ha">' + LAUGHS + '<!ENTITY x "&l9;">',
    "quadratic": '<!ENTITY x "' + "a" * 200_000 + '">',
}
SITEMAP = "<urlset><url><loc>https://listok.example/1</loc><title>{}</title></url><url><loc>https://listok.example/3</loc></url></urlset>"


@pytest.mark.parametrize("kind", [EndpointKind.FEED, EndpointKind.SITEMAP])
@pytest.mark.parametrize("attack", ATTACKS)
def test_P07_no_entity_reads_a_file_asks_a_server_or_swells(attack: str, kind: EndpointKind, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    with RawServer() as canary:
        defined = ATTACKS[attack].replace("{secret}", str(secret)).replace("{canary}", canary.url("/x.dtd"))
        prolog = f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{canary.url("/own.dtd")}" [{defined}]>'
        used = "&x;" * 500
        body = rss(item(1), item(2, f"Left {used} right"), prolog=prolog) if kind is EndpointKind.FEED else prolog + SITEMAP.format(used)
        parsed = read(body, kind)
        assert canary.connections == 0
    assert len(parsed.entries) == 2
    assert "the secret" not in repr(parsed)
    assert len(repr(parsed)) < 10_000


@pytest.mark.parametrize("kind", list(EndpointKind))
@pytest.mark.parametrize("path", ["{}/canary.xml", "/dev/zero", "/dev/stdin"])
def test_S11_a_body_that_is_a_path_is_a_body(kind: EndpointKind, path: str, tmp_path: Path) -> None:
    (tmp_path / "canary.xml").write_text(rss(item(1)))
    parsed = read(path.format(tmp_path), kind)
    assert parsed.entries == () and parsed.problem in (Outcome.NOT_A_FEED, Outcome.PARSE_FAILED)


def test_S11_feedparser_is_given_a_stream_alone() -> None:
    """bytes and str could be taken for a path or an address, and opened."""
    sources = Path(claims.__file__).parents[1].rglob("*.py")
    calls = [line.strip() for path in sources for line in path.read_text("utf-8").splitlines() if "feedparser.parse(" in line]
    assert calls and all("feedparser.parse(BytesIO(" in call for call in calls)


SCHEMES = [
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "gopher://a.example/",
    "ftp://a.example/x",
    "mailto:a@b.example",
]


@pytest.mark.parametrize("link", [*SCHEMES, "tag:a.example,2026:1", "vbscript:x"])
def test_S10_an_entry_whose_link_is_none_is_kept_and_flagged(link: str) -> None:
    parsed = read(rss(f"<item><title>Kept</title><guid>{link}</guid><link>{link}</link></item>"))
    [entry] = parsed.entries
    assert (entry.title, entry.url) == ("Kept", None)
    assert {"link_refused", "no_link"} & set(entry.flags)


# ── cut, ill-formed, deep, endless ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FEEDS)
def test_P08_a_feed_cut_anywhere_gives_entries_that_are_true_and_is_told(name: str) -> None:
    whole = (SAMPLES / name).read_bytes().rstrip()
    full = read(whole).entries
    names, found = {name for entry in full for name in (identity(entry), entry.url)}, 0
    for end in [*range(1, len(whole), 97), len(whole) - 1]:
        parsed = read(whole[:end])
        assert [entry for entry in parsed.entries if not {identity(entry), entry.url} & names and not is_blank(entry)] == [], end
        assert parsed.problem in (Outcome.PARSE_PARTIAL, Outcome.PARSE_FAILED, Outcome.NOT_A_FEED), end
        found = max(found, len(parsed.entries))
    assert found == len(full)


BROKEN = {
    "a bare ampersand": rss(item(1), item(2, "Smith & Sons"), item(3)),
    "entities of HTML": rss(item(1), item(2, "Smith&nbsp;&eacute;&hellip;"), item(3)),
    "a byte-order mark and spaces before the prolog": "\ufeff \n " + rss(item(1), item(2), item(3)),
    "words before the prolog": "Warning: something in line 3\n" + rss(item(1), item(2), item(3)),
    "an unclosed CDATA section": rss(item(1), item(2, "<![CDATA[Two"), item(3)),
    "an unclosed element": rss(item(1), item(2, "Two <b>bold"), item(3)),
    "tags that cross": rss(item(1), item(2, "<b><i>Two</b></i>"), item(3)),
    "an undeclared prefix": rss(item(1), item(2, more="<dc:creator>A. B.</dc:creator><odd:x y:z='1'/>"), item(3)),
    "an attribute without quotes": rss(item(1), item(2, more="<enclosure url=x length=0/>"), item(3)),
    "an item without its end": rss(item(1), item(2).removesuffix("</item>"), item(3)),
    "a bare less-than": rss(item(1), item(2, "Losses < 5"), item(3)),
    "a second root": rss(item(1), item(2), item(3)) + "<html><body>debug</body></html>",
}


@pytest.mark.parametrize("fault", BROKEN)
def test_P08_one_broken_entry_takes_none_of_the_others_with_it(fault: str) -> None:
    found = titles(read(BROKEN[fault]))
    assert len(found) == 3
    assert (found[0], found[2]) == ("Title 1", "Title 3")


def test_P09_depth_costs_nothing() -> None:
    deep = item(2, more="<a>" * 100_000 + "</a>" * 100_000)
    divs = item(3, more=f"<description><![CDATA[{'<div>' * 50_000}within{'</div>' * 50_000}]]></description>")
    parsed = read(rss(item(1), deep, divs, item(4)))
    assert titles(parsed) == ["Title 1", "Title 2", "Title 3", "Title 4"]
    assert parsed.entries[2].summary == "within"


def test_Z06_of_a_feed_without_end_the_newest_are_kept_and_the_others_told() -> None:
    most = claims.MOST_ENTRIES
    parsed = read(rss(*map(item, range(4 * most))))
    assert len(parsed.entries) == most
    assert {parsed.entries[0].id, parsed.entries[-1].id} == {"g0", f"g{4 * most - 1}"}
    assert parsed.problem is Outcome.PARSE_PARTIAL
    assert f"{3 * most} entries beyond" in parsed.why


def test_Z06_a_field_without_end_is_cut_with_a_mark() -> None:
    endless = item(2, "long " * 200_000, more=f"<description>{'word ' * 1_000_000}</description>")
    enclosures = item(3, more="<enclosure url='https://cdn.example/x' type='audio/mpeg' length='1'/>" * 20_000)
    parsed = read(rss(item(1), endless, enclosures, item(4)))
    assert len(parsed.entries) == 4
    cut = parsed.entries[1]
    assert {"title_cut", "summary_cut"} <= set(cut.flags)
    assert len(cut.title or "") <= claims.LONGEST_TITLE and len(cut.summary or "") <= claims.LONGEST_SUMMARY


# ── what entries may lack, and what titles may hold ──────────────────────────────────────────────────────────────────

PARTS = {"title": "<title>T</title>", "link": "<link>https://listok.example/x</link>", "guid": "<guid isPermaLink='false'>g</guid>"}
LACKING = [combination for size in range(len(PARTS)) for combination in itertools.combinations(PARTS, size)]


@pytest.mark.parametrize("parts", LACKING, ids=lambda parts: "+".join(parts) or "nothing")
def test_P11_an_entry_that_lacks_title_link_or_id_is_kept_and_known_again(parts: tuple[str, ...]) -> None:
    odd = f"<item>{''.join(PARTS[part] for part in parts)}<description>Said</description></item>"
    once, again = read(rss(item(1), odd, item(3))), read(rss(odd, item(1)))
    assert len(once.entries) == 3
    assert once.entries[1] == again.entries[0]
    assert identity(once.entries[1]) == identity(again.entries[0]) not in {identity(once.entries[0]), identity(once.entries[2])}


PAYLOADS = [
    "<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<svg/onload=x>",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_P12_a_title_is_text_never_markup(payload: str) -> None:
    [entry] = read(rss(item(1, f"Before {payload} after"))).entries
    assert entry.title is not None
    assert entry.title.split() == ["Before", "after"]


def test_P12_what_was_escaped_as_text_stays_text() -> None:
    assert titles(read(rss(item(1, "1 &lt; 2 &amp;amp; 3"), item(2, "AT&amp;T &lt;3")))) == ["1 < 2 & 3", "AT&T <3"]


IMPOSTORS = {
    "an HTML page that advertises feeds": ((SAMPLES / "home.html").read_text("utf-8"), Outcome.NOT_A_FEED),
    "a bot wall": ((SAMPLES / "challenge.html").read_text("utf-8"), Outcome.CHALLENGE),
    "a login": ((SAMPLES / "login.html").read_text("utf-8"), Outcome.AUTH),
    "a wrong root": ("<?xml version='1.0'?><opml><body><outline text='x'/></body></opml>", Outcome.NOT_A_FEED),
    "a root that only sounds like one": ("<x:rss xmlns:x='urn:y'><x:note>rss</x:note></x:rss>", None),
    "a sitemap": ("<urlset><url><loc>https://listok.example/1</loc></url></urlset>", Outcome.NOT_A_FEED),
    "a feed inside a page": (f"<html><body><pre>{rss(item(1))}</pre></body></html>", Outcome.NOT_A_FEED),
    "plain words": ("Service unavailable", Outcome.NOT_A_FEED),
    "nothing": ("  \n", Outcome.PARSE_FAILED),
}


@pytest.mark.parametrize("what", IMPOSTORS)
def test_P13_what_is_no_feed_is_never_an_empty_one(what: str) -> None:
    body, outcome = IMPOSTORS[what]
    parsed = read(body)
    assert parsed.entries == ()
    assert parsed.problem is outcome
    assert parsed.why


def test_P13_a_page_tells_the_feeds_that_it_advertises() -> None:
    parsed = read((SAMPLES / "home.html").read_text("utf-8"))
    assert parsed.feeds == ("https://listok.example/rss?a=1&b=2", "https://listok.example/atom")
    assert "advertises 2 feeds, first https://listok.example/rss" in parsed.why


@pytest.mark.parametrize("prefix", ["", "r", "rss"])
def test_P13_a_feed_under_another_prefix_is_a_feed(prefix: str) -> None:
    name = f"{prefix}:" if prefix else ""
    spaces = f" xmlns:{prefix}='http://purl.org/rss/1.0/'" if prefix else " xmlns='http://purl.org/rss/1.0/'"
    body = (
        f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'{spaces}><{name}channel><{name}title>N</{name}title></{name}channel>"
        f"<{name}item><{name}title>One</{name}title><{name}link>https://listok.example/1</{name}link></{name}item></rdf:RDF>"
    )
    [entry] = read(body).entries
    assert (entry.title, entry.url) == ("One", "https://listok.example/1")


MIXED = "Рота \u2067ушла\u2069 \u202ehome\u202c 👩\u200d🚀 й и\u0306 \u0627\u0644\u062c\u064a\u0634"


def test_P14_directions_joiners_and_either_form_of_a_letter_are_kept_as_written() -> None:
    assert titles(read(rss(item(1, MIXED)))) == [MIXED]


def test_P17_a_wrong_language_tag_keeps_no_word_from_being_found() -> None:
    from monitor.steps.extract import from_entry

    [entry] = read(
        rss(item(1, "Солдаты ушли с позиций и записали видео")).replace("<title>News", "<language>en-US</language><title>News")
    ).entries
    assert entry.lang == "en-US"
    assert from_entry(entry, ("en", "ru")).lang == "ru"


@pytest.mark.parametrize(
    ("base", "link", "expected"),
    [
        ("", "/a", "https://listok.example/a"),
        ("", "a?b=1", "https://listok.example/news/a?b=1"),
        (" xml:base='https://other.example/x/'", "a", "https://other.example/x/a"),
        (" xml:base='javascript:x'", "a", "https://listok.example/news/a"),
    ],
)
def test_P16_a_relative_link_is_resolved_against_the_base_or_the_final_address(base: str, link: str, expected: str) -> None:
    entry = f"<entry><id>1</id><title>T</title><link href='{link}'/></entry>"
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'{base}><title>N</title>{entry}</feed>"
    assert [entry.url for entry in read(feed).entries] == [expected]


def test_D07_published_and_updated_are_told_apart() -> None:
    [entry] = read((SAMPLES / "ministry.atom").read_bytes()).entries
    assert (str(entry.published), str(entry.updated)) == ("2026-11-18T10:00:00Z", "2026-11-20T10:00:00Z")


def test_D04_an_entry_without_a_date_has_none() -> None:
    [entry] = read(rss(item(1))).entries
    assert (entry.published, entry.updated, "undated" in entry.flags) == (None, None, True)


@pytest.mark.parametrize("raw", ["0000-00-00", "99999-01-01T00:00:00Z", "Sun, 29 Nov 2037 10:00:00 GMT", "yesterday"])
def test_D03_a_date_that_is_none_is_null_with_a_flag(raw: str) -> None:
    [entry] = read(rss(item(1, more=f"<pubDate>{raw}</pubDate>"))).entries
    assert entry.published is None
    assert {"date_unparsed", "date_out_of_range"} & set(entry.flags)
