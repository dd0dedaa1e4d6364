"""sources/*.toml -> the catalogue: which outlets, channels and institutions are watched, and where."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StringConstraints

from monitor.config.tables import Table, checked, files, read_toml
from monitor.config.values import (
    Duration,
    Language,
    Name,
    Note,
    SocksProxy,
    Url,
    Zone,
    field_path,
    one_or_several,
    pattern,
    readable_file,
    within,
)
from monitor.errors import ConfigError
from monitor.model import Endpoint, EndpointKind, Role, Source, SourceKind

FOLDER = "sources"
SHORTEST_EVERY, LONGEST_EVERY = "1s", "30d"
LONGEST_GAP = "365d"

Patterns = Annotated[tuple[str, ...], BeforeValidator(one_or_several(pattern))]
FieldPaths = Annotated[tuple[str, ...], BeforeValidator(one_or_several(field_path))]


class _Options(Table):
    """What every reader understands. Names and meanings are those of steps/: a reader's docstring tells more."""

    timezone: Zone | None = None  # of dates that come without one


class _SitemapOptions(_Options):
    include: Patterns | None = None  # addresses of articles that count
    exclude: Patterns | None = None
    children: Patterns | None = None  # addresses of an index's sitemaps that are read
    languages: tuple[Language, ...] | None = None
    days: Annotated[int, Field(strict=True, ge=1)] | None = None  # what says that it is older is left out


class _JsonOptions(_Options):
    """Dotted paths of fields: `items` from the document's root, where "" is the document itself, the others from one item."""

    items: FieldPaths | None = None
    id: FieldPaths | None = None
    url: FieldPaths | None = None
    title: FieldPaths | None = None
    published: FieldPaths | None = None
    updated: FieldPaths | None = None
    summary: FieldPaths | None = None
    content: FieldPaths | None = None
    authors: FieldPaths | None = None
    lang: FieldPaths | None = None
    base: Url | None = None  # what relative addresses are relative to


class _ListingOptions(_Options):
    pattern: Patterns | None = None  # of the addresses that are articles
    exclude: Patterns | None = None
    select: Name | None = None  # CSS: where on the page to look for them
    xpath: Name | None = None
    base: Url | None = None


_OPTIONS: dict[EndpointKind, type[Table]] = {
    EndpointKind.FEED: _Options,
    EndpointKind.SITEMAP: _SitemapOptions,
    EndpointKind.TELEGRAM: _Options,
    EndpointKind.JSON: _JsonOptions,
    EndpointKind.LISTING: _ListingOptions,
}


class _Endpoint(Table):
    kind: EndpointKind
    url: Url
    role: Role = Role.PRIMARY
    every: Annotated[Duration, within(SHORTEST_EVERY, LONGEST_EVERY)] = timedelta(minutes=30)
    lang: Language | None = None
    enabled: StrictBool = True
    reason: Note = ""
    options: Annotated[dict[str, Any], Field(default_factory=dict)]


class _Source(Table):
    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\z", max_length=64)]
    name: Name | None = None
    group: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\z", max_length=64)] | None = None
    kind: SourceKind
    languages: tuple[Language, ...] = ()
    aliases: tuple[Name, ...] = ()
    enabled: StrictBool = True
    reason: Note = ""
    country: Note = ""
    homepage: Url | None = None
    terms: Note = ""
    designation: Note = ""
    problems: tuple[Note, ...] = ()
    war: StrictBool = False
    expected_gap: Annotated[Duration, within("1m", LONGEST_GAP)] | None = None
    proxy: SocksProxy | None = None
    ca_file: Name | None = None
    cited_in_seeds: StrictBool = False
    endpoint: tuple[_Endpoint, ...] = ()


class _File(Table):
    source: tuple[_Source, ...] = ()


def load_sources(folder: Path) -> tuple[Source, ...]:
    """`folder`/sources/*.toml in the order of their names; () without that folder.

    Raises ConfigError naming file, key and what is allowed.
    """
    if not folder.is_dir():
        raise ConfigError(folder, "", "there is no such configuration folder")
    found: dict[str, tuple[Source, Path]] = {}
    for path in files(folder / FOLDER, "*.toml"):
        for table in checked(_File, read_toml(path), path).source:
            if table.id in found:
                raise ConfigError(
                    path, f"source.{table.id}.id", f"{table.id!r} is taken already, in {found[table.id][1]}; an id is given once"
                )
            found[table.id] = (_source(table, folder, path), path)
    return tuple(source for source, _ in found.values())


def _source(table: _Source, folder: Path, path: Path) -> Source:
    key = f"source.{table.id}"
    endpoints = tuple(_endpoint(endpoint, path, f"{key}.endpoint.{number}") for number, endpoint in enumerate(table.endpoint))
    if table.enabled and not any(endpoint.enabled for endpoint in endpoints):
        raise ConfigError(path, f"{key}.endpoint", "needs an enabled [[source.endpoint]], or enabled = false with its reason")
    urls = [endpoint.url for endpoint in endpoints]
    if twice := next((url for url in urls if urls.count(url) > 1), None):
        raise ConfigError(path, f"{key}.endpoint", f"{twice} stands there twice; an address is given once")
    return Source(
        id=table.id,
        name=table.name or table.id,
        group=table.group or table.id,
        kind=table.kind,
        languages=table.languages,
        endpoints=endpoints,
        aliases=table.aliases,
        enabled=table.enabled,
        reason=table.reason,
        country=table.country,
        homepage=table.homepage or "",
        terms=table.terms,
        designation=table.designation,
        problems=table.problems,
        war=table.war,
        expected_gap=table.expected_gap,
        proxy=table.proxy,
        ca_file=readable_file(folder, table.ca_file, path, f"{key}.ca_file") if table.ca_file else None,
        cited_in_seeds=table.cited_in_seeds,
    )


def _endpoint(table: _Endpoint, path: Path, key: str) -> Endpoint:
    options = checked(_OPTIONS[table.kind], table.options, path, f"{key}.options")
    return Endpoint(**{**dict(table), "options": options.model_dump(exclude_none=True)})
