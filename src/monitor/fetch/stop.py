"""Why did a request end without anything to read? Inside fetch/ alone; outside it is a Failure."""

from __future__ import annotations

import ssl
from datetime import timedelta

import aiohttp
from aiohttp.http import HttpProcessingError

from monitor.model import Outcome


class StoppedError(Exception):
    """Ends a request; HttpFetcher makes a Failure of it. `why` is for a curator."""

    def __init__(self, outcome: Outcome, why: str, *, status: int | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(why)
        self.outcome, self.why, self.status, self.retry_after = outcome, why, status, retry_after


class RefusedError(OSError):
    """An address or URL that is not asked. An OSError, since asyncio and aiohttp carry those out of a connection attempt."""


#: What a request may raise for what a server or a network does (ValueError: an address or header that cannot be sent).
FAULTS = (TimeoutError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError)


def stopped_by(error: BaseException) -> StoppedError:
    """What an exception of aiohttp, asyncio or ssl means."""
    refused = _cause(error, RefusedError)
    if refused is not None:
        return StoppedError(Outcome.REFUSED, str(refused))
    if isinstance(error, TimeoutError):
        return StoppedError(Outcome.TIMEOUT, "no connection in time")
    tls = _cause(error, ssl.SSLError, ssl.CertificateError)
    if tls is not None:
        return StoppedError(Outcome.TLS_ERROR, _tls_reason(tls))
    if isinstance(error, HttpProcessingError):
        return StoppedError(Outcome.HTTP_ERROR, f"the answer is not HTTP as we accept it: {short(error.message)}")
    if isinstance(error, aiohttp.ClientPayloadError):
        return StoppedError(Outcome.NET_ERROR, "the answer was cut short")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return StoppedError(Outcome.NET_ERROR, "the server closed the connection before its answer was complete")
    return StoppedError(Outcome.NET_ERROR, short(str(error) or type(error).__name__))


def _cause(error: BaseException | None, *kinds: type[BaseException]) -> BaseException | None:
    """The first of `kinds` in the chain of what an exception was made from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, kinds):
            return error
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _tls_reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return f"TLS failed: {getattr(error, 'reason', None) or short(str(error))}"


def short(text: str) -> str:
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:200]
