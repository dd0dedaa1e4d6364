"""Which addresses are in the public internet."""

from __future__ import annotations

import pytest

from monitor.steps.addresses import is_public, literal

PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "2a00:1450:4001:81b::200e", "::ffff:8.8.8.8", "64:ff9b::808:808", "192.1.0.1"]
NOT_PUBLIC = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:10::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2a00::1%eth0",
    "", "example.org", "127.1", "1.2.3", "8.8.8.8.", "08.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_S06_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_S06_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "spelling", ["127.0.0.1", "127.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433", "127.0.0.1.", "017700000001"]
)
def test_S05_every_spelling_in_digits_is_seen_through(spelling: str) -> None:
    assert literal(spelling) == "127.0.0.1"


@pytest.mark.parametrize("name", ["example.org", "", "a.1", "1.2.3.4.5", "127.0.0.1 x", "0x", "１２７.0.0.1x"])
def test_names_are_no_addresses(name: str) -> None:
    assert literal(name) is None
