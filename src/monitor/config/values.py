"""What may a single value of a configuration file look like? Durations, addresses and names, as types that pydantic checks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from monitor.errors import ConfigError

LONGEST_URL = 2_048  # characters: what servers commonly take
LONGEST_NAME = 200
LONGEST_NOTE = 2_000
LONGEST_PORT = 65_535

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\<>\"]")


def duration(value: Any) -> timedelta:
    """`"90s"`, `"15m"`, `"2h"`, `"1d"`, `"2w"`: one number, one unit."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('must be a duration in quotation marks such as "30s", "15m", "2h", "1d" or "2w"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def within(least: str, most: str) -> AfterValidator:
    """For a Duration: from `least` to `most`, both allowed."""

    def check(value: timedelta) -> timedelta:
        if not duration(least) <= value <= duration(most):
            raise ValueError(f"must be from {least} to {most}")
        return value

    return AfterValidator(check)


def web_address(value: str) -> str:
    """An http(s) address with a host; no user name, no blanks or control characters, nothing that would have to be guessed at."""
    if len(value) > LONGEST_URL:
        raise ValueError(f"is longer than {LONGEST_URL} characters")
    if _NOT_IN_URLS.search(value):
        raise ValueError("must not contain blanks, control characters, backslashes, quotation marks or angle brackets")
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"is not an address ({error})") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with http:// or https://")
    if not host or port == 0:
        raise ValueError("must name a host, as in https://example.org/feed")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or password")
    return value


def address_and_port(value: str) -> str:
    """`127.0.0.1:8123` or `[::1]:8123`, in its canonical spelling: one address, one port, nothing wider."""
    allowed = 'must be an IP address and a port, as in "127.0.0.1:8123" or "[::1]:8123"; host names and ranges are not allowed'
    address, _, port = value.rpartition(":")
    bracketed = address.startswith("[") and address.endswith("]")
    try:
        ip = ipaddress.ip_address(address[1:-1] if bracketed else address)
    except ValueError:
        raise ValueError(allowed) from None
    if (ip.version == 6) != bracketed or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= LONGEST_PORT:
        raise ValueError(allowed)
    return f"[{ip}]:{int(port)}" if bracketed else f"{ip}:{int(port)}"


def socks_proxy(value: str) -> str:
    """`socks5h://host:port`: names are resolved by the proxy, so nothing leaks to the local resolver."""
    try:
        parts = urlsplit(value)
        fine = parts.scheme == "socks5h" and parts.hostname and parts.port and parts.path in ("", "/") and "@" not in parts.netloc
    except ValueError:
        fine = False
    if not fine or _NOT_IN_URLS.search(value):
        raise ValueError("must be socks5h://host:port (no other kind of proxy, no user name)")
    return value


def pattern(value: str) -> str:
    """A regular expression of Python's re."""
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    return value


def field_path(value: str) -> str:
    """Where a value stands in a JSON document: `title.rendered`, `authors.*.name`; "" is the document itself."""
    if value and not re.fullmatch(r"[^\s.]+(\.[^\s.]+)*", value):
        raise ValueError('must be names joined by dots, as in "title.rendered"')
    return value


def one_or_several(check: Callable[[str], str]) -> Callable[[Any], tuple[str, ...]]:
    """Accepts what `check` accepts, and a list of it."""

    def each(value: Any) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            raise ValueError("must be text, or a list of texts")
        return tuple(check(one) for one in values)

    return each


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone of the IANA database, as in Europe/Paris or UTC") from None
    return value


def printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("must be one line without control characters")
    return value


def readable_file(folder: Path, name: str, file: Path, key: str) -> str:
    """The absolute path of a file that `file` names at `key`, relative to the configuration folder. Raises ConfigError."""
    path = folder / name
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        raise ConfigError(file, key, f"{path} cannot be read ({getattr(error, 'strerror', None) or error})") from error
    return str(path.absolute())


Duration = Annotated[timedelta, BeforeValidator(duration)]
Url = Annotated[str, AfterValidator(web_address)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME), AfterValidator(printable)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_NOTE)]
Port = Annotated[int, Field(strict=True, ge=1, le=LONGEST_PORT)]
AddressAndPort = Annotated[str, AfterValidator(address_and_port)]
SocksProxy = Annotated[str, AfterValidator(socks_proxy)]
Zone = Annotated[str, AfterValidator(time_zone)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}\z")]
