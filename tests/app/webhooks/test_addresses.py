"""The rules of addresses: a webhook reaches the internet, and nothing behind our own door."""

from __future__ import annotations

import pytest

from app.webhooks.addresses import AddressRefused, addresses_of, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # refused
        "255.255.255.255",
        "224.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::1",
    ],
)
def test_an_address_of_the_own_network_is_not_public(address: str) -> None:
    """Loopback, private, link-local, shared, reserved; inside IPv6, too."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    """And may be told."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "::1"])
def test_no_spelling_of_this_machine_is_let_pass(host: str) -> None:
    """What the system would connect to is looked at, not what is written."""
    with pytest.raises(AddressRefused):
        addresses_of(host, 443, any_address=False)


def test_the_operator_may_allow_it() -> None:
    """For a network of their own."""
    assert ("127.0.0.1", 443) in addresses_of("localhost", 443, any_address=True)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".example", "a..example"])
def test_a_name_that_nobody_has_is_told(host: str) -> None:
    """And not taken for a fault of ours."""
    with pytest.raises(AddressRefused, match="is not found"):
        addresses_of(host, 443, any_address=True)
