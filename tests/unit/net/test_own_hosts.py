"""Hosts of the server itself, from the setting, a certificate and the machine."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from pathlib import Path

import pytest
from tests.harness.certificates import self_signed

from xaigh_server.errors import DomainError
from xaigh_server.identity.environments import Environment
from xaigh_server.net import own_hosts as module
from xaigh_server.net.own_hosts import OwnHosts, own_hosts
from xaigh_server.net.url_guard import check_url, judge

OWN = own_hosts(["API.example.com.", "*.gate.example.com", "8.8.4.4", "[2606:4700::1]"])


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("api.example.com", True),
        ("eu.gate.example.com", True),
        ("a.eu.gate.example.com", False),
        ("gate.example.com", False),
        ("notapi.example.com", False),
        ("example.com", False),
    ],
)
def test_a_name_is_own_by_itself_or_by_one_wildcard_label(host, own):
    """A wildcard stands for one label, as in a certificate."""
    assert OWN.has_name(host) is own


@pytest.mark.parametrize("text", ["8.8.4.4", "2606:4700::1"])
def test_a_listed_address_is_own(text):
    """The brackets of a URL don't matter."""
    assert OWN.has_address(ip_address(text))
    assert not OWN.has_address(ip_address("8.8.8.8"))


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/hook",
        "https://API.EXAMPLE.COM:8443/",
        "https://eu.gate.example.com/",
        "https://8.8.4.4/",
        "https://[2606:4700::1]/",
    ],
)
def test_a_url_to_an_own_host_is_refused(url):
    """The violation names the field and the cure."""
    with pytest.raises(DomainError) as caught:
        check_url(url, environment=Environment.SANDBOX, own=OWN, field="callbackUrl")
    (violation,) = caught.value.violations
    assert violation.path == "callbackUrl"
    assert "this server's own; give one of yours" in violation.description


def test_a_name_that_leads_to_an_own_address_is_refused():
    """Behind another name, too."""
    found = judge("hooks.example.org", ["8.8.4.4"], loopback=False, own=OWN)
    assert found.forbidden and not found.addresses


def test_names_and_addresses_of_the_certificate_are_own(tmp_path: Path):
    """The leaf alone counts, with every subject alternative name."""
    path = tmp_path / "chain.pem"
    path.write_bytes(self_signed("tls.example.com", "192.0.2.1").pem)
    own = own_hosts([], path)
    assert own.has_name("tls.example.com") and own.has_address(ip_address("192.0.2.1"))


def test_an_address_of_this_machine_is_own():
    """Without being listed: the routing table knows it. Loopback is judged elsewhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("8.8.8.8", 53))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        mine = probe.getsockname()[0]
    assert module._is_of_this_machine(ip_address(mine))
    assert OwnHosts().has_address(ip_address(mine))
    assert not OwnHosts().has_address(ip_address("127.0.0.1"))
    assert not OwnHosts().has_address(ip_address("8.8.8.8"))
