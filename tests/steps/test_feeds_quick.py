"""Does the quick reader say what feedparser says, or nothing? Feeds as outlets write them, one oddity at a time, and changed at random."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Parsed
from monitor.steps import feeds
from monitor.steps.charset import decode
from monitor.steps.claims import Answer
from monitor.steps.feeds_quick import PREFIXES, STRANGERS, read_quickly

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
URL = "https://listok.example/news/feed"
SAMPLES = Path(__file__).parent.parent / "data" / "endpoints"

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:yandex="http://news.yandex.ru" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
<channel><title>Listok &amp; friends</title><link>https://listok.example/</link><description>News</description>
<atom:link href="https://listok.example/news/feed" rel="self" type="application/rss+xml"/>
<image><url>https://listok.example/logo.png</url><title>Logo</title><link>https://listok.example/</link></image>
<lastBuildDate>Wed, 25 Nov 2026 10:00:00 +0000</lastBuildDate><language>uk</language><ttl>15</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency><!-- made by hand -->
<item><title>Рота пішла &#8212; і повернулась</title><link>https://listok.example/1?a=1&amp;b=2</link>
<guid isPermaLink="false">listok-1</guid><pubDate>Wed, 25 Nov 2026 09:30:00 +0200</pubDate><dc:creator><![CDATA[Олена Лис]]></dc:creator>
<category domain="x">війна</category><description><![CDATA[<p>Що &#8220;сталося&#8221; &amp; чому</p>]]></description>
<content:encoded><![CDATA[<p>Увесь текст</p><a href="https://x.example/?a=1&b=2">тут</a>]]></content:encoded>
<enclosure url="https://listok.example/1.jpg" length="1" type="image/jpeg"/><media:thumbnail url="https://listok.example/1t.jpg"/>
<yandex:full-text>Зовсім увесь текст</yandex:full-text><slash:comments>3</slash:comments></item>
<item><guid>https://listok.example/2</guid><title>Second &lt;b&gt;bold&lt;/b&gt;</title><author>Ann</author><description/></item>
<item><content:encoded>Only a text</content:encoded><dc:date>2026-11-24T08:00:00Z</dc:date><source url="https://o.example/f">Other</source></item>
<item><link>https://listok.example/4</link><dc:creator>A</dc:creator><dc:creator>B</dc:creator><description>Café</description></item>
</channel></rss>
"""
ATOM = """<?xml version='1.0' encoding='utf-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="en-GB">
<title type="text">Ministry</title><id>tag:ministry.example,2026:0</id><updated>2026-11-25T10:00:00+02:00</updated>
<link rel="self" href="https://ministry.example/feed"/><author><name>Press office</name><email>press@ministry.example</email></author>
<entry><id>tag:ministry.example,2026:1</id><title type="html">Answer &amp;amp; figures</title><updated>2026-11-25T09:00:00.5Z</updated>
<published>2026-11-24T09:00:00Z</published><link rel="alternate" type="text/html" href="https://ministry.example/1"/>
<link rel="replies" href="https://ministry.example/1/replies"/><author><name>Clerk</name><uri>https://ministry.example/clerk</uri></author>
<author><name>Other clerk</name></author><category term="x"/>
<summary>Short</summary>
<content type="html">&lt;p&gt;Long&lt;/p&gt;</content></entry>
<entry><title>No address</title><id>https://ministry.example/2</id><updated>2026-11-23T09:00:00Z</updated><content>Text</content></entry>
</feed>
"""
CLEAN = {"rss": RSS, "atom": ATOM}
#: What the seven readers of one feed would dispute, put in place of something usual.
ODDITIES = {
    "rss": [
        (" version=", " xml:base='https://base.example/' version="),
        ("<item><guid>", "<item xml:base='https://base.example/'><guid>"),
        ("<title>Second", "<title xml:lang='ru'>Second"),
        ("<title>Second", "<title/><title>Second"),
        ("<title>Second", "<media:title>First</media:title><title>Second"),
        ("<description/>", "<description>One</description><description>Two</description>"),
        ("<description/>", "<media:description>One</media:description>"),
        ("<description/>", "<description>Left <b>bold</b> right</description>"),
        ("<author>Ann", "<author>ann@listok.example (Ann)"),
        ("<author>Ann</author>", "<author><name>Ann</name></author>"),
        ("<guid>", "<guid isPermaLink='TRUE'>"),
        ("<guid>https://", "<guid>https:///"),
        ("&amp;b=2", "&amp;amp;b=2"),
        ("&#8212;", "&#150;"),
        ("&#8212;", "&#13;"),
        ("&#8212;", "&#xD83D;&#xDE00;"),
        ("&#8212;", "&mdash;"),
        ("&#8220;", "&#8220"),
        ('<category domain="x">', "<category domain='&#39;'>"),
        ("<pubDate>Wed, 25 Nov 2026", "<pubDate>Wed, 31 Nov 2026"),
        ("<pubDate>Wed, 25 Nov 2026", "<pubDate>Вт, 25 ноя 2026"),
        ("Café", "CafÃ©"),
        ("<dc:date>", "<atom:updated>2026-11-20T08:00:00Z</atom:updated><dc:date>"),
        ("</channel>", "<ttl>30</ttl></channel>"),
        ("</item>", "</item><copyright>C</copyright>"),
        ("</item>", "</item><entry><id>e</id></entry>"),
        ("<item>", "<!DOCTYPE x><item>"),
        ("<rss", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss"),
        ("<rss", "<?xml-stylesheet href='x'?><rss"),
        ("http://purl.org/dc/elements/1.1/", "http://www.itunes.com/DTDs/PodCast-1.0.dtd"),
        ("http://news.yandex.ru", "http://purl.org/dc/elements/1.1/"),
        ("yandex:", "title:"),
        ("<yandex:full-text>", "<yandex:full-text a='b'><title>inside</title>"),
        ("</rss>", "</rss><!-- cached -->"),
        ("</rss>", ""),
        ("<image>", "<image><width>x</width>"),
        ("<item><link>", "<item><atom:link href='https://listok.example/a'/><link>"),
        ("</link><dc:creator>A", "</link><atom:link href='https://listok.example/a'/><dc:creator>A"),
        ("Only", "Only \x0b\x93 \u200b a²b:c='d' "),
        ("Only", "Only &lt;a x:y='z' xmlns:dc='urn:x'&gt; "),
        ("<language>uk", "<language>uk</language><dc:language>ru</dc:language><language>"),
    ],
    "atom": [
        ('<content type="html">', '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></content><content type="html">'),
        ('<content type="html">', '<content type="application/octet-stream">'),
        ('<content type="html">', '<content src="https://ministry.example/c" type="html">'),
        ("<content>", "<content xml:lang='de'>"),
        ("<name>Clerk</name>", ""),
        ("<author><name>Clerk", "<author>Text</author><author><name>Clerk"),
        ("<name>Clerk</name>", "<name/>"),
        ("<author><name>Other", "<author>x<name>Other"),
        ('rel="alternate"', 'rel="ALTERNATE"'),
        ('type="text/html"', 'type="application/pdf"'),
        ("<category", "<link href='https://ministry.example/last'/><category"),
        ("<category", "<source><id>other</id><title>Other</title></source><category"),
        ("<category", "<issued>2026-11-20T09:00:00Z</issued><category"),
        (" xml:lang=", " version='0.3' xml:lang="),
        (' xmlns:thr="http://purl.org/syndication/thread/1.0"', ' xmlns:rss="http://purl.org/rss/1.0/"'),
        ("2026-11-23T09:00:00Z", "2026-23-11T09:00:00Z"),
    ],
}


def slowly(text: str) -> Parsed:
    decoded = decode(text.encode("utf-8", "surrogatepass"))
    return feeds._read_slowly(decoded.text, (), Answer(text.encode("utf-8", "surrogatepass"), URL, None, NOW))


def agree(text: str) -> bool:
    """Whether the quick reader reads this; it must then be what the slow one reads."""
    body = text.encode("utf-8", "surrogatepass")
    decoded = decode(body)
    if decoded.flags or read_quickly(decoded.text) is None:
        return False
    assert feeds.read(Answer(body, URL, None, NOW)) == slowly(text)
    return True


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_feed_is_read_quickly(name: str) -> None:
    assert agree(CLEAN[name])


@pytest.mark.parametrize("name", [path.name for path in sorted(SAMPLES.iterdir())])
def test_the_quick_reader_agrees_on_every_sample_or_leaves_it(name: str) -> None:
    agree((SAMPLES / name).read_text())


@pytest.mark.parametrize(("name", "usual", "odd"), [(name, *pair) for name, pairs in ODDITIES.items() for pair in pairs])
def test_an_oddity_is_read_as_feedparser_reads_it_or_left_to_it(name: str, usual: str, odd: str) -> None:
    assert usual in CLEAN[name]
    agree(CLEAN[name].replace(usual, odd))


@settings(deadline=None)
@given(st.sampled_from(list(CLEAN)), st.integers(0, 2**32))
def test_a_feed_changed_at_random_is_read_as_feedparser_reads_it_or_left_to_it(name: str, seed: int) -> None:
    agree(changed(CLEAN[name], random.Random(seed)))


def test_most_changes_that_are_well_formed_are_read_quickly() -> None:
    """Else the tests above would say nothing."""
    assert sum(agree(changed(RSS, random.Random(seed))) for seed in range(100)) > 20


def changed(text: str, chance: random.Random) -> str:
    """Elements left out, doubled, moved, renamed or emptied, mostly well-formed still."""
    for _ in range(chance.randint(1, 3)):
        elements = list(ELEMENT.finditer(text))
        one, other = sorted(chance.sample(elements, 2), key=lambda found: found.start())
        first, second, between = one.group(), other.group(), text[one.end() : other.start()]
        first, second = chance.choice(
            [
                ("", second),
                (first * 2, second),
                (second, first),
                (first + second, second),
                (re.sub(r">[^<]+<", "><", first), second),
                (re.sub(r">", "> \n ", first, count=1), second),
                (re.sub(r"<(/?)[\w:-]+", rf"<\1{chance.choice(NAMES)}", first), second),
                (first, re.sub(r"[\w&;]{2,}(?=[^<>]*<)", chance.choice(TEXTS), second, count=1)),
            ]
        )
        text = text[: one.start()] + first + between + second + text[other.end() :]
    return text


ELEMENT = re.compile(r"<([\w:-]+)(?: [^<>]*)?>[^<]*(?:<!\[CDATA\[.*?\]\]>)?[^<]*</\1>|<[\w:-]+(?: [^<>]*)?/>", re.DOTALL)
NAMES = (
    *("title", "link", "guid", "id", "description", "summary", "content", "author", "pubDate", "published", "updated", "category", "name"),
    *("dc:date", "dc:creator", "dc:title", "media:title", "content:encoded", "atom:title", "yandex:x", "comments", "ttl", "item", "image"),
)
TEXTS = (
    *("", "&#38;amp;", "<![CDATA[<i>&nbsp;]]>", "a@b.example", "Ã©", "\u00a0", "\x85", "http://[x", "&lt;/p&gt;"),
    *("Tue, 24 Nov 2026 10:00:00 GMT", "2026-11-24T10:00:00+02:00"),
)


def test_every_namespace_has_the_prefix_that_feedparser_gives_it() -> None:
    from feedparser.mixin import _FeedParserMixin

    parser = _FeedParserMixin.namespaces
    known = {uri.lower(): prefix for uri, prefix in parser.items()} | {"http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes"}
    assert {uri: known.get(uri.lower(), prefix).lower() for uri, prefix in PREFIXES.items()} == PREFIXES
    assert not {uri.lower() for uri in STRANGERS} & known.keys()
    assert not set(STRANGERS.values()) & {prefix.lower() for prefix in known.values()}
