"""The resolver against a name server that hangs, delays, lies or breaks off."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.harness.name_server import Zone, name_server

from xaigh_server.net import resolver as module
from xaigh_server.net.addresses import parse, refusal
from xaigh_server.net.resolver import DnsResolver, look_ups_of
from xaigh_server.net.url_guard import NameUnresolved


@pytest.fixture
async def server():
    async with name_server(
        good_example_com=Zone(addresses=["8.8.8.8", "2606:4700::1"]),
        dead_example_com=Zone(hangs=True),
        late_example_com=Zone(addresses=["8.8.8.8"], delay=0.2),
    ) as server:
        yield server


@pytest.fixture
async def resolver(server):
    resolver = DnsResolver(servers=[server.address], places=2, seconds=0.6)
    yield resolver
    await resolver.close()


async def test_a_name_has_all_its_addresses(resolver):
    """Both families, each address once."""
    found = await resolver.addresses("good.example.com", 443)
    assert sorted(found) == ["2606:4700::1", "8.8.8.8"]


async def test_a_late_answer_counts(resolver):
    """The first try may be over by then; the answer is taken all the same."""
    assert await resolver.addresses("late.example.com", 443) == ["8.8.8.8"]


async def test_a_silent_server_ends_in_time(resolver):
    """`NameUnresolved`, and the reason says how long it was waited for."""
    with pytest.raises(NameUnresolved, match=r"no answer|timeout|server"):
        async with asyncio.timeout(2):
            await resolver.addresses("dead.example.com", 443)


async def test_the_shipped_limit_is_below_two_seconds():
    """A call makes its look-ups at once, so it waits for this long at most."""
    assert module.SECONDS < 2


async def test_a_name_that_does_not_exist_says_so(resolver):
    """The reason is a sentence without a driver's code."""
    with pytest.raises(NameUnresolved) as caught:
        await resolver.addresses("no-such.example.com", 443)
    assert caught.value.why == "domain name not found."


@pytest.mark.parametrize("name", ["a" * 64 + ".example.com", "ü.example.com", "a..b"])
async def test_what_is_not_a_name_is_unresolved(resolver, name):
    """No exception of the library gets out."""
    with pytest.raises(NameUnresolved):
        await resolver.addresses(name, 443)


async def test_search_domains_are_not_tried(resolver, server):
    """The server is asked for the very name alone."""
    with pytest.raises(NameUnresolved):
        await resolver.addresses("no-such.example.com", 443)
    assert {name for name, _ in server.asked} == {"no-such.example.com"}


async def test_texts_are_joined_from_their_pieces(resolver, server):
    """A record of more than 255 bytes comes in pieces; each record is one text."""
    long = b"x" * 300
    server.zones["proof.example.com"] = Zone(texts=[b"xaigh=abc", long, b"\xff"])
    assert sorted(await resolver.texts("proof.example.com")) == sorted(
        ["xaigh=abc", long.decode(), "\ufffd"]
    )


async def test_texts_of_a_silent_server_end_in_time(resolver):
    """The same limit holds for every kind of look-up."""
    with pytest.raises(NameUnresolved):
        async with asyncio.timeout(2):
            await resolver.texts("dead.example.com")


async def test_an_account_with_dead_names_delays_nobody_else(resolver, server):
    """Forty look-ups that hang hold the places of their own account alone."""

    async def of(account: str, name: str) -> object:
        with look_ups_of(account):
            return await resolver.addresses(name, 443)

    dead = [asyncio.create_task(of("org_bad", "dead.example.com")) for _ in range(40)]
    async with asyncio.timeout(5):
        await server.was_asked.wait()
    started = time.monotonic()
    assert await of("org_good", "good.example.com")
    assert not any(task.done() for task in dead), "others' look-ups were still waiting"
    ended = await asyncio.gather(*dead, return_exceptions=True)
    assert all(isinstance(each, NameUnresolved) for each in ended)
    assert time.monotonic() - started < 5
    asked = sum(name == "dead.example.com" for name, _ in server.asked)
    assert asked <= 2 * 2 * 2 * 2, "two places, two families, two tries, and the turn after them"


async def test_accounts_are_forgotten(resolver):
    """An account costs memory only while it asks."""
    for number in range(20):
        with look_ups_of(f"org_{number}"):
            await resolver.addresses("good.example.com", 443)
    assert resolver._accounts == {}


@pytest.mark.parametrize(
    "mangle",
    [
        lambda reply: reply[:20],
        lambda reply: b"\0\0" + reply[2:],
        lambda reply: reply[:12] + reply[12:].replace(b"liar", b"evil"),
        lambda reply: reply + b"\0" * 40,
    ],
    ids=["cut", "another query's id", "another name", "with garbage"],
)
async def test_a_reply_to_something_else_is_not_believed(resolver, server, mangle):
    """A forged or broken reply gives no address of its own choice, and ends in time."""
    server.zones["liar.example.com"] = Zone(addresses=["8.8.8.8"], mangle=mangle)
    try:
        async with asyncio.timeout(2):
            found = await resolver.addresses("liar.example.com", 443)
    except NameUnresolved:
        return
    assert found == ["8.8.8.8"], "well-formed in front: c-ares may drop what follows"


async def test_the_hosts_file_counts():
    """`localhost` has addresses, and they are loopback ones, without any name server."""
    resolver = DnsResolver(servers=["127.0.0.1:9"])
    try:
        found = [parse(text) for text in await resolver.addresses("localhost", 443)]
        assert found and all(each is not None and refusal(each) == "loopback" for each in found)
    finally:
        await resolver.close()


async def test_a_closed_resolver_leaves_nobody_waiting(server):
    """Look-ups under way end when the server stops."""
    resolver = DnsResolver(servers=[server.address], seconds=30)
    waiting = asyncio.create_task(resolver.addresses("dead.example.com", 443))
    async with asyncio.timeout(5):
        await server.was_asked.wait()
        await resolver.close()
        with pytest.raises(NameUnresolved):
            await waiting
