"""What would a new source be, in the words of the catalogue? Feeds that were found -> sources -> TOML that the loader takes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from monitor.model import Endpoint, EndpointKind, Entry, Role, Source, SourceKind
from monitor.steps.display import cut, plain
from monitor.steps.opml import Outline, Outlines
from monitor.steps.rhythm import moment
from monitor.steps.urls import canonical, host, site

LONGEST_ID, LONGEST_NAME = 64, 200  # characters, as the loader has it
TELEGRAM_NAME = re.compile(
    r"(?:@|(?:https?://)?(?:www\.)?(?:t|telegram)\.(?:me|dog)/(?:s/)?)([A-Za-z]\w{3,31})(?:[/?#].*)?\Z", re.IGNORECASE | re.ASCII
)
TELEGRAM_LINK = re.compile(r"(?:https?:)?//(?:www\.)?(?:t|telegram)\.me/(?:s/)?([A-Za-z]\w{3,31})(?=[\"'/?#\s<])", re.IGNORECASE | re.ASCII)
#: Addresses of t.me that are no channel.
NO_CHANNEL = frozenset({"share", "joinchat", "addstickers", "addemoji", "proxy", "socks", "login", "iv", "dl", "invoice", "setlanguage"})

#: The median pause between two entries below which an endpoint is looked at so often.
RHYTHMS = ((timedelta(hours=1), timedelta(minutes=15)), (timedelta(hours=6), timedelta(minutes=30)))
SELDOM = timedelta(hours=1)

UNITS = (("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def telegram_channel(text: str) -> str | None:
    """The channel that `@name`, `t.me/name` or `https://t.me/s/name/123` means; None for anything else."""
    found = TELEGRAM_NAME.fullmatch(text.strip())
    return found.group(1) if found and found.group(1).lower() not in NO_CHANNEL else None


def channels_of(page: str) -> list[str]:
    """Telegram channels that a page links to, each once, in its order."""
    names: dict[str, str] = {}
    for name in TELEGRAM_LINK.findall(page):
        if name.lower() not in NO_CHANNEL:
            names.setdefault(name.lower(), name)
    return list(names.values())


def preview(channel: str) -> str:
    return f"https://t.me/s/{channel}"


def new_id(wanted: str, taken: Collection[str]) -> str:
    """An id of the catalogue's form that nobody has: `wanted`, or with a number behind it."""
    plain_id = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[: LONGEST_ID - 6].strip("-") or "source"
    number = 1
    while (ident := plain_id if number == 1 else f"{plain_id}-{number}") in taken:
        number += 1
    return ident


def id_of_address(url: str) -> str:
    """`https://www.example.co.uk/feed` -> `example`; a channel's name, a number's digits."""
    channel = telegram_channel(url)
    name = site(url)
    return channel or (name if re.fullmatch(r"[\d.]+|\[.*", name) else name.split(".")[0]) or "source"


