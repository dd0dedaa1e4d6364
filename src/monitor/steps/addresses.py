"""Is an IP address somewhere in the public internet, whatever it is dressed as?

`ipaddress.is_global` alone is not the answer: in Python 3.11 it says True for NAT64, 6to4 and IPv4-compatible forms of private
addresses, for multicast, and for blocks that were reserved later.
"""

from __future__ import annotations

import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: Special IPv4 blocks that `is_global` lets through (RFC 6890, RFC 7526, RFC 5771).
NOT_PUBLIC_4 = tuple(IPv4Network(n) for n in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"))
#: Global unicast (RFC 4291) …
GLOBAL_6 = IPv6Network("2000::/3")
#: … without protocol assignments and Teredo, documentation, 6to4.
NOT_PUBLIC_6 = tuple(IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_public(address: str) -> bool:
    """Whether `address` (IPv4 or IPv6 in text, a zone allowed) may be asked without the operator's leave; False for what is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
        if inner is None:
            return ip.scope_id is None and ip in GLOBAL_6 and not any(ip in block for block in NOT_PUBLIC_6)
        ip = inner
    return ip.is_global and not any(ip in block for block in NOT_PUBLIC_4)


#: Endings of names that lead nowhere in the public internet (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
PRIVATE_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid", ".onion", ".alt")


def is_private_name(host: str) -> bool:
    """Whether a host's name alone says that it is nobody's in the public internet: one word, or an ending kept for that."""
    name = "." + host.lower().rstrip(".")
    return literal(host) is None and (name.count(".") == 1 or name.endswith(PRIVATE_NAMES))


@lru_cache(maxsize=4096)
def literal(host: str) -> str | None:
    """The address that a host spells in digits, odd spellings too (`127.1`, `0x7f.1`, `2130706433`); None for a name."""
    name = host.strip("[]").rstrip(".")
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name)) if name and " " not in name else None
    except (OSError, UnicodeError):
        return None
