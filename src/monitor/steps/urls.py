"""What is the one address of an article? Absolute links from what feeds say, and a key under which all spellings of an address meet."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urljoin, urlsplit

LONGEST_URL = 4096  # characters; a longer link is refused
LONGEST_HOST = 253  # characters (RFC 1035)
MOST_PARAMETERS = 100  # a query with more is kept as it is

DEFAULT_PORTS = {"http": 80, "https": 443}

#: Query parameters that say where a reader came from, never what is read.
TRACKING = re.compile(
    r"[a-z]*clid|gbraid|wbraid|igshid|igsh|mibextid|mc_[ce]id|vero_(?:id|conv)|oly_(?:enc|anon)_id|_hsenc|_hsmi|_openstat|_g[al]|ref_(?:src|url)"
    r"|referr?er|ftag|xtor|cmp|cmpid|ito|taid|smid|smtyp|soc_(?:src|trk)|spm|wt[._]mc(?:_id)?|share_source|guccounter|guce_.*|traffic_source"
    r"|fb_(?:action_ids|action_types|ref|source)|(?:utm|at|ns|pk|mtm|matomo|itm|hsa|ga|stm)_.*"
)
#: Parameters that track only with these values: `source=rss` does, `source=12` may name an article.
TRACKING_VALUES = {
    "source": frozenset({"rss", "feed", "twitter", "telegram", "facebook", "email", "newsletter"}),
    "from": frozenset({"rss", "feed", "twitter", "telegram", "facebook", "main"}),
    "ref": frozenset({"rss", "feed", "twitter", "telegram", "facebook", "home", "main"}),
    "amp": frozenset({"", "1", "true"}),
    "outputtype": frozenset({"amp"}),
    "format": frozenset({"amp"}),
}
#: A reader's view of a Telegram post: none changes what the post says (`comment` does, and stays).
TELEGRAM_VIEWS = frozenset({"embed", "single", "t", "thread", "mode", "userpic", "dark", "color"})
TELEGRAM_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})

#: Mirrors of a site under its own name: `www.`, `m.` and `amp.` show the same article.
MIRROR = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.])")
AMP_CACHE = re.compile(r"/(?:[cvir]/)*(?:s/)?")
START_PAGE = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)\Z", re.IGNORECASE)
AMP_NAME = re.compile(r"(?<=[^/])\.amp(\.html)?\Z")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
#: An address as most programs write it.
PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~=&/+%-]+)?)?")
#: One whose key is itself, under https: no port, mirror, wrapper, start page, AMP twin or Telegram, and a path that nothing below changes.
SETTLED = re.compile(
    r"https?://(?!(?:www\d?|m|mobile|amp)\.|(?:t|telegram)\.(?:me|dog)/|.*(?:[/.]amp|google|(?i:index|default)))"
    r"([a-z0-9-]+(?:\.[a-z0-9-]+)+(?:/[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*)+)"
)
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
BARE_HOST = re.compile(r"www\.[^/\s]+\.[^/\s]+", re.IGNORECASE)
#: What no host name has; `\` and `%` are how parsers are made to disagree about where a host ends.
BAD_HOST = re.compile(r"[\s\\%<>\"'`{}|^/?#@,;!$&()*+=]")


def absolute(base: str, link: str | None) -> str | None:
    """`link` as an absolute http(s) address, resolved against `base`; None for anything else.

    Other schemes (`file:`, `javascript:`, `data:`, `tag:` …), hosts that parsers disagree about, and addresses beyond
    LONGEST_URL are refused: nothing but http and https ever becomes a link or something to fetch. User names are dropped.
    """
    if not link:
        return None
    if len(link) <= LONGEST_HOST and (plain := PLAIN.fullmatch(link)):  # most are: nothing below would change them
        return link if plain.group(1) else link + "/"
    text = UNSEEN.sub("", link).strip()
    while "&amp;" in text:  # escaped once more than the format asks for
        text = text.replace("&amp;", "&")
    if not text or len(text) > LONGEST_URL:
        return None
    if BARE_HOST.match(text):
        text = "https://" + text
    if SCHEME.match(text) and not text.lower().startswith(("http:", "https:")):
        return None
    try:
        joined = urljoin(UNSEEN.sub("", base).strip(), text)
        parts = urlsplit(joined)
        port = parts.port
    except ValueError:
        return None
    name = _ascii_host(parts.hostname or "")
    if parts.scheme not in DEFAULT_PORTS or not name or len(joined) > LONGEST_URL:
        return None
    path = parts.path.replace(" ", "%20").replace("\\", "%5C")
    query = "?" + parts.query.replace(" ", "%20") if parts.query else ""
    fragment = "#" + parts.fragment.replace(" ", "%20") if parts.fragment else ""
    return f"{parts.scheme}://{_netloc(parts.scheme, name, port)}{path or '/'}{query}{fragment}"


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """The key under which all spellings of one article's address meet. Never fetched, never shown: only compared.

    Folds scheme (on default ports), `www.`, `m.`, `amp.` and AMP paths, IDN, percent-encoding, dot segments, trailing slashes,
    tracking parameters, their order, fragments, and the views of a Telegram post. Keeps the case of paths and every parameter
    that may name an article. Applied twice it changes nothing. What is no http(s) address comes back stripped.
    """
    if len(url) <= LONGEST_HOST and (settled := SETTLED.fullmatch(url)):
        return "https://" + settled[1]
    link = absolute(url, url)
    if link is None:
        return UNSEEN.sub("", url).strip()
    key = _key(link)
    while inner := _unwrapped(link) or _unwrapped(key):  # each is shorter than its wrapper
        link, key = inner, _key(inner)
    return key


def host(url: str) -> str:
    """The host name in lower-case ASCII, without port; empty when there is none."""
    try:
        return _ascii_host(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def site(url: str) -> str:
    """The registrable domain (`news.bbc.co.uk` -> `bbc.co.uk`); an IP address or an unlisted name stands for itself."""
    from tld import get_fld

    name = host(url)
    return (get_fld(name, fix_protocol=True, fail_silently=True) or name) if name else ""


SAFE = "-._~:@!$&'()*+,;="  # RFC 3986 pchar, without the percent sign
SAFE_QUERY = "-._~:@!$'()*,;/"


def _ascii_host(name: str) -> str:
    """Lower-case ASCII form of a host (IDNA); empty for what cannot be one."""
    name = name.strip(".").lower()
    if ":" in name:  # IPv6, brackets taken off by urlsplit
        return f"[{name}]" if re.fullmatch(r"[0-9a-f:.]+", name) else ""
    if not name or BAD_HOST.search(name):
        return ""
    if name.isascii():
        return name if len(name) <= LONGEST_HOST and ".." not in name else ""
    try:
        return name.encode("idna").decode("ascii").lower().strip(".")
    except UnicodeError:
        return ""


def _netloc(scheme: str, name: str, port: int | None) -> str:
    return name if port is None or port == DEFAULT_PORTS[scheme] else f"{name}:{port}"


def _bare_host(name: str) -> str:
    name = _ascii_host(name)
    while match := MIRROR.match(name):
        name = name[match.end() :]
    return name


def _key(link: str) -> str:
    """The key of an absolute address, wrappers left on."""
    parts = urlsplit(link)
    name, port = _bare_host(parts.hostname or ""), parts.port
    if name in TELEGRAM_HOSTS:
        return _telegram(parts.path, parts.query)
    scheme = "https" if port in (None, DEFAULT_PORTS[parts.scheme]) else parts.scheme
    fragment = "#" + _encoded(parts.fragment, SAFE + "/?") if parts.fragment.startswith("!") else ""
    return f"{scheme}://{_netloc(scheme, name, port)}{_path(parts.path)}{_query(parts.query)}{fragment}"


def _unwrapped(link: str) -> str | None:
    """The address that an AMP cache or a search engine's redirect holds; None when the link is its own."""
    if "google" not in link and "ampproject" not in link:
        return None
    parts = urlsplit(link)
    name = (parts.hostname or "").removeprefix("www.")
    inner = None
    if name.endswith(".cdn.ampproject.org"):
        inner = AMP_CACHE.sub("", parts.path, count=1)
    elif re.fullmatch(r"google(?:\.[a-z]{2,3}){1,2}", name):
        if parts.path.startswith("/amp/"):
            inner = re.sub(r"\A/amp/(?:s/)?", "", parts.path)
        elif parts.path == "/url":
            query = dict(parse_qsl(parts.query, max_num_fields=None))
            inner = query.get("url") or query.get("q")
            return absolute(link, inner) if inner and SCHEME.match(inner) else None
    if inner and "." in inner.split("/", 1)[0]:
        return absolute(link, f"https://{inner}" + (f"?{parts.query}" if parts.query else ""))
    return None


