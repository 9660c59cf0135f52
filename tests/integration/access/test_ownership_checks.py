"""Checks of ownership over real sockets: a name server, a web server with TLS, a callback."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from tests.harness.certificates import self_signed
from tests.harness.challenged_callback import challenged
from tests.harness.name_server import NameServer, Zone, name_server
from tests.harness.webhook_receiver import Receiver, receiving

from xaigh_server.access.ownership import ProofKind, ProofMethod, Subject
from xaigh_server.access.ownership_checks import OwnershipChecks, domain_token
from xaigh_server.identity.environments import Environment
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.resolver import DnsResolver

SECRET = b"s" * 32
HOST = "northline.localhost"
DOMAIN = Subject(ProofKind.DOMAIN, HOST, "contactEmail")


@asynccontextmanager
async def checking(
    folder: Path, *, name: str = HOST
) -> AsyncIterator[tuple[OwnershipChecks, NameServer, Receiver]]:
    """Checks against a name server and the web server of the domain, which has a certificate."""
    made = self_signed(name)
    chain = folder / "chain.pem"
    chain.write_bytes(made.pem + made.key)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain)
    async with AsyncExitStack() as stack:
        names = await stack.enter_async_context(name_server())
        names.zones[HOST] = Zone(addresses=["127.0.0.1"])
        site = await stack.enter_async_context(receiving(tls=tls))
        resolver = DnsResolver(servers=[names.address])
        stack.push_async_callback(resolver.close)
        outbound = Outbound(
            resolver,
            clock=lambda: datetime.now(UTC),
            allow_loopback=True,
            tls=ssl.create_default_context(cafile=str(chain)),
            seconds=2.0,
        )
        stack.push_async_callback(outbound.close)
        checks = OwnershipChecks(
            resolver,
            outbound,
            clock=lambda: datetime.now(UTC),
            random=Random(5).randbytes,
            allow_loopback=True,
            locate=lambda domain: f"https://{domain}:{site.port}/.well-known/proof.txt",
        )
        yield checks, names, site


def page(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_a_record_among_others(tmp_path: Path) -> None:
    """The file isn't asked for then."""
    async with checking(tmp_path) as (checks, names, site):
        token = domain_token(SECRET).encode()
        names.zones[f"_xaigh-challenge.{HOST}"] = Zone(texts=[b"x" * 300, token])
        check = await checks.domain(DOMAIN, SECRET)
    assert (check.method, check.finding) == (ProofMethod.DNS_TXT, "")
    assert site.connections == 0


async def test_a_file_over_tls(tmp_path: Path) -> None:
    """Fetched by GET, from the well-known path, under the name of the domain."""
    async with checking(tmp_path) as (checks, _, site):
        site.answer = page(domain_token(SECRET).encode() + b"\n")
        check = await checks.domain(DOMAIN, SECRET)
    assert check.method is ProofMethod.WELL_KNOWN_FILE
    (got,) = site.got
    assert got.line.startswith("GET /.well-known/proof.txt")
    assert got.headers["host"] == f"{HOST}:{site.port}"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (page(domain_token(b"o" * 32).encode()), "has no line"),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "It answered 302."),
        (page(b"x" * 20_000 + b"\n" + domain_token(SECRET).encode()), "has no line"),
        (b"nonsense\r\n\r\n", "What answers there isn't a web server."),
    ],
)
async def test_files_that_prove_nothing(tmp_path: Path, answer: bytes, says: str) -> None:
    """Another ticket's token, a redirect, what lies behind the limit of size, another protocol."""
    async with checking(tmp_path) as (checks, _, site):
        site.answer = answer
        check = await checks.domain(DOMAIN, SECRET)
    assert check.method is None
    assert "wasn't found" in check.finding
    assert says in check.finding


async def test_a_certificate_of_another_name_proves_nothing(tmp_path: Path) -> None:
    async with checking(tmp_path, name="other.localhost") as (checks, _, site):
        site.answer = page(domain_token(SECRET).encode())
        check = await checks.domain(DOMAIN, SECRET)
    assert "certificate" in check.finding
    assert site.got == []


async def test_a_name_server_that_never_answers(tmp_path: Path) -> None:
    """The check ends within the resolver's time, and says so."""
    async with checking(tmp_path) as (checks, names, _):
        names.zones[f"_xaigh-challenge.{HOST}"] = Zone(hangs=True)
        check = await checks.domain(DOMAIN, SECRET)
    assert "wasn't found" in check.finding


async def test_a_callback_answers_its_challenge(tmp_path: Path) -> None:
    """And one that answers anything else doesn't."""
    async with checking(tmp_path) as (checks, _, _):
        with challenged() as callback:
            subject = Subject(
                ProofKind.CALLBACK, callback.url(), "callbackUrl", Environment.SANDBOX
            )
            check = await checks.callback(subject, "tkt_1", SECRET)
            assert check.method is ProofMethod.CHALLENGE
            callback.honest = False
            check = await checks.callback(subject, "tkt_1", SECRET)
    assert check.finding == "It answered without the value of the challenge."


async def test_an_inner_address_is_never_challenged(tmp_path: Path) -> None:
    """By the guard of all outbound connections."""
    async with checking(tmp_path) as (checks, names, _):
        names.zones["inside.example"] = Zone(addresses=["10.0.0.7"])
        for url in ("https://10.0.0.7/", "https://inside.example/"):
            subject = Subject(ProofKind.CALLBACK, url, "callbackUrl")
            assert (await checks.callback(subject, "tkt_1", SECRET)).method is None
