"""A sink gets every event and anchor, and proves by itself that nothing is missing."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import CollectorRegistry
from standardwebhooks import Webhook
from tests.contract.audit.test_trail import Trail, one_event
from tests.contract.conftest import opened
from tests.harness.audit_receiver import AuditReceiver, bodies, receiver_process
from tests.harness.certificates import self_signed
from tests.harness.webhook_receiver import OK, receiving, status

from xaigh_server.audit.signing_key import AuditKeys
from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.audit_sinks import batches, shipping
from xaigh_server.audit_sinks.metrics import SinkMetrics
from xaigh_server.audit_sinks.shipping import SinkShipper
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.identity.environments import Environment
from xaigh_server.log_events import LogEvent
from xaigh_server.net.outbound import Outbound
from xaigh_server.net.url_guard import NameUnresolved, check_url

SECRET = "whsec_" + "QUFB" * 10


class NoNames:
    """Resolves nothing: the sinks of these tests have addresses."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        raise NameUnresolved("no names here")


class Sending:
    """A log, a clock and shippers to one sink."""

    def __init__(self, trail: Trail, tls: ssl.SSLContext | None) -> None:
        self.trail = trail
        self.now = datetime.now(UTC)
        self.registry = CollectorRegistry()
        self.metrics = SinkMetrics(self.registry)
        self.outbound = Outbound(
            NoNames(), clock=self.clock, allow_loopback=True, tls=tls, seconds=5.0
        )

    def clock(self) -> datetime:
        return self.now

    def shipper(self, url: str, *, bearer: str = "") -> SinkShipper:
        return SinkShipper(
            AuditSink(name="archive", url=url, secret=SECRET, bearer=bearer),
            check_url(url, environment=Environment.PRODUCTION, allow_loopback=True),
            control=self.trail.control,
            databases=self.trail.databases,
            outbound=self.outbound,
            clock=self.clock,
            random=lambda: 1.0,
            metrics=self.metrics,
        )

    def lag(self) -> float | None:
        return self.registry.get_sample_value("xaigh_audit_sink_lag_seconds", {"sink": "archive"})

    async def grow(self, events: int) -> None:
        """New events in several chains of both databases, then an anchor."""
        for number in range(events):
            for database in self.trail.databases:
                own, name = f"org_{number % 3}" if number % 4 else "", database.name
                await database.write(lambda s, n=name, o=own: one_event(s, n, o))  # type: ignore[misc]
        assert await self.trail.anchor.anchor() == {}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    made = self_signed("localhost", "127.0.0.1")
    file = tmp_path / "chain.pem"
    file.write_bytes(made.pem + made.key)
    return file


@pytest.fixture
async def sending(
    location: Path | str, tmp_path: Path, certificate: Path
) -> AsyncIterator[Sending]:
    async with (
        opened(location, control_metadata) as control,
        opened(tmp_path / "sandbox.db", business_metadata, name="sandbox") as sandbox,
    ):
        trail = Trail(control, sandbox, tmp_path / "audit")
        made = Sending(trail, ssl.create_default_context(cafile=str(certificate)))
        yield made
        await made.outbound.close()


def receiver(sending: Sending) -> AuditReceiver:
    return AuditReceiver(sending.trail.key.public_key())


@pytest.mark.parametrize("stores_first", [False, True])
async def test_a_receiver_that_is_killed_gets_everything(
    sending: Sending,
    certificate: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stores_first: bool,
) -> None:
    """Killed before its answer, with the batch stored or not, it has no gap after its restart."""
    monkeypatch.setattr(batches, "EVENTS", 7)
    kept = tmp_path / "kept"
    for events in (20, 3, 9):
        await sending.grow(events)
    with ExitStack() as stack:
        first, port = stack.enter_context(
            receiver_process(certificate, kept, dies_at=4, stores_first=stores_first)
        )
        shipper = sending.shipper(f"https://127.0.0.1:{port}/audit")
        await shipper.ship()
        assert first.wait(10) == -9
        early = receiver(sending)
        for body in bodies(kept):
            early.take(body)
        assert not early.complete
        stack.enter_context(receiver_process(certificate, kept, port=port))
        await shipper.ship()
        assert len(bodies(kept)) == 3 + stores_first, "it rests after a failure"
        sending.now += timedelta(seconds=2)
        await shipper.ship()
        await sending.grow(2)
        # Another server goes on from the cursors.
        await sending.shipper(f"https://127.0.0.1:{port}/audit").ship()
    got = receiver(sending)
    for body in bodies(kept):
        got.take(body)
    assert got.complete and got.anchors == 4
    assert bool(got.repeated) is stores_first
    report = await sending.trail.report()
    assert {chain: len(hashes) for chain, hashes in got.chains.items()} == {
        str(chain.chain): chain.events for chain in report.chains
    }
    assert sending.lag() == 0.0


