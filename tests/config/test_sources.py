"""sources/*.toml is read as a curator means it, and refused with the file, the key and what is allowed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.sources import load_sources
from monitor.errors import ConfigError
from monitor.model import Endpoint, EndpointKind, Role, Source, SourceKind

CONTRACT = """
[[source]]
id = "mediazona"
name = "Mediazona"
group = "mediazona"
kind = "independent"
languages = ["ru", "en"]
aliases = ["Медиазона", "Mediazone"]
enabled = true
[[source.endpoint]]
kind = "feed"
url = "https://zona.media/rss"
every = "15m"
"""


def write(folder: Path, text: str, name: str = "a.toml") -> Path:
    path = folder / "sources" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_form_of_the_contract_is_read(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT)
    assert load_sources(tmp_path) == (
        Source(
            id="mediazona",
            name="Mediazona",
            group="mediazona",
            kind=SourceKind.INDEPENDENT,
            languages=("ru", "en"),
            aliases=("Медиазона", "Mediazone"),
            endpoints=(Endpoint(EndpointKind.FEED, "https://zona.media/rss", every=timedelta(minutes=15)),),
        ),
    )


def test_every_further_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    write(
        tmp_path,
        """
        [[source]]
        id = "isw"
        kind = "think-tank"
        country = "US"
        homepage = "https://understandingwar.org/"
        terms = "quotes yes"
        designation = "undesirable"
        problems = ["moved in 2025"]
        war = true
        expected_gap = "3d"
        proxy = "socks5h://127.0.0.1:9050"
        ca_file = "ca.pem"
        cited_in_seeds = true
        reason = "why"
        [[source.endpoint]]
        kind = "json"
        url = "https://understandingwar.org/wp-json/wp/v2/posts?per_page=10"
        role = "secondary"
        lang = "en"
        options = { id = "id", url = ["link", "guid.rendered"], title = "title.rendered" }
        [[source.endpoint]]
        kind = "listing"
        url = "https://understandingwar.org/research/"
        enabled = false
        reason = "the json endpoint says more"
        options = { pattern = '/research/[^/]+/$', select = "main a" }
        """,
    )
    (source,) = load_sources(tmp_path)
    assert (source.name, source.group, source.war, source.expected_gap) == ("isw", "isw", True, timedelta(days=3))
    assert (source.proxy, source.ca_file, source.cited_in_seeds) == ("socks5h://127.0.0.1:9050", str(tmp_path / "ca.pem"), True)
    assert (source.country, source.homepage, source.terms) == ("US", "https://understandingwar.org/", "quotes yes")
    assert (source.designation, source.problems, source.reason) == ("undesirable", ("moved in 2025",), "why")
    first, second = source.endpoints
    assert (first.role, first.lang, first.every, first.enabled) == (Role.SECONDARY, "en", timedelta(minutes=30), True)
    assert first.options == {"id": ("id",), "url": ("link", "guid.rendered"), "title": ("title.rendered",)}
    assert (second.enabled, second.reason) == (False, "the json endpoint says more")
    assert second.options == {"pattern": ("/research/[^/]+/$",), "select": "main a"}


def test_a_folder_without_sources_has_none(tmp_path: Path) -> None:
    assert load_sources(tmp_path) == ()


def test_a_missing_folder_is_said_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="confg"):
        load_sources(tmp_path / "confg")
    assert not (tmp_path / "confg").exists()


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, CONTRACT.replace("mediazona", "zz"), "b.toml")
    write(tmp_path, CONTRACT.replace("mediazona", "aa"), "c.toml")
    assert [source.id for source in load_sources(tmp_path)] == ["zz", "aa"]


def source(head: str = "", endpoint: str = "", *, name: str = '"x"', kind: str = '"channel"') -> str:
    return f"[[source]]\nid = {name}\nkind = {kind}\n{head}\n{endpoint}"


def at(url: str = '"https://a.org/f"', kind: str = '"feed"', more: str = "") -> str:
    return f"[[source.endpoint]]\nkind = {kind}\nurl = {url}\n{more}"


BAD = [
    # (file, the key that the error names, a word of what it says)
    (source(endpoint=at(), name='"Media Zona"'), "source.Media Zona.id", "a-z0-9"),
    (source(endpoint=at(), name='"../x"'), "source.../x.id", "a-z0-9"),
    (source(endpoint=at(), name='"x\\n"'), "source.0.id", "a-z0-9"),
    (source(endpoint=at(), name="7"), "source.0.id", "string"),
    ('[[source]]\nkind = "wire"\n' + at(), "source.0.id", "required"),
    (source(endpoint=at(), kind='"newspaper"'), "source.x.kind", "independent"),
    ('[[source]]\nid = "x"\n' + at(), "source.x.kind", "required"),
    (source(), "source.x.endpoint", "enabled = false"),
    (source(endpoint=at(more="enabled = false")), "source.x.endpoint", "enabled = false"),
    (source('aliass = ["X"]', at()), "source.x.aliass", "aliases"),
    (source('aliases = [" "]', at()), "source.x.aliases.0", "1 character"),
    (source('languages = ["russian"]', at()), "source.x.languages.0", "a-z"),
    (source('enabled = "yes"', at()), "source.x.enabled", "boolean"),
    (source('expected_gap = "soon"', at()), "source.x.expected_gap", "15m"),
    (source('proxy = "http://127.0.0.1:8080"', at()), "source.x.proxy", "socks5h"),
    (source('proxy = "socks5://127.0.0.1:9050"', at()), "source.x.proxy", "socks5h"),
    (source('ca_file = "absent.pem"', at()), "source.x.ca_file", "cannot be read"),
    (source('homepage = "a.org"', at()), "source.x.homepage", "https://"),
    (source(endpoint=at(kind='"rss"')), "source.x.endpoint.0.kind", "feed"),
    (source(endpoint=at('"a.org/feed"')), "source.x.endpoint.0.url", "https://"),
    (source(endpoint=at('"file:///etc/passwd"')), "source.x.endpoint.0.url", "https://"),
    (source(endpoint=at('"https://"')), "source.x.endpoint.0.url", "host"),
    (source(endpoint=at('"https://user:secret@a.org/f"')), "source.x.endpoint.0.url", "user name"),
    (source(endpoint=at('"https://a.org/f\\r\\nX: 1"')), "source.x.endpoint.0.url", "control"),
    (source(endpoint=at('"https://a.org:99999/f"')), "source.x.endpoint.0.url", "address"),
    (source(endpoint=at('"https://[::1/f"')), "source.x.endpoint.0.url", "address"),
    (source(endpoint=at('"https://a.org/' + "f" * 3000 + '"')), "source.x.endpoint.0.url", "longer"),
    (source(endpoint="[[source.endpoint]]\nkind = 'feed'"), "source.x.endpoint.0.url", "required"),
    (source(endpoint=at() + at()), "source.x.endpoint", "twice"),
    (source(endpoint=at(more='every = "15 minutes"')), "source.x.endpoint.0.every", "15m"),
    (source(endpoint=at(more="every = 15")), "source.x.endpoint.0.every", "15m"),
    (source(endpoint=at(more='every = "0m"')), "source.x.endpoint.0.every", "from 1s to 30d"),
    (source(endpoint=at(more='role = "main"')), "source.x.endpoint.0.role", "primary"),
    (source(endpoint=at(more='interval = "15m"')), "source.x.endpoint.0.interval", "every"),
    (source(endpoint=at(more='options = { items = "a" }')), "source.x.endpoint.0.options.items", "unknown"),
    (source(endpoint=at(kind='"json"', more='options = { itms = "a" }')), "source.x.endpoint.0.options.itms", "items"),
    (source(endpoint=at(kind='"json"', more='options = { url = "a..b" }')), "source.x.endpoint.0.options.url", "dots"),
    (
        source(endpoint=at(kind='"listing"', more="options = { pattern = '(' }")),
        "source.x.endpoint.0.options.pattern",
        "regular expression",
    ),
    ('[source]\nid = "x"', "source", "tuple"),
    ("[[sources]]\nid = 'x'", "sources", "source"),
    ("[[source]\n", "", "line 1"),
]


@pytest.mark.parametrize(("text", "key", "word"), BAD, ids=[f"{key or 'toml'}-{number}" for number, (_, key, _) in enumerate(BAD)])
def test_C13_a_bad_source_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, key: str, word: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as told:
        load_sources(tmp_path)
    assert told.value.exit_code == 2
    assert (told.value.file, told.value.key) == (str(path), key)
    assert word in told.value.problem


def test_C13_a_duplicate_id_names_both_files(tmp_path: Path) -> None:
    first, second = write(tmp_path, CONTRACT, "a.toml"), write(tmp_path, CONTRACT, "b.toml")
    with pytest.raises(ConfigError) as told:
        load_sources(tmp_path)
    assert told.value.file == str(second) and told.value.key == "source.mediazona.id"
    assert str(first) in told.value.problem
