"""Receivers fail in every way there is; each way has a name, and none holds anybody else up."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections import Counter
from datetime import timedelta
from email.utils import format_datetime

import pytest
from tests.harness.delivery import eventually
from tests.harness.webhook_receiver import OK, receiving, status

from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.net.http_reply import HttpOutcome
from xaigh_server.net.retry_schedule import SCHEDULE
from xaigh_server.webhooks.model import DeliveryState, DisableReason


async def hang(got, writer):
    """Takes the post and says nothing."""
    await asyncio.sleep(60)


async def hang_up(got, writer):
    """Takes the post and closes."""
    writer.close()


async def reset(got, writer):
    """Takes the post and resets the connection."""
    linger = writer.get_extra_info("socket")
    linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()


async def endless_head(got, writer):
    """Sends headers for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-More: " + b"x" * 4000 + b"\r\n")
        await writer.drain()


async def endless_body(got, writer):
    """Says yes, and then sends a body for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        await writer.drain()


async def slow_body(got, writer):
    """Says yes, and never ends its body."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
    await writer.drain()
    await asyncio.sleep(60)


WAYS = {
    "500": (status(500), HttpOutcome.REFUSED, 500),
    "400": (status(400, body=b"x" * 100), HttpOutcome.REFUSED, 400),
    "401": (status(401, "WWW-Authenticate: Basic"), HttpOutcome.REFUSED, 401),
    "404": (status(404), HttpOutcome.REFUSED, 404),
    "429": (status(429), HttpOutcome.REFUSED, 429),
    "503": (status(503), HttpOutcome.REFUSED, 503),
    "300": (status(300), HttpOutcome.REDIRECTED, 300),
    "304": (status(304), HttpOutcome.REDIRECTED, 304),
    "hangs": (hang, HttpOutcome.TIMED_OUT, 0),
    "hangs up": (hang_up, HttpOutcome.CONNECTION_FAILED, 0),
    "resets": (reset, HttpOutcome.CONNECTION_FAILED, 0),
    "endless head": (endless_head, HttpOutcome.PROTOCOL_ERROR, 0),
    "not http": (b"SSH-2.0-OpenSSH_9.6\r\n", HttpOutcome.PROTOCOL_ERROR, 0),
    "garbage": (b"\x00\xff\x16\x03\x01\r\n\r\n", HttpOutcome.PROTOCOL_ERROR, 0),
    "status 99": (b"HTTP/1.1 99 No\r\n\r\n", HttpOutcome.PROTOCOL_ERROR, 0),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        HttpOutcome.PROTOCOL_ERROR,
        0,
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_failure_has_a_name_and_leads_to_another_try(harness, receiver, way):
    """The log says how the try ended, and when the next one is due: in about five seconds."""
    receiver.answer, outcome, code = WAYS[way]
    endpoint = await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    async with harness.working(seconds=0.5):
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    (attempt,) = delivery.attempts
    assert (attempt.outcome, attempt.status) == (outcome, code)
    assert delivery.state is DeliveryState.PENDING
    wait = delivery.next_attempt_at - attempt.started_at - attempt.duration
    assert timedelta(seconds=5) <= wait < timedelta(seconds=7)
    assert (await harness.find(endpoint)).enabled


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        status(200, body=b"hello"),
        status(202, "Set-Cookie: a=b"),
        status(200, "Content-Encoding: gzip", body=b"not gzip"),
        endless_body,
        slow_body,
    ],
)
async def test_a_status_from_200_to_299_is_success_whatever_follows_it(harness, receiver, answer):
    """The body is read up to a cap and for a while, and thrown away."""
    receiver.answer = answer
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    async with harness.working(seconds=3):
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.state is DeliveryState.SUCCEEDED


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(harness, receiver, code):
    """The place that it points to hears nothing."""
    async with receiving() as elsewhere:
        receiver.answer = status(code, f"Location: {elsewhere.url}")
        await harness.endpoint(receiver.url)
        await harness.emit(harness.event())
        async with harness.working():
            (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.attempts[0].outcome is HttpOutcome.REDIRECTED
    assert elsewhere.connections == 0


async def test_nobody_at_home_is_a_failed_connection(harness, receiver):
    """A closed port."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        await harness.endpoint(f"http://localhost:{closed.getsockname()[1]}/")
        await harness.emit(harness.event())
        async with harness.working():
            (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.attempts[0].outcome is HttpOutcome.CONNECTION_FAILED


async def test_a_name_that_has_gone_is_named_so(harness):
    """The name resolved when the endpoint was made, and doesn't now."""
    await harness.endpoint("https://gone.example.com/")
    await harness.emit(harness.event())
    async with harness.working():
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.attempts[0].outcome is HttpOutcome.NAME_UNRESOLVED


async def test_plain_http_where_tls_was_expected_fails_as_tls(harness, receiver):
    """A receiver without TLS behind an https URL."""
    receiver.answer = b"HTTP/1.1 400 X\r\n\r\n"
    await harness.endpoint(receiver.url.replace("http:", "https:"))
    await harness.emit(harness.event())
    async with harness.working(seconds=1):
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
    assert delivery.attempts[0].outcome in (HttpOutcome.TLS_FAILED, HttpOutcome.TIMED_OUT)


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_is_honoured(harness, receiver, code, form):
    """Nothing is sent to the endpoint before the time that the receiver asked for."""
    until = harness.clock() + timedelta(seconds=3600)
    wish = "3600" if form == "seconds" else format_datetime(until, usegmt=True)
    receiver.answer = status(code, f"Retry-After: {wish}")
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event())
    async with harness.working():
        (delivery,) = await harness.until(lambda found: found[0].attempt_count == 1)
        assert delivery.next_attempt_at >= until - timedelta(seconds=1)
        receiver.answer = OK
        await harness.emit(harness.event())
        await harness.emptied()
        harness.clock.forward(minutes=50)
        await harness.settled()
        assert len(receiver.got) == 1
        harness.clock.forward(minutes=11)
        await receiver.wait_for(3)


