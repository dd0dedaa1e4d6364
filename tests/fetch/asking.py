"""What do the fetcher's tests ask? Requests and settings in few words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from monitor.model import Failure, Fetched, FetchSettings, NotModified, Outcome, Page, Purpose, Request, Validators
from tests.press.raw import RawServer

Fetch = Callable[..., list[Fetched]]

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>"


def settings_for(*servers: RawServer, **changed: Any) -> FetchSettings:
    """Settings that allow these servers and nobody else."""
    return FetchSettings(**{"allow": tuple(s.address for s in servers), "deadline": timedelta(seconds=5), **changed})


def feed(url: str, etag: bytes | None = None, modified: bytes | None = None, **more: Any) -> Request:
    return Request(url, Purpose.ENDPOINT, Validators(etag, modified), **more)


def article(url: str, **more: Any) -> Request:
    return Request(url, Purpose.ARTICLE, **more)


def page(fetched: Fetched) -> Page:
    assert isinstance(fetched, Page), fetched
    return fetched


def failure(fetched: Fetched, outcome: Outcome) -> Failure:
    assert isinstance(fetched, Failure), fetched
    assert fetched.outcome is outcome, fetched
    assert fetched.why
    return fetched


def unmodified(fetched: Fetched) -> NotModified:
    assert isinstance(fetched, NotModified), fetched
    return fetched
