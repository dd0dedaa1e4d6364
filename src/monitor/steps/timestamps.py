"""What is asked of a timestamp authority, and did it answer that? RFC 3161, as much of it as is needed.

The signature is not checked here: that takes the authority's certificates and a judgement of whom to trust, which is for whoever
reads the proof (`openssl ts -verify`). What is checked is that the answer is a granted one and speaks of our digest.
"""

from __future__ import annotations

#: TimeStampReq (RFC 3161 §2.4.1) in DER for a SHA-256 digest: version 1, the digest, and the wish that certificates come along.
_BEFORE = bytes.fromhex("3039 020101 3031 300d 0609 608648016503040201 0500 0420")
_AFTER = bytes.fromhex("0101ff")
CONTENT_TYPE = "application/timestamp-query"
GRANTED = (0, 1)  # PKIStatus: granted, granted with modifications (§2.4.2)
_STATUS = {2: "rejected", 3: "waiting", 4: "revocation warning", 5: "revoked"}
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # the token's content type: CMS SignedData


def request(sha256: str) -> bytes:
    """The question: when was this digest there? No nonce: the same digest asks the same, and an old answer is the better one."""
    return _BEFORE + bytes.fromhex(sha256) + _AFTER


def problem(response: bytes, sha256: str) -> str:
    """What is wrong with an answer, in words; "" for a granted timestamp of this digest."""
    try:
        outer = _inside(response, 0x30)
        status = _inside(_inside(outer, 0x30), 0x02)
    except ValueError as error:
        return f"is no answer of a timestamp authority ({error})"
    number = int.from_bytes(status, "big")
    if number not in GRANTED:
        return f"the authority did not grant it ({_STATUS.get(number, f'status {number}')})"
    if _SIGNED_DATA not in outer or b"\x04\x20" + bytes.fromhex(sha256) not in outer:
        return "the authority's answer speaks of another digest"
    return ""


def _inside(der: bytes, tag: int) -> bytes:
    """The content of the value that stands first (X.690 §8.1). Raises ValueError for another tag, or where it is cut short."""
    if len(der) < 2 or der[0] != tag:
        raise ValueError("another shape")
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if len(der) < start + length:
        raise ValueError("cut short")
    return der[start : start + length]
