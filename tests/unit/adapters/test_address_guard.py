"""The guard against addresses that a provider may not be reached at."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pointsman_server.adapters.address_guard import (
    AddressGuard,
    BlockedAddress,
    OwnAddresses,
    check_url,
    common_networks,
    is_public,
)
from pointsman_server.catalog.model import Access

HOSTILE_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # a cloud's metadata, in carrier-grade NAT space
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",  # a cloud's metadata, in public space
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",  # Teredo
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a9fe:a9fe::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%1",
    "fec0::1",
    "ff02::1",
    "not-an-address",
    "",
]
HOSTILE_URLS = [
    "",
    "provider.example/v1",
    "//provider.example/v1",
    "HTTPS://provider.example/v1",
    "ftp://provider.example/v1",
    "file:///etc/passwd",
    "gopher://provider.example/",
    "unix:///run/socket",
    "javascript://provider.example/",
    "https:provider.example",
    "https:///v1",
    "https://user:word@provider.example/v1",
    "https://provider.example@127.0.0.1/",
    "https://provider.example:443@127.0.0.1/",
    "https://127.0.0.1\\@provider.example/",
    "https://provider.example\\.evil.example/",
    "https://provider.example#@127.0.0.1/",
    "https://provider.example /v1",
    "https://provider.example/v1\r\nhost: evil.example",
    "https://provider.example/v1\x00",
    "https://provider.example/\tv1",
    "https://provider.example:0/",
    "https://provider.example:port/",
    "https://provider.example:-1/",
    "https://ⓔxample.com/",
    "https://127。0。0。1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0177.0.0.1/",
    "https://127.0.0.01/",
    "https://127.0.0.1./",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://provider.0x7f/",
    "https://%31%32%37.0.0.1/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://[::1]]/",
    "https://-provider.example/",
    "https://.provider.example/",
    "https://provider.example/v1?key=a b",
    "https://provider.example/v1?key=a\r\nb",
    "https://provider.example?key=@127.0.0.1\\",
    "http://provider.example/v1",  # not encrypted
]


def _guard(access: Access, networks: Sequence[str] = (), *, encrypted: bool = True) -> AddressGuard:
    return AddressGuard(access, tuple(ip_network(network) for network in networks), encrypted)


@pytest.mark.parametrize("host", HOSTILE_ADDRESSES)
def test_a_public_provider_is_reached_at_no_other_address(host: str) -> None:
    with pytest.raises(BlockedAddress):
        _guard(Access.PUBLIC).check(host, 443)


@pytest.mark.parametrize("host", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])
def test_a_public_provider_is_reached_at_public_addresses(host: str) -> None:
    _guard(Access.PUBLIC).check(host, 443)


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_url_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(BlockedAddress):
        check_url(url, Access.PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "https://provider.example",
        "https://provider.example/v1/chat?api-version=2024-01-01&key=a%20b",
        "https://provider.example./v1",
        "https://Provider.Example:8443/v1/models/a:b",
        "https://1.1.1.1/v1",
        "https://[2606:4700::1111]:443/v1",
        "https://xn--exmple-cua.com/v1",
        "https://a_b.example/v1",
        "https://provider.example/v1?",
    ],
)
def test_a_plain_url_passes(url: str) -> None:
    check_url(url, Access.PUBLIC)


@pytest.mark.parametrize("access", [Access.LOOPBACK, Access.PRIVATE])
def test_a_provider_that_is_not_public_may_be_reached_unencrypted(access: Access) -> None:
    check_url("http://model-server:8000/v1", access)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1"])
def test_a_loopback_provider_is_reached_at_loopback(host: str) -> None:
    _guard(Access.LOOPBACK, encrypted=False).check(host, 11434)


@pytest.mark.parametrize("host", [host for host in HOSTILE_ADDRESSES if not host.startswith("127.") and host != "::1"])
def test_a_loopback_provider_is_reached_nowhere_else(host: str) -> None:
    with pytest.raises(BlockedAddress):
        _guard(Access.LOOPBACK).check(host, 11434)


def test_a_loopback_provider_is_not_reached_at_public_addresses() -> None:
    with pytest.raises(BlockedAddress):
        _guard(Access.LOOPBACK).check("8.8.8.8", 443)


@pytest.mark.parametrize(
    ("host", "networks", "encrypted", "allowed"),
    [
        ("10.1.2.3", ["10.1.0.0/16"], False, True),
        ("10.2.2.3", ["10.1.0.0/16"], False, False),
        ("fd12::1", ["fd12::/16"], False, True),
        ("100.64.0.7", ["100.64.0.0/10"], False, True),
        ("8.8.8.8", ["10.1.0.0/16"], True, True),
        ("8.8.8.8", ["10.1.0.0/16"], False, False),
        ("127.0.0.1", ["0.0.0.0/0"], True, False),
        ("169.254.169.254", ["0.0.0.0/0"], True, False),
        ("100.100.100.200", ["0.0.0.0/0"], True, False),
        ("168.63.129.16", ["0.0.0.0/0"], True, False),
        ("0.0.0.0", ["0.0.0.0/0"], True, False),
        ("::1", ["::/0"], True, False),
        ("::ffff:10.1.2.3", ["::/0", "10.0.0.0/8"], True, False),
        ("64:ff9b::a01:203", ["::/0"], True, False),
        ("fd00:ec2::254", ["::/0"], True, False),
        ("fe80::1", ["::/0"], True, False),
    ],
)
def test_a_private_provider_is_reached_in_its_networks(
    host: str, networks: list[str], *, encrypted: bool, allowed: bool
) -> None:
    guard = _guard(Access.PRIVATE, networks, encrypted=encrypted)
    if allowed:
        guard.check(host, 8000)
    else:
        with pytest.raises(BlockedAddress):
            guard.check(host, 8000)


@pytest.mark.parametrize(
    ("asked", "allowed", "common"),
    [
        (["10.1.0.0/16"], ["10.0.0.0/8"], ["10.1.0.0/16"]),
        (["10.0.0.0/8"], ["10.1.0.0/16"], ["10.1.0.0/16"]),
        (["10.1.2.3"], ["10.0.0.0/8"], ["10.1.2.3/32"]),
        (["10.1.0.0/16"], ["192.168.0.0/16"], []),
        (["fd00::/8"], ["10.0.0.0/8"], []),
        (["10.1.0.0/16"], [], []),
        ([], ["10.0.0.0/8"], []),
    ],
)
def test_networks_must_be_allowed_by_both(asked: list[str], allowed: list[str], common: list[str]) -> None:
    found = common_networks(asked, [ip_network(text) for text in allowed])
    assert found == tuple(ip_network(text) for text in common)


def test_a_text_that_is_no_network_allows_nothing() -> None:
    with pytest.raises(BlockedAddress):
        common_networks(["model-server"], [ip_network("10.0.0.0/8")])


@given(st.ip_addresses())
def test_no_public_address_is_of_a_special_kind(address: object) -> None:
    found = ip_address(str(address))
    if is_public(found):
        special = (found.is_private, found.is_loopback, found.is_link_local, found.is_multicast, found.is_reserved)
        assert not any(special)


class TestOwnAddresses:
    def test_the_exact_address_is_own(self) -> None:
        own = OwnAddresses()
        own.add("127.0.0.1", 50051)
        assert own.contains(ip_address("127.0.0.1"), 50051)
        assert not own.contains(ip_address("127.0.0.1"), 50052)
        assert not own.contains(ip_address("127.0.0.2"), 50051)

    @pytest.mark.parametrize("wildcard", ["0.0.0.0", "::", "[::]", ""])
    def test_a_wildcard_is_every_address_of_this_machine(self, wildcard: str) -> None:
        own = OwnAddresses()
        own.add(wildcard, 50051)
        assert own.contains(ip_address("127.0.0.1"), 50051)
        assert own.contains(ip_address("127.9.9.9"), 50051)
        assert own.contains(ip_address("::1"), 50051)
        assert not own.contains(ip_address("127.0.0.1"), 50052)
        assert not own.contains(ip_address("192.0.2.77"), 50051)

    def test_a_name_is_all_that_it_resolves_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 8051)),
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 8051, 0, 0)),
            ]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        own = OwnAddresses()
        own.add("localhost", 8051)
        assert own.contains(ip_address("127.0.0.1"), 8051)
        assert own.contains(ip_address("::1"), 8051)

    def test_the_guard_refuses_own_addresses(self) -> None:
        own = OwnAddresses()
        own.add("127.0.0.1", 50051)
        guard = AddressGuard(Access.LOOPBACK, own=own)
        guard.check("127.0.0.1", 50052)
        with pytest.raises(BlockedAddress):
            guard.check("127.0.0.1", 50051)
