"""The press: a real HTTP server on 127.0.0.1 that plays outlets, for tests, the demo and tries by hand."""

from .server import Press, Seen

__all__ = ["Press", "Seen"]
