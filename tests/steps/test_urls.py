"""Do all spellings of an address meet under one key, and does nothing but http(s) become a link?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.steps.urls import LONGEST_HOST, LONGEST_URL, PLAIN, SETTLED, absolute, canonical, host, site

SAME = [  # rows of spellings of one article
    ("https://listok.example/a", "http://listok.example/a/", "https://www.listok.example/a#top", "//m.listok.example:443/a", "https://amp.listok.example/a"),
    ("https://listok.example/a?id=7", "https://listok.example/a?utm_source=x&id=7&fbclid=q", "https://listok.example/a?id=7&ysclid=1&at_medium=rss"),
    ("https://listok.example/a/b", "https://listok.example/amp/a/b", "https://listok.example/a/b/amp/", "https://listok.example/a/b?outputType=amp"),
    ("https://listok.example/", "https://listok.example", "https://LISTOK.example/index.html"),
    ("https://listok.example/~x/%D0%B0", "https://listok.example/%7Ex/%d0%b0", "https://listok.example/~x/а", "https://listok.example/y/../~x/./а"),
    ("https://xn--e1afmkfd.example/", "https://пример.example"),
    ("https://t.me/listok/12", "https://t.me/s/Listok/12", "https://telegram.me/listok/12?single", "http://t.me/listok/12?embed=1"),
    ("https://listok.example/a?b=1&c=2", "https://listok.example/a?c=2&b=1", "https://listok.example/a?c=2&amp;b=1"),
    ("https://listok.example/x", "https://www-listok-example.cdn.ampproject.org/c/s/www.listok.example/x"),
    ("https://listok.example/x", "https://www.google.com/url?rct=j&url=https://listok.example/x%3Futm_source%3Dg&ct=ga", "https://www.google.com/amp/s/listok.example/x"),
]  # fmt: skip
DIFFERENT = [
    ("https://listok.example/A", "https://listok.example/a"),  # the case of a path may matter (I-12)
    ("https://listok.example/a?id=7", "https://listok.example/a?id=8"),
    ("https://en.listok.example/a", "https://listok.example/a"),
    ("https://t.me/listok/12", "https://t.me/listok/13"),
    ("http://127.0.0.1:8123/a", "http://127.0.0.1:8124/a"),
    ("https://listok.example/a%2Fb", "https://listok.example/a/b"),
    ("https://listok.example/a?source=12", "https://listok.example/a"),
]


@pytest.mark.parametrize("spellings", SAME)
def test_I08_spellings_of_one_address_have_one_key(spellings: tuple[str, ...]) -> None:
    keys = {canonical(absolute("https://listok.example/", spelling) or spelling) for spelling in spellings}
    assert keys == {spellings[0]}


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_I12_addresses_that_may_be_two_articles_keep_two_keys(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


REFUSED = [
    "file:///etc/passwd", "javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "gopher://a.example/", "ftp://a.example/x",
    "mailto:a@b.example", "tag:listok.example,2026:1", "urn:uuid:1", "tg://resolve?domain=x", "http:///x", "http://", "http://[::1", "http://a\\b.example/",
    "http://a%00.example/", "https://a.example:99999/", "http://exa mple/", "x" * (LONGEST_URL + 1), "", "   ", "\x00",
]  # fmt: skip


@pytest.mark.parametrize("link", REFUSED)
def test_S10_what_is_no_web_address_is_no_link(link: str) -> None:
    assert absolute("https://listok.example/", link) is None


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("/a b", "https://listok.example/a%20b"),
        ("c?d=1", "https://listok.example/news/c?d=1"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("www.other.example/x", "https://www.other.example/x"),
        ("\n https://other.example/x \t", "https://other.example/x"),
        ("https://other.example/a?b=1&amp;amp;c=2", "https://other.example/a?b=1&c=2"),
        ("https://user:secret@other.example/", "https://other.example/"),
        ("HTTPS://Other.Example/X", "https://other.example/X"),
        ("#part", "https://listok.example/news/page#part"),
    ],
)
def test_P16_links_are_resolved_against_the_answer_s_address(link: str, expected: str) -> None:
    assert absolute("https://listok.example/news/page", link) == expected


def test_site_is_the_registrable_domain() -> None:
    assert [site(u) for u in ("https://news.bbc.co.uk/x", "http://127.0.0.1:81/", "https://t.me/s/x", "nonsense")] == [
        "bbc.co.uk",
        "127.0.0.1",
        "t.me",
        "",
    ]
    assert host("HTTP://WWW.Пример.Example:8080/x") == "www.xn--e1afmkfd.example"


PIECES = "amp index.html x.amp x.amp.html .amp s c t.me .. . %61mp %2F a+b é google.com www.m.amp.example.com url %25 % %e2%80%8b"
PIECE = st.sampled_from(PIECES.split(" "))
HOSTS = st.sampled_from(
    ["t.me", "www.google.com", "a-b.cdn.ampproject.org", "www.m.x.com", "x.com:80", "x.com:8080", "бел.example", "[::1]"]
)


@settings(max_examples=300, deadline=None)
@given(HOSTS, st.lists(PIECE, max_size=6), st.text(alphabet="ab=&%+;?/ é1utm_#!", max_size=12))
def test_a_key_of_a_key_is_the_key(name: str, path: list[str], query: str) -> None:
    key = canonical(f"http://{name}/{'/'.join(path)}?{query}")
    assert canonical(key) == key


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_web_address_or_none(base: str, link: str) -> None:
    found = absolute(base, link)
    assert found is None or found.startswith(("http://", "https://"))
    assert canonical(canonical(link)) == canonical(link)


@settings(max_examples=300)
@given(st.from_regex(PLAIN, fullmatch=True))
def test_a_plain_address_is_what_reading_it_part_by_part_gives(link: str) -> None:
    assert absolute("https://listok.example/feed", link) == absolute("https://listok.example/feed", link.replace("http", "HTTP", 1))


NEAR = st.from_regex(
    r"https?://((www|m|mobile|amp|a|t|telegram|google|x-amp)\.){1,3}(me|dog|com|example)(/(a|B7|~x|amp|index|x\.amp|a\.html|Default\.ASP|\.|-)){0,4}/?",
    fullmatch=True,
)


@settings(max_examples=600)
@given(st.from_regex(SETTLED, fullmatch=True) | NEAR)
def test_an_address_that_is_its_own_key_is_what_folding_it_gives(link: str) -> None:
    short = link[:LONGEST_HOST]
    assert canonical(short) == canonical(short.replace("http", "HTTP", 1))
