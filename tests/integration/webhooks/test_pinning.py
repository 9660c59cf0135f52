"""No way inside: the address that was checked is the one that is connected to, every time."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import pytest
from tests.harness.certificates import self_signed
from tests.harness.delivery import LocalResolver
from tests.harness.webhook_receiver import receiving, status

from xaigh_server.identity.environments import Environment
from xaigh_server.net.http_client import CheckedResolver, ConnectionRefused
from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.net.own_hosts import own_hosts
from xaigh_server.net.url_guard import CallbackForbidden, check_resolved, check_url


class Turncoat:
    """A name server that says one thing when asked first, and another from then on."""

    def __init__(self, first: Sequence[str], then: Sequence[str]) -> None:
        self.answers = [list(first), list(then)]

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.mark.parametrize(
    "then", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "0.0.0.0"]
)
@pytest.mark.parametrize("loopback", [False, True])
async def test_a_name_that_turns_inside_after_its_check_is_not_connected_to(
    harness, receiver, then, loopback
):
    """Checked as public, it resolves to an inner address on connecting: nobody is called."""
    resolver = Turncoat(["93.184.216.34"], [then])
    url = check_url(
        f"http://turncoat.example.com:{receiver.port}/", environment=Environment.SANDBOX
    )
    assert not (await check_resolved(url, resolver)).forbidden
    async with harness.outbound(resolver=resolver, allow_loopback=loopback) as outbound:
        reply = await outbound.post(url, b"{}", {})
    assert reply.outcome is HttpOutcome.ADDRESS_FORBIDDEN
    assert receiver.connections == 0


async def test_the_connection_goes_to_the_address_of_the_very_answer_that_was_checked(
    harness, receiver
):
    """One look-up for one connection: there is no second answer that could differ."""
    resolver = Turncoat(["127.0.0.1"], ["10.255.255.1"])
    url = check_url(receiver.url, environment=Environment.SANDBOX, allow_loopback=True)
    async with harness.outbound(resolver=resolver) as outbound:
        reply = await outbound.post(url, b"{}", {})
    assert reply.status == 204
    assert receiver.got[0].headers["host"] == f"localhost:{receiver.port}"


async def test_an_answer_with_one_inner_address_is_refused_whole(harness, receiver):
    """No happy-eyeballs race decides whether the inner one is tried."""
    resolver = LocalResolver(**{"mixed.example.com": ["93.184.216.34", "127.0.0.1"]})
    url = check_url(f"http://mixed.example.com:{receiver.port}/", environment=Environment.SANDBOX)
    async with harness.outbound(resolver=resolver) as outbound:
        reply = await outbound.post(url, b"{}", {})
    assert reply.outcome is HttpOutcome.ADDRESS_FORBIDDEN
    assert receiver.connections == 0


async def test_a_kept_url_is_judged_anew_when_the_setting_changes(harness, receiver):
    """An endpoint from a development setting isn't called once the setting is off."""
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    rules = harness.rules(allow_loopback=False)
    async with harness.working(rules=rules, allow_loopback=False):
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.attempts[0].outcome is HttpOutcome.ADDRESS_FORBIDDEN
    assert receiver.connections == 0


async def test_production_insists_on_https_at_each_try(harness, receiver):
    """A plain URL that got into production's database isn't posted to."""
    await harness.endpoint("http://hooks.example.com/", database="production")
    await harness.emit(
        harness.event(environment="production"), database=harness.business["production"]
    )
    async with harness.working():
        (delivery,) = await harness.until(
            lambda found: found[0].attempt_count == 1, database=harness.business["production"]
        )
    assert delivery.attempts[0].outcome is HttpOutcome.ADDRESS_FORBIDDEN


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254"])
async def test_the_socket_refuses_what_no_resolver_saw(harness, host):
    """A literal address passes by resolvers; it doesn't pass the socket."""
    url = check_url("https://8.8.8.8/", environment=Environment.SANDBOX)
    object.__setattr__(url, "host", host.strip("[]"))
    async with harness.outbound(allow_loopback=False) as outbound:
        reply = await outbound.post(url, b"{}", {})
    assert reply.outcome is HttpOutcome.ADDRESS_FORBIDDEN


async def test_what_passes_the_resolver_is_numeric():
    """The connector gets addresses with the flag that forbids another look-up."""
    checked = CheckedResolver(LocalResolver(x=["8.8.8.8", "2606:4700::1"]), allow_loopback=False)
    import socket

    results = await checked.resolve("x", 443)
    assert [result["host"] for result in results] == ["8.8.8.8", "2606:4700::1"]
    assert all(result["flags"] & socket.AI_NUMERICHOST for result in results)
    with pytest.raises(ConnectionRefused):
        await checked.resolve("localhost", 443)