def _telegram(path: str, query: str) -> str:
    """`https://t.me/channel/123`: channel names do not know case, `/s/` is the same channel's preview."""
    segments = [s for s in _dotless(_encoded(path, SAFE + "/")).split("/") if s]
    while segments[:1] == ["s"]:
        segments.pop(0)
    if segments and segments[0] not in ("c", "joinchat") and not segments[0].startswith("+"):
        segments[0] = segments[0].lower()
    kept = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k.lower() not in TELEGRAM_VIEWS]
    return "https://t.me/" + "/".join(segments) + _joined(kept)


def _path(path: str) -> str:
    path = _dotless(_encoded(path, SAFE + "/"))
    while (shorter := _plainer(path)) != path:
        path = shorter
    return path


def _plainer(path: str) -> str:
    """The path without one more sign of a start page, an AMP twin or a trailing slash."""
    path = AMP_NAME.sub(lambda m: m.group(1) or "", START_PAGE.sub("/", path))
    segments = path.split("/")
    if len(segments) > 2 and segments[-1] in ("", "amp"):
        segments.pop()
    if len(segments) > 2 and segments[1] == "amp":
        segments.pop(1)
    return "/".join(segments) or "/"


def _dotless(path: str) -> str:
    """RFC 3986 §5.2.4."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _encoded(text: str, safe: str) -> str:
    """One spelling of percent-encoding: only what must be encoded is, in upper case (RFC 3986 §6.2.2)."""
    if "%" in text:
        text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
        text = re.sub(r"(?:%[0-9A-Fa-f]{2})+", lambda match: quote(unquote_to_bytes(match.group()), safe="-._~"), text)
    return quote(text, safe=safe + "%")


def _query(query: str) -> str:
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return "?" + _encoded(query, SAFE_QUERY + "&=+")
    return _joined([(k, v) for k, v in pairs if not _tracks(k, v)])


def _tracks(key: str, value: str) -> bool:
    key = key.lower()
    return bool(TRACKING.fullmatch(key)) or value.lower() in TRACKING_VALUES.get(key, ())


def _joined(pairs: list[tuple[str, str]]) -> str:
    quoted = [(quote(key, safe=SAFE_QUERY), quote(value, safe=SAFE_QUERY)) for key, value in sorted(pairs) if key]
    return "?" + "&".join(f"{key}={value}" if value else key for key, value in quoted) if quoted else ""
