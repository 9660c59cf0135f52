"""The table of addresses that are never connected to, and the registries it follows."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.net import addresses

FORBIDDEN = {
    "0.0.0.0": "this network",
    "0.255.255.255": "this network",
    "10.0.0.0": "private",
    "10.255.255.255": "private",
    "100.64.0.1": "shared by a carrier",
    "100.100.100.200": "shared by a carrier",
    "100.127.255.255": "shared by a carrier",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "a cloud platform's own",
    "169.254.0.1": "link-local",
    "169.254.169.254": "link-local",
    "169.254.170.2": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved for protocols",
    "192.0.0.192": "reserved for protocols",
    "192.0.2.1": "for documentation",
    "192.31.196.1": "a sink of the name system",
    "192.52.193.1": "a multicast relay",
    "192.88.99.1": "a relay of IPv6 in IPv4",
    "192.168.0.1": "private",
    "192.168.255.255": "private",
    "192.175.48.1": "a sink of the name system",
    "198.18.0.1": "for benchmarks",
    "198.19.255.255": "for benchmarks",
    "198.51.100.7": "for documentation",
    "203.0.113.7": "for documentation",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.254": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::2": "IPv4 compatible with IPv6",
    "::127.0.0.1": "IPv4 compatible with IPv6",
    "::8.8.8.8": "IPv4 compatible with IPv6",
    "::ffff:127.0.0.1": "IPv4 mapped into IPv6",
    "::ffff:8.8.8.8": "IPv4 mapped into IPv6",
    "::ffff:0:10.0.0.1": "IPv4 translated into IPv6",
    "64:ff9b::10.0.0.1": "IPv4 behind NAT64",
    "64:ff9b::8.8.8.8": "IPv4 behind NAT64",
    "64:ff9b:1::7f00:1": "IPv4 behind NAT64",
    "100::1": "discarded",
    "100:0:0:1::1": "discarded",
    "2001::1": "IPv4 behind Teredo",
    "2001:0:53aa:64c:0:7f7f:80ff:fffe": "IPv4 behind Teredo",
    "2001:1::1": "reserved for protocols",
    "2001:2::1": "reserved for protocols",
    "2001:10::1": "reserved for protocols",
    "2001:20::1": "reserved for protocols",
    "2001:1ff:ffff::1": "reserved for protocols",
    "2001:db8::1": "for documentation",
    "2002:7f00:1::": "IPv4 behind 6to4",
    "2002:808:808::1": "IPv4 behind 6to4",
    "2620:4f:8000::1": "a sink of the name system",
    "3ffe::1": "a test network of the past",
    "3fff::1": "for documentation",
    "3fff:fff::1": "for documentation",
    "2a00:1450::5efe:a00:1": "IPv4 behind ISATAP",
    "2a00:1450::200:5efe:808:808": "IPv4 behind ISATAP",
    "200::1": "outside of global unicast",
    "1fff::1": "outside of global unicast",
    "4000::1": "outside of global unicast",
    "5f00::1": "outside of global unicast",
    "fc00::1": "private",
    "fd00:ec2::254": "private",
    "fe80::1": "link-local",
    "fe80::1%eth0": "bound to a link",
    "febf::1": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "2a00:1450::1%1": "bound to a link",
}

PUBLIC = [
    "1.0.0.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2606:4700::1111",
    "2a00:1450:4001:82a::200e",
]


@pytest.mark.parametrize(("text", "what"), FORBIDDEN.items())
def test_special_addresses_are_refused_with_their_kind(text, what):
    """Every special range is refused at its edges, and says what it is."""
    assert addresses.refusal(ip_address(text)) == what


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_pass_up_to_the_edge_of_the_special_ones(text):
    """The neighbours of a special range are public."""
    assert addresses.refusal(ip_address(text)) == ""


@given(st.ip_addresses(v=4))
def test_whatever_passes_in_ipv4_is_global_for_the_standard_library_too(address: IPv4Address):
    """No IPv4 address passes that `ipaddress` knows as special; the reverse needn't hold."""
    if not addresses.refusal(address):
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved)


@given(st.ip_addresses(v=6))
def test_whatever_passes_in_ipv6_is_global_and_carries_no_ipv4(address: IPv6Address):
    """No IPv6 address passes that is special, or that has an IPv4 address by a known scheme."""
    if not addresses.refusal(address):
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved or address.is_site_local)
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(
    st.ip_addresses(v=4),
    st.sampled_from(["::{}", "::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}"]),
)
def test_an_ipv4_address_in_a_known_wrapping_never_passes(address: IPv4Address, wrapping: str):
    """An embedded address is refused whatever it is: a tunnel's end is somebody else's choice."""
    assert addresses.refusal(ip_address(wrapping.format(address)))


@given(st.ip_addresses(v=4), st.integers(min_value=0, max_value=2**80 - 1))
def test_6to4_and_teredo_never_pass(address: IPv4Address, rest: int):
    """The two tunnels are refused as whole ranges, whatever follows the address."""
    sixtofour = IPv6Address((0x2002 << 112) | (int(address) << 80) | rest)
    teredo = IPv6Address((0x20010000 << 96) | (int(address) << 64) | (rest >> 16))
    assert addresses.refusal(sixtofour)
    assert addresses.refusal(teredo)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", False),
        ("::1%1", False),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
    ],
)
def test_the_development_setting_opens_loopback_and_nothing_else(text, passes):
    """Allowing loopback lets the two loopback ranges pass, in their own spelling only."""
    assert (addresses.refusal(ip_address(text), allow_loopback=True) == "") is passes


@pytest.mark.parametrize(
    "text", ["", "127.1", "0x7f000001", "localhost", "1.2.3.4.", "[::1]", "01.2.3.4"]
)
def test_only_canonical_text_is_an_address(text):
    """What a resolver returns is read strictly: other spellings aren't addresses."""
    assert addresses.parse(text) is None