async def test_a_batch_is_signed_and_carries_the_bearer(sending: Sending) -> None:
    """As Standard Webhooks 1.0, in lines of JSON."""
    await sending.grow(2)
    async with receiving(OK) as site:
        await sending.shipper(f"http://127.0.0.1:{site.port}/x", bearer="let-me-in").ship()
    (got,) = site.got
    assert got.headers["authorization"] == "Bearer let-me-in"
    assert got.headers["content-type"] == "application/x-ndjson"
    at = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    signed = Webhook(SECRET).sign(got.id, at, got.body.decode())
    assert got.headers["webhook-signature"] == signed


async def test_a_refusing_sink_rests_longer_each_time(sending: Sending) -> None:
    """And its lag grows; once it accepts, all comes and the rest is over."""
    await sending.grow(1)
    async with receiving(status(500)) as site:
        shipper = sending.shipper(f"http://127.0.0.1:{site.port}/x")
        with structlog.testing.capture_logs() as logs:
            for seconds in (0, 0.9, 0.2, 1.7, 0.4, 3.5):
                sending.now += timedelta(seconds=seconds)
                await shipper.ship()
        assert len(site.got) == 3
        failed = [line for line in logs if line["event"] == LogEvent.AUDIT_SINK_FAILED]
        assert [line["failures"] for line in failed] == [1, 2, 3]
        assert sending.lag() != 0.0
        site.answer = OK
        sending.now += timedelta(seconds=4)
        await shipper.ship()
        assert sending.lag() == 0.0
        await sending.grow(1)
        await shipper.ship()
    got = receiver(sending)
    for post in site.got[3:]:
        got.take(post.body)
    assert got.complete and got.anchors == 2


async def test_retry_after_is_honoured(sending: Sending) -> None:
    """A sink that says how long it is away isn't asked before."""
    await sending.grow(1)
    async with receiving(status(503, "Retry-After: 60")) as site:
        shipper = sending.shipper(f"http://127.0.0.1:{site.port}/x")
        for seconds in (0, 59, 2):
            sending.now += timedelta(seconds=seconds)
            await shipper.ship()
        assert len(site.got) == 2


async def test_two_shippers_leave_no_gap(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may send what the other sent; the cursors never pass what wasn't accepted."""
    monkeypatch.setattr(batches, "EVENTS", 3)
    monkeypatch.setattr(shipping, "_ANCHORS", 2)
    async with receiving(OK) as site:
        pair = [sending.shipper(f"http://127.0.0.1:{site.port}/x") for _ in range(2)]
        for number in range(4):
            await sending.grow(4)
            await pair[number % 2].ship()
    got = receiver(sending)
    for post in site.got:
        got.take(post.body)
    assert got.complete and got.anchors == 4 and got.repeated == 0


async def test_a_receiver_goes_on_under_another_key(sending: Sending) -> None:
    """It knows the former one, which signed the change; the newest header may be far ahead."""
    await sending.grow(2)
    trail = sending.trail
    keys = AuditKeys(current=Ed25519PrivateKey.generate(), previous=trail.key)
    trail.anchor = trail.anchors_into(trail.file, keys=keys)
    for _ in range(2):
        await sending.grow(1)
    async with receiving(OK) as site:
        await sending.shipper(f"http://127.0.0.1:{site.port}/x").ship()
    got = receiver(sending)
    for post in site.got:
        got.take(post.body)
    assert got.complete and got.anchors == 3
    assert got.key == keys.current.public_key()
    stranger = AuditReceiver(Ed25519PrivateKey.generate().public_key())
    with pytest.raises(KeyError, match="formerSignature"):
        stranger.take(site.got[0].body)


async def test_events_that_were_deleted_are_told(sending: Sending) -> None:
    """By the log, and by what the receiver lacks; the other chains still arrive."""
    await sending.grow(4)
    await sending.trail.forge("DELETE FROM audit_events WHERE organization_id = 'org_1'")
    async with receiving(OK) as site:
        with structlog.testing.capture_logs() as logs:
            await sending.shipper(f"http://127.0.0.1:{site.port}/x").ship()
    missing = [line for line in logs if line["event"] == LogEvent.AUDIT_EVENTS_MISSING]
    assert [(line["chain"], line["sequence"]) for line in missing] == [("control/org_1", 1)]
    with pytest.raises((AssertionError, KeyError)):
        receiver(sending).take(site.got[0].body)
    kinds = [json.loads(line)["type"] for line in site.got[0].body.splitlines()]
    assert kinds.count("event") == 7 and kinds[-1] == "anchor"