async def test_410_ends_the_endpoint_and_tells_the_operators(harness, receiver):
    """What waits is cancelled; an audit event says so in the same transaction."""
    receiver.answer = status(410)
    endpoint = await harness.endpoint(receiver.url)
    await harness.emit(harness.event(), harness.event(), harness.event())
    async with harness.working():
        found = await harness.until(
            lambda found: all(each.state is not DeliveryState.PENDING for each in found)
        )
    assert [each.state for each in found] == [
        DeliveryState.FAILED,
        DeliveryState.CANCELLED,
        DeliveryState.CANCELLED,
    ]
    assert (await harness.find(endpoint)).disable_reason is DisableReason.GONE
    assert len(receiver.got) == 1
    (told,) = await harness.sandbox.read(
        lambda s: AuditLog(s, "sandbox").listing(
            AuditFilter(action="webhook_endpoint.disabled"), limit=2
        )
    )
    assert told.event.targets == (endpoint.id,)
    assert told.event.organization_id == endpoint.organization_id
    assert told.event.after == {"cancelledDeliveries": 2, "disableReason": "GONE"}
    counted = harness.registry.get_sample_value
    assert counted("xaigh_webhook_tries_total", {"database": "sandbox", "outcome": "REFUSED"}) == 1
    gone = {"database": "sandbox", "reason": "GONE"}
    assert counted("xaigh_webhook_endpoints_disabled_total", gone) == 1


async def test_tries_go_on_for_three_days_and_then_the_endpoint_is_disabled(harness, receiver):
    """Ten tries in all; the last one disables an endpoint where nothing succeeded meanwhile."""
    receiver.answer = status(500)
    endpoint = await harness.endpoint(receiver.url)
    (event,) = await harness.emit(harness.event())
    async with harness.working():
        for step, wait in enumerate([*SCHEDULE, 0], 1):
            (delivery,) = await harness.until(lambda found, n=step: found[0].attempt_count == n)
            harness.clock.forward(seconds=wait * 1.1)
    assert delivery.state is DeliveryState.FAILED
    assert delivery.attempt_count == len(SCHEDULE) + 1
    tried = delivery.attempts[-1].started_at - delivery.attempts[0].started_at
    assert timedelta(days=3) <= tried <= timedelta(days=3.4)
    assert (await harness.find(endpoint)).disable_reason is DisableReason.FAILING
    assert Counter(receiver.ids) == {event.event_id: 10}


