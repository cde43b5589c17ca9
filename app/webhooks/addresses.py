"""Decides where a message may be sent: to addresses of the internet, not into the own network.

Whoever may set an endpoint could otherwise have this server ask what only it can reach: a database,
a metadata service of the cloud. The name is looked up once, every address it has must be public,
and the connection goes to that address, so that a second answer of the name server changes nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_NAT64: Final = IPv6Network("64:ff9b::/96")
_LOW_32_BITS: Final = 0xFFFF_FFFF


class AddressRefused(Exception):
    """An endpoint's address that no message is sent to; the message says why."""


def addresses_of(host: str, port: int, *, any_address: bool) -> tuple[tuple[str, int], ...]:
    """Give the addresses of a host, each with the port, in the order in which to try them.

    Args:
        host: A name or an address.
        port: Where it listens.
        any_address: Whether those of the own network are allowed.

    Raises:
        AddressRefused: It has none, or one that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no name"
        message = f"{host} is not found: {reason}"
        raise AddressRefused(message) from error
    addresses = tuple(dict.fromkeys((str(one[4][0]), port) for one in found))
    refused = [one for one, _ in addresses if not (any_address or is_public(one))]
    if refused or not addresses:
        message = (
            f"{host} has the address {', '.join(refused) or 'none'}, which is not on the internet; "
            "the operator may allow it with TIERLIFT_WEBHOOK_ANY_ADDRESS=true"
        )
        raise AddressRefused(message)
    return addresses


def is_public(text: str) -> bool:
    """Say whether an address is one of the internet, whatever form it is written in."""
    address = ip_address(text.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in _meant(address))


def _meant(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    """Give an address, or the IPv4 addresses inside it to which routers would send."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address, address.sixtofour)
    if address.teredo is not None:
        return (address, *address.teredo)
    if address in _NAT64:
        return (IPv4Address(int(address) & _LOW_32_BITS),)
    return (address,)
