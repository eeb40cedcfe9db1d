"""Which numbers are public: nothing of this machine, of its network, or of nobody."""

from __future__ import annotations

import pytest

from agenda.editing.public_networks import is_public

PUBLIC = ["1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2a00:1450:4001:81b::200e"]
NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 (nothing listens there)
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "localhost",
    "",
]


@pytest.mark.parametrize("number", PUBLIC)
def test_number_that_anybody_may_reach_is_public(number):
    assert is_public(number)


@pytest.mark.parametrize("number", NOT_PUBLIC)
def test_number_of_a_closed_network_is_not_public(number):
    assert not is_public(number)