def rhythm_for(entries: Sequence[Entry]) -> timedelta:
    """How often to look at first; the service learns the rest."""
    times = sorted(moment(entry.published) for entry in entries if entry.published)
    pauses = sorted(later - earlier for earlier, later in pairwise(times))
    if not pauses:
        return SELDOM
    return next((every for pause, every in RHYTHMS if pauses[len(pauses) // 2] <= pause), SELDOM)


# ── what a file of outlines would bring ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Imported:
    """`report`: a line for each outline, in order: what became of it, its address, and why."""

    sources: tuple[Source, ...]
    report: tuple[tuple[str, str, str], ...]  # "taken", "known" or "refused"

    def count(self, what: str) -> int:
        return sum(fate == what for fate, _, _ in self.report)


def import_outlines(outlines: Outlines, catalogue: Mapping[str, Source], refusal: Callable[[str], str]) -> Imported:
    """Outlines as sources, each address once. `refusal`: why an address may not be in the catalogue, or an empty text."""
    met = {canonical(endpoint.url): source.id for source in catalogue.values() for endpoint in source.endpoints}
    sources: dict[str, Source] = {}
    ids: dict[str, str] = {}  # the file's own -> ours
    taken, wanted = set(catalogue), Counter[str]()
    report: list[tuple[str, str, str]] = []
    for outline in outlines.feeds:
        key = canonical(outline.url)
        if why := refusal(outline.url):
            report.append(("refused", outline.url, why))
        elif key in met:
            report.append(("known", outline.url, f"it stands in {met[key]}"))
        else:
            own = outline.own.get("id", "")
            name = own or id_of_address(outline.url)
            wanted[name] += 1
            ident = ids.get(own) or new_id(name if wanted[name] == 1 else f"{name}-{wanted[name]}", taken)
            taken.add(ident)
            if own:
                ids[own] = ident
            source = sources.get(ident) or _from_outline(outline, ident, refusal)
            sources[ident] = replace(source, endpoints=(*source.endpoints, _endpoint(outline)))
            met[key] = ident
            report.append(("taken", outline.url, f"as {ident}"))
    return Imported(tuple(sources.values()), tuple(report))


def _from_outline(outline: Outline, ident: str, refusal: Callable[[str], str]) -> Source:
    own = outline.own
    group = new_id(own.get("group") or id_of_address(outline.url), ())
    kind = own.get("kind", "")
    languages = tuple(code for code in own.get("languages", "").split(",") if re.fullmatch(r"[a-z]{2,3}", code))
    homepage = outline.homepage if outline.homepage and not refusal(outline.homepage) else ""
    return Source(
        ident,
        name_of([outline.title, ident], ""),
        group,
        SourceKind(kind) if kind in set(SourceKind) else SourceKind.INDEPENDENT,
        languages,
        (),
        homepage=homepage,
    )


def _endpoint(outline: Outline) -> Endpoint:
    role, every, lang = (outline.own.get(name, "") for name in ("role", "every", "lang"))
    usual = Endpoint(EndpointKind.FEED, outline.url)
    return replace(
        usual,
        role=Role(role) if role in set(Role) else usual.role,
        every=timedelta(seconds=int(every)) if re.fullmatch(r"[1-9]\d{0,6}", every) and int(every) <= 30 * 86_400 else usual.every,
        lang=lang if re.fullmatch(r"[a-z]{2,3}", lang) else None,
    )


# ── in the catalogue's words ─────────────────────────────────────────────────────────────────────────────────────────


def toml(sources: Iterable[Source], remarks: Mapping[str, str] | None = None) -> str:
    """Tables for a file of the catalogue. `remarks`, by endpoint address, stand above it as comments."""
    return "\n".join(line for source in sources for line in (*_table(source, remarks or {}), "")).rstrip("\n") + "\n"


def _table(source: Source, remarks: Mapping[str, str]) -> Iterator[str]:
    yield "[[source]]"
    yield f"id = {_quoted(source.id)}"
    yield f"name = {_quoted(cut(source.name, LONGEST_NAME))}"
    yield f"group = {_quoted(source.group)}  # the publisher: outlets of one group are one voice"
    yield f"kind = {_quoted(source.kind.value)}  # correct it: {', '.join(SourceKind)}"
    yield f"languages = [{', '.join(map(_quoted, source.languages))}]"
    if source.homepage:
        yield f"homepage = {_quoted(source.homepage)}"
    for endpoint in source.endpoints:
        yield ""
        if endpoint.url in remarks:
            yield f"# {plain(remarks[endpoint.url])}"
        yield "[[source.endpoint]]"
        yield f"kind = {_quoted(endpoint.kind.value)}"
        yield f"url = {_quoted(endpoint.url)}"
        if endpoint.role is not Role.PRIMARY:
            yield f"role = {_quoted(endpoint.role.value)}"
        yield f"every = {_quoted(_duration(endpoint.every))}"
        if endpoint.lang:
            yield f"lang = {_quoted(endpoint.lang)}"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's, without what TOML or the loader has no place for."""
    return json.dumps("".join(char if char.isprintable() else "\ufffd" for char in plain(text).strip()), ensure_ascii=False)


def _duration(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    unit, size = next((unit, size) for unit, size in UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"


def by_roles(found: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Endpoints of one source with the role that suits each: the first feed leads, channels stand in for it."""
    order = {EndpointKind.FEED: 0, EndpointKind.SITEMAP: 1, EndpointKind.TELEGRAM: 2}
    ranked = sorted(found, key=lambda endpoint: order.get(endpoint.kind, 3))
    helpers = {EndpointKind.TELEGRAM: Role.FALLBACK}
    return tuple(
        replace(endpoint, role=helpers.get(endpoint.kind, Role.SECONDARY) if number else Role.PRIMARY)
        for number, endpoint in enumerate(ranked)
    )


def name_of(titles: Sequence[str | None], url: str) -> str:
    """The first title that says something, else the host."""
    return next((cut(plain(title).strip(), LONGEST_NAME) for title in titles if title and plain(title).strip()), host(url) or url)
