"""How is a compressed body opened without ever holding more than its cap? gzip, deflate and brotli, and labels that lie."""

from __future__ import annotations

import zlib
from typing import Protocol

STEP = 64 * 1024  # bytes inflated at a time
MOST_LAYERS = 3  # `Content-Encoding: gzip, gzip` is 2
MOST_MEMBERS = 1000  # gzip members in a row
SNIFFED = 16  # bytes looked at before deciding
ACCEPTED = "gzip, deflate, br"  # exactly what is bounded here

GZIP = b"\x1f\x8b"
GZIP_BITS, ZLIB_BITS, RAW_BITS = 31, 15, -15  # zlib's wbits
TEXT = (b"<", b"{", b"[", b"\xef\xbb\xbf")  # how a body starts that nobody compressed


class TooBigError(Exception):
    """More than the cap."""


class BrokenError(Exception):
    """Compressed bytes that cannot be opened, or that end too early."""


class _Opener(Protocol):
    finished: bool

    def open(self, data: bytes) -> bytes:
        """About STEP bytes at most; b"" only when `data` and what was held back are used up."""
        ...

    def pending(self) -> bool: ...


class Inflater:
    """Give it chunks as they come, then ask for the whole. Raises TooBigError past `cap` bytes of any layer, BrokenError."""

    def __init__(self, label: str, cap: int) -> None:
        codings = tuple(c for c in (part.strip().lower() for part in label.split(",")) if c not in ("", "identity"))
        if len(codings) > MOST_LAYERS:
            raise BrokenError(f"{len(codings)} layers of compression")
        self._cap = cap
        self._body = bytearray()
        self._outermost = _Layer(codings, cap, self._body, 0)

    def feed(self, chunk: bytes) -> None:
        self._outermost.feed(chunk)

    def so_far(self) -> bytes:
        """What was opened until now, at most the cap: for an answer that is cut, not refused."""
        return bytes(self._body[: self._cap])

    def finish(self) -> bytes:
        self._outermost.finish()
        return bytes(self._body)

    @property
    def proves_end(self) -> bool:
        """Whether the compression itself told that the body is complete."""
        return self._outermost.proves_end


class _Layer:
    """One coding, decided by its first bytes; what it opens goes to the layer inside, in the end to the body."""

    def __init__(self, codings: tuple[str, ...], cap: int, body: bytearray, depth: int) -> None:
        self._codings, self._cap, self._body, self._depth = codings, cap, body, depth
        self._head: bytes | None = b""  # None once decided
        self._opener: _Opener | None = None
        self._inner: _Layer | None = None
        self._seen = 0

    def feed(self, data: bytes) -> None:
        self._seen += len(data)
        if self._seen > self._cap:
            raise TooBigError
        if self._head is not None:
            self._head += data
            if len(self._head) < SNIFFED:
                return
            data = self._decide()
        self._pass_on(data)

    def finish(self) -> None:
        if self._head is not None:
            self._pass_on(self._decide())
        if self._opener is not None and self._seen and not self._opener.finished:
            raise BrokenError("the compressed body ends too early")
        if self._inner is not None:
            self._inner.finish()

    @property
    def proves_end(self) -> bool:
        return self._opener is not None and self._opener.finished

    def _decide(self) -> bytes:
        head, self._head = self._head or b"", None
        self._opener, rest = _opener(self._codings, head) if self._depth < MOST_LAYERS else (None, ())
        if self._opener is not None:
            self._inner = _Layer(rest, self._cap, self._body, self._depth + 1)
        return head

    def _pass_on(self, data: bytes) -> None:
        if self._opener is None or self._inner is None:
            self._body += data
            return
        while data or self._opener.pending():
            opened = self._opener.open(data)
            data = b""
            if opened:
                self._inner.feed(opened)


def _opener(codings: tuple[str, ...], head: bytes) -> tuple[_Opener | None, tuple[str, ...]]:
    """What opens bytes that start with `head`, and the codings inside. Magic bytes are believed before labels."""
    outer, inside = (codings[-1], codings[:-1]) if codings else ("", ())
    if head.startswith(GZIP):
        return _Deflated(GZIP_BITS), inside if outer in ("gzip", "x-gzip") else codings
    if outer in ("", "gzip", "x-gzip"):
        return None, inside
    if outer == "br" and _opens(_Brotli(), head):
        return _Brotli(), inside
    if outer == "deflate":
        for bits in (ZLIB_BITS, RAW_BITS):  # RFC 9110 §8.4.1.2: zlib, though some send raw deflate
            if _opens(_Deflated(bits), head):
                return _Deflated(bits), inside
    if head.lstrip()[:3].startswith(TEXT):
        return None, inside
    raise BrokenError(
        f"the body is not {outer}" if outer in ("br", "deflate") else f"compressed with {outer[:20]}, which was not asked for"
    )


def _opens(opener: _Opener, head: bytes) -> bool:
    try:
        opener.open(head)
    except BrokenError:
        return False
    return True


class _Deflated:
    def __init__(self, bits: int) -> None:
        self._bits, self._members = bits, 1
        self._z = zlib.decompressobj(bits)
        self._held = b""  # compressed bytes that wait
        self._full = False  # the last step was: zlib may hold more
        self.finished = False

    def open(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        if self.finished:  # another gzip member, or padding
            if not self._is_member(data):
                return b""
            self._next_member()
        try:
            opened = self._z.decompress(data, STEP)
        except zlib.error as error:
            raise BrokenError("the compressed body is damaged") from error
        self.finished, self._full = self._z.eof, len(opened) == STEP
        rest = self._z.unused_data
        self._held = self._z.unconsumed_tail or (rest if self._is_member(rest) else b"")
        return opened

    def _is_member(self, data: bytes) -> bool:
        return self._bits == GZIP_BITS and data.startswith(GZIP)

    def _next_member(self) -> None:
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise BrokenError(f"more than {MOST_MEMBERS} gzip members")
        self._z, self.finished = zlib.decompressobj(self._bits), False

    def pending(self) -> bool:
        return bool(self._held) or (self._full and not self.finished)


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._error: type[Exception] = brotli.error
        self._b = brotli.Decompressor()
        self._full = False
        self.finished = False

    def open(self, data: bytes) -> bytes:
        if self.finished:
            return b""
        try:
            opened: bytes = self._b.process(data, output_buffer_limit=STEP)
        except self._error as error:
            raise BrokenError("the compressed body is damaged") from error
        self.finished, self._full = self._b.is_finished(), len(opened) >= STEP
        return opened

    def pending(self) -> bool:
        return not self.finished and (self._full or not self._b.can_accept_more_data())