async def test_an_endpoint_that_fails_and_one_that_is_gone_are_told_to_the_others(
    harness, receiver
):
    """Once for an hour of failures, and once that it was disabled; never to itself."""
    async with receiving(answer=status(500)) as failing:
        ill = await harness.endpoint(failing.url)
        await harness.endpoint(receiver.url, event_types=("endpoint.failing", "endpoint.disabled"))
        await harness.emit(harness.event())
        async with harness.working():
            for tries, wait in [(1, 6), (2, 330), (3, 1980), (4, 7920), (5, 19800)]:
                await failing.wait_for(tries)
                await harness.settled()
                harness.clock.forward(seconds=wait)
            failing.answer = status(410)
            await receiver.wait_for(2)
            await harness.settled()
    told = [json.loads(got.body) for got in receiver.got]
    assert [each["type"] for each in told] == ["endpoint.failing", "endpoint.disabled"]
    assert {each["data"]["endpointId"] for each in told} == {ill.id}
    assert told[0]["data"]["failureCount"] >= 5
    assert told[1]["data"]["disableReason"] == "GONE"
    assert {json.loads(got.body)["type"] for got in failing.got} == {"job.created"}


async def test_one_event_that_is_refused_holds_the_others_up_no_longer_than_a_pause(
    harness, receiver
):
    """A poisonous event waits for its own schedule; those behind it go on after a second."""

    async def refuse_first(got, writer):
        writer.write(status(500) if got.id == poison.event_id else OK)

    receiver.answer = refuse_first
    await harness.endpoint(receiver.url)
    poison, *others = await harness.emit(*(harness.event() for _ in range(20)))
    async with harness.working():
        await harness.until(lambda found: found[0].attempt_count == 1)
        harness.clock.forward(seconds=1.5)
        await receiver.wait_for(20)
        found = await harness.until(
            lambda found: sum(each.state is DeliveryState.SUCCEEDED for each in found) == 19
        )
    assert receiver.ids[1:] == [event.event_id for event in others]
    assert found[0].state is DeliveryState.PENDING


async def test_hanging_receivers_delay_nobody_else(harness, receiver):
    """While forty endpoints hang, the one that is well gets its hundred events."""
    async with receiving(answer=hang) as hanging:
        for n in range(40):
            await harness.endpoint(hanging.url, organization_id=f"org_{n}")
        await harness.endpoint(receiver.url)
        await harness.emit(*(harness.event(organization_id=f"org_{n}") for n in range(40)))
        async with harness.working(seconds=30) as worker:
            await eventually(lambda: hanging_at_least(hanging, 40))
            await harness.emit(*(harness.event() for _ in range(100)))
            await receiver.wait_for(100)
            assert len(hanging.got) == 40
            await worker.stop(0.1)


async def hanging_at_least(receiver, count):
    return len(receiver.got) >= count


async def test_a_dead_endpoint_with_a_long_queue_is_tried_now_and_then(harness, receiver):
    """After failures in a row the endpoint is left alone: not one try for each event."""
    receiver.answer = status(500)
    await harness.endpoint(receiver.url)
    await harness.emit(*(harness.event() for _ in range(50)))
    async with harness.working():
        for tries in range(1, 6):
            await receiver.wait_for(tries)
            await harness.settled()
            assert len(receiver.got) == tries
            harness.clock.forward(seconds=2.0 ** (tries - 1))


async def test_a_receiver_that_is_well_again_gets_everything(harness, receiver):
    """What failed and what waited behind it arrives, each once more than it failed."""
    receiver.answer = status(500)
    await harness.endpoint(receiver.url)
    events = await harness.emit(*(harness.event() for _ in range(10)))
    async with harness.working():
        await receiver.wait_for(1)
        await harness.until(lambda found: found[0].attempt_count == 1)
        receiver.answer = OK
        harness.clock.forward(minutes=10)
        await harness.until(
            lambda found: all(each.state is DeliveryState.SUCCEEDED for each in found)
        )
    assert Counter(receiver.ids) == {
        event.event_id: 2 if event is events[0] else 1 for event in events
    }


async def test_cookies_are_neither_kept_nor_sent(harness, receiver):
    """One receiver's cookie would tell it about its tries, and about others on its host."""
    receiver.answer = status(200, "Set-Cookie: seen=1; Path=/")
    await harness.endpoint(receiver.url)
    await harness.emit(harness.event(), harness.event())
    async with harness.working():
        await receiver.wait_for(2)
    assert all("cookie" not in got.headers for got in receiver.got)


async def test_proxies_of_the_environment_are_ignored(harness, receiver, monkeypatch):
    """A proxy would make the connection in our place, past every check."""
    async with receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://localhost:{proxy.port}")
        await harness.endpoint(receiver.url)
        await harness.emit(harness.event())
        async with harness.working():
            await receiver.wait_for(1)
        assert proxy.connections == 0


def test_the_tls_context_checks_names_and_certificates():
    """The default context is the strict one."""
    context = ssl.create_default_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