async def test_tls_asks_for_the_name_and_checks_it(harness, tmp_path):
    """SNI and Host are the URL's, although the connection is to an address."""
    names: list[str] = []
    server, client = _contexts(tmp_path, "app.localhost")
    server.sni_callback = lambda _, name, __: names.append(name)
    resolver = LocalResolver(**{"app.localhost": ["127.0.0.1"], "b.localhost": ["127.0.0.1"]})
    async with (
        receiving(tls=server) as receiver,
        harness.outbound(resolver=resolver, tls=client) as outbound,
    ):
        reply = await outbound.post(_local("app.localhost", receiver.port), b"{}", {})
        assert reply.status == 204
        assert names == ["app.localhost"]
        assert receiver.got[0].headers["host"] == f"app.localhost:{receiver.port}"
        reply = await outbound.post(_local("b.localhost", receiver.port), b"{}", {})
        assert reply.outcome is HttpOutcome.TLS_FAILED
    assert len(receiver.got) == 1


async def test_a_certificate_of_nobody_known_is_refused(harness, tmp_path):
    """Trust comes from the system alone."""
    server, _ = _contexts(tmp_path, "localhost")
    async with receiving(tls=server) as receiver, harness.outbound() as outbound:
        reply = await outbound.post(_local("localhost", receiver.port), b"{}", {})
    assert reply.outcome is HttpOutcome.TLS_FAILED
    assert receiver.got == []


async def test_a_probe_tells_an_operator_what_it_saw(harness, receiver):
    """HEAD, no redirect, and of a redirect's target the host alone."""
    url = check_url(receiver.url, environment=Environment.SANDBOX, allow_loopback=True)
    async with harness.outbound() as outbound:
        receiver.answer = status(200)
        seen = await outbound.probe(url)
        assert (seen.status, seen.findings) == (
            200,
            ("It isn't https: events could be read on their way.",),
        )
        receiver.answer = status(302, "Location: https://elsewhere.example.com/?token=secret")
        seen = await outbound.probe(url)
        assert seen.findings[0] == (
            "It redirects to elsewhere.example.com; redirects aren't followed."
        )
    assert [got.line for got in receiver.got] == ["HEAD /hook HTTP/1.1"] * 2


async def test_an_own_name_is_not_connected_to(harness, receiver):
    """The resolver of the connector refuses the gateway's own name before it looks it up."""
    resolver = LocalResolver(**{"api.example.com": ["127.0.0.1"]})
    own = own_hosts(["api.example.com"])
    checked = CheckedResolver(resolver, allow_loopback=True, own=own)
    with pytest.raises(ConnectionRefused):
        await checked.resolve("api.example.com", 443)
    assert resolver.asked == []


async def test_a_name_that_leads_to_an_own_address_is_not_connected_to():
    """However the name is called."""
    own = own_hosts(["8.8.4.4", "2606:4700::1"])
    for address in ("8.8.4.4", "2606:4700::1"):
        checked = CheckedResolver(
            LocalResolver(x=["8.8.8.8", address]), allow_loopback=False, own=own
        )
        with pytest.raises(ConnectionRefused):
            await checked.resolve("x", 443)


async def test_the_socket_refuses_an_own_address(harness):
    """A literal address of the setting passes by resolvers; it doesn't pass the socket."""
    url = check_url("https://8.8.4.4/", environment=Environment.SANDBOX)
    async with harness.outbound(own=own_hosts(["8.8.4.4"])) as outbound:
        reply = await outbound.post(url, b"{}", {})
    assert reply.outcome is HttpOutcome.ADDRESS_FORBIDDEN


def test_a_name_of_this_host_is_refused_without_the_setting():
    """`app.localhost`, which the tests above use, is of the development setting alone."""
    with pytest.raises(CallbackForbidden):
        check_url("https://app.localhost/", environment=Environment.SANDBOX)


def _local(host: str, port: int):
    return check_url(
        f"https://{host}:{port}/", environment=Environment.PRODUCTION, allow_loopback=True
    )


def _contexts(folder, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for the name, and a client's that trusts it."""
    made = self_signed(name)
    chain = folder / "chain.pem"
    chain.write_bytes(made.pem + made.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return server, ssl.create_default_context(cafile=str(chain))
