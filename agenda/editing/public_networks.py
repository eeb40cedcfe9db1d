"""Which addresses of the internet protocol are public: machines of this network must not be asked for strangers."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# All of IPv6 that is given out to the public (IANA's registry), without what leads elsewhere from within it.
PUBLIC_IPV6 = IPv6Network("2000::/3")
NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # protocols
    IPv4Network("192.88.99.0/24"),  # former relays of 6to4
    IPv6Network("2001::/23"),  # protocols, Teredo among them: IPv4 inside IPv6
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: IPv4 inside IPv6
    IPv6Network("3fff::/20"),  # documentation
)


def is_public(number: str) -> bool:
    """True for an address that anybody may reach: not private, of this machine, of many at once, or reserved.

    IPv4 inside IPv6 (mapped, 6to4, Teredo, NAT64) is not, whatever is inside.
    """
    try:
        address = ip_address(number)
    except ValueError:
        return False
    if address.is_multicast or not address.is_global or any(address in network for network in NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in PUBLIC_IPV6
