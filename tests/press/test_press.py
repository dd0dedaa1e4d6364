"""Does the press serve what its docstrings say?"""

from __future__ import annotations

import gzip
import html
import http.client
import re
import tomllib
import urllib.request
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.press import Press, outlets

FEEDS = ("/courrier/rss.xml", "/globe/sitemap.xml", "/globe/news-sitemap.xml", "/gazette/atom.xml")
GALLERY, BLOG = "/courrier/l-armee-de-poutine-se-fissure/", "/globe/poutine-se-prepare-a-une-mutinerie/"


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as running:
        yield running


def ask(press: Press, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", press.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def text(press: Press, path: str) -> str:
    status, _, body = ask(press, path)
    assert status == 200
    return body.decode()


@pytest.mark.parametrize(("seed", "path"), [("000", GALLERY), ("002", BLOG)])
def test_every_line_of_a_seed_stands_on_its_page(press: Press, seed: str, path: str) -> None:
    page = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", text(press, path))))
    lines = [re.sub(r"\s+", " ", line).strip() for line in outlets.seed_text(seed).splitlines() if line.strip()]
    assert len(lines) > 20
    assert [line for line in lines if line not in page] == []


def test_the_gallery_lists_every_caption_before_the_slides(press: Press) -> None:
    page, seed = text(press, GALLERY), outlets.first_seed()
    assert len(seed.captions) == 22
    body = html.unescape(page[page.index('class="article-body"') :])
    assert all(body.index(caption) < body.index(seed.slides[0][1]) for caption in seed.captions)
    assert all(body.count(f">{caption}<") == 2 for caption in seed.captions)


@pytest.mark.parametrize("path", FEEDS)
def test_what_an_endpoint_lists_is_there(press: Press, path: str) -> None:
    listed = re.findall(rf"(?:<loc>|<link>|href=\"){press.url}(/[^<\"]+)", text(press, path))
    assert listed
    assert {link: ask(press, link)[0] for link in listed} == dict.fromkeys(listed, 200)
    ElementTree.fromstring(text(press, path))


def test_the_channel_page_carries_the_second_seed_and_an_older_page(press: Press) -> None:
    page = text(press, f"/s/{outlets.CHANNEL}")
    assert press.url + BLOG in page
    assert html.escape(outlets.second_seed().paragraphs[0], quote=False) in page
    older = re.search(r'rel="prev" href="([^"]+)"', page)
    assert older is not None
    assert "4790" in text(press, older[1]) and "4790" not in page


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_answers_304_to_its_own_validators(press: Press, path: str) -> None:
    status, headers, _ = ask(press, path)
    assert status == 200
    for validator in ({"If_None_Match": headers["etag"]}, {"If_Modified_Since": headers["last-modified"]}):
        status, again, body = ask(press, path, **validator)
        assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert ask(press, path, If_None_Match='"other"', If_Modified_Since=headers["last-modified"])[0] == 200
    assert ask(press, path, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT")[0] == 200


def test_an_article_has_no_validators(press: Press) -> None:
    assert not {"etag", "last-modified"} & set(ask(press, BLOG)[1])


def test_a_changed_feed_has_another_etag(press: Press) -> None:
    before = ask(press, FEEDS[0])[1]["etag"]
    press.put(FEEDS[0], "<rss/>", outlets.XML_FEED, press.now)
    assert ask(press, FEEDS[0], If_None_Match=before)[0] == 200
    press.remove(FEEDS[0])
    assert ask(press, FEEDS[0])[0] == 404


def test_gzip_is_sent_to_who_accepts_it(press: Press) -> None:
    status, headers, body = ask(press, BLOG, Accept_Encoding="gzip, br")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == ask(press, BLOG)[2]


def test_requests_are_logged_with_their_headers(press: Press) -> None:
    ask(press, "/gazette/atom.xml?x=1", "HEAD", User_Agent="monitor/1")
    seen = press.asked("/gazette/atom.xml")
    assert [(s.method, s.path, s.headers["user-agent"]) for s in seen] == [("HEAD", "/gazette/atom.xml?x=1", "monitor/1")]


def test_a_fault_lasts_until_it_is_mended_or_used_up(press: Press) -> None:
    press.fail(BLOG, 429, headers={"Retry-After": "7"}, times=2)
    assert [ask(press, BLOG)[0] for _ in range(3)] == [429, 429, 200]
    press.fail(BLOG, 503)
    assert ask(press, BLOG)[0] == 503
    press.mend(BLOG)
    assert ask(press, BLOG)[0] == 200


def test_a_cut_body_is_shorter_than_announced(press: Press) -> None:
    press.cut(BLOG)
    with pytest.raises(http.client.IncompleteRead):
        ask(press, BLOG)


def test_stopping_the_press_ends_a_delay() -> None:
    with Press() as press:
        press.delay("/", 3600)
        connection = http.client.HTTPConnection("127.0.0.1", press.port, timeout=10)
        connection.request("GET", "/")
        press.wait_for(1)
    assert connection.getresponse().read()
    connection.close()


def test_generated_articles_are_all_different_and_some_alert(press: Press) -> None:
    made = press.add_feed("/big/feed.xml", 12)
    assert len(set(made.pages)) == 12 and len(made.alerting) == 4
    assert text(press, made.path).count("<item>") == 12
    bodies = {path: re.sub(r"<[^>]+>", " ", text(press, path).split("<article>")[1].split("</article>")[0]) for path in made.pages}
    assert all(1500 < len(body) < 3500 for body in bodies.values())
    assert all(("deserted" in body) == (path in made.alerting) or "refused to fight" in body for path, body in bodies.items())
    for one, other in combinations(bodies.values(), 2):
        mine, theirs = ({tuple(words[i : i + 3]) for i in range(len(words))} for words in (one.split(), other.split()))
        assert len(mine & theirs) / len(mine) < 0.2


def test_the_configuration_names_every_source_and_allows_the_press_alone(press: Press, tmp_path: Path) -> None:
    press.add_feed("/big/feed.xml", 1)
    press.write_config(tmp_path)
    settings = tomllib.loads((tmp_path / "monitor.toml").read_text())
    assert settings["fetch"]["allow"] == [press.address]
    sources = tomllib.loads((tmp_path / "sources" / "press.toml").read_text())["source"]
    assert [source["id"] for source in sources][-1] == "extra-1"
    for source in sources:
        for endpoint in source["endpoint"]:
            with urllib.request.urlopen(endpoint["url"]) as answer:
                assert answer.status == 200
    press.write_config(tmp_path, only=["gazette"])
    assert [s["id"] for s in tomllib.loads((tmp_path / "sources" / "press.toml").read_text())["source"]] == ["gazette"]
