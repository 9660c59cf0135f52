"""`xaigh webhooks`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import CommandRunner, timestamp

from xaigh.webhooks.v1.delivery_pb2 import Delivery
from xaigh.webhooks.v1.endpoint_pb2 import Endpoint
from xaigh.webhooks.v1.webhooks_service_pb2 import (
    ListDeliveriesResponse,
    ListEndpointsResponse,
    RecoverEndpointResponse,
)
from xaigh_client import callback_secret


def test_an_endpoint_without_types_hears_all(cli: CommandRunner) -> None:
    """An empty list of types means every one."""
    cli.script(
        "ListEndpoints",
        ListEndpointsResponse(endpoints=[Endpoint(endpoint_id="we_1", state=Endpoint.ENABLED)]),
    )
    (row,) = cli.run("webhooks", "list").rows
    assert (row[0], row[1], row[3], row[4]) == ("we_1", "enabled", "all", "never")


def test_a_new_secret_is_the_only_line_of_stdout(cli: CommandRunner) -> None:
    """A script can take stdout as the secret."""
    cli.script("CreateEndpoint", Endpoint(endpoint_id="we_1", secret="whsec_1"))
    done = cli.run("webhooks", "create", "https://a.example", "--event", "job.closed")
    assert (done.code, done.out) == (0, "whsec_1\n")
    assert list(cli.sent("CreateEndpoint")[0].event_types) == ["job.closed"]


def test_a_repeated_create_shows_no_secret(cli: CommandRunner) -> None:
    """The first call showed it."""
    cli.script("CreateEndpoint", Endpoint(endpoint_id="we_1"))
    done = cli.run("webhooks", "create", "https://a.example")
    assert (done.out, "Rotate it" in done.err) == ("", True)


def test_rotate_secret_sends_the_overlap_in_seconds(cli: CommandRunner) -> None:
    """Left out, the server's own default holds."""
    cli.script("RotateSecret", Endpoint(secret="whsec_2"))
    cli.run("webhooks", "rotate-secret", "we_1", "--overlap", "2h")
    assert cli.sent("RotateSecret")[0].overlap_seconds == 7200


def test_delete_asks_by_the_url(cli: CommandRunner) -> None:
    """The revision that was read is sent."""
    cli.script("GetEndpoint", Endpoint(url="https://a.example", etag="e1"))
    assert cli.run("webhooks", "delete", "we_1").code == 2
    assert cli.sent("DeleteEndpoint") == []


def test_deliveries_show_the_last_answer(cli: CommandRunner) -> None:
    """With its HTTP status."""
    attempts = [
        Delivery.Attempt(outcome=Delivery.Attempt.TIMED_OUT),
        Delivery.Attempt(outcome=Delivery.Attempt.REFUSED, status_code=503),
    ]
    delivery = Delivery(delivery_id="wd_1", state=Delivery.FAILED, attempts=attempts)
    cli.script("ListDeliveries", ListDeliveriesResponse(deliveries=[delivery]))
    (row,) = cli.run("webhooks", "deliveries", "--since", "2h", "--state", "failed").rows
    assert (row[1], row[4]) == ("failed", "refused 503")
    (sent,) = cli.sent("ListDeliveries")
    assert sent.created_after_time == timestamp("2026-06-18T10:00:00Z")


def test_redeliver_needs_names_or_a_filter(cli: CommandRunner) -> None:
    """Nothing is sent again by accident."""
    assert cli.run("webhooks", "redeliver", "--yes").code == 2


def test_redeliver_sends_the_oldest_first(cli: CommandRunner) -> None:
    """Deliveries are listed newest first."""
    found = [Delivery(delivery_id="wd_2"), Delivery(delivery_id="wd_1")]
    cli.script("ListDeliveries", ListDeliveriesResponse(deliveries=found))
    cli.script("Redeliver", Delivery())
    done = cli.run("webhooks", "redeliver", "--state", "failed", "--yes")
    assert [sent.delivery_id for sent in cli.sent("Redeliver")] == ["wd_1", "wd_2"]
    assert done.out == "On the way: 2 deliveries.\n"


def test_a_recovery_counts_asks_and_goes_through_all_steps(cli: CommandRunner) -> None:
    """Both times the same span; nothing is asked where nothing is missed."""
    steps = [(3, "t1"), (2, ""), (3, "t1"), (2, "")]
    replies = [
        RecoverEndpointResponse(queued_count=queued, next_page_token=token)
        for queued, token in steps
    ]
    cli.script("RecoverEndpoint", *replies)
    done = cli.run("webhooks", "recover", "we_1", "--since", "2h", "--yes")
    assert done.out == "On the way: 5 events.\n"
    sent = cli.sent("RecoverEndpoint")
    assert [(each.validate_only, each.page_token) for each in sent] == [
        (True, ""),
        (True, "t1"),
        (False, ""),
        (False, "t1"),
    ]
    assert {each.since.ToJsonString() for each in sent} == {"2026-06-18T10:00:00Z"}


def test_what_is_relayed_goes_to_an_address(cli: CommandRunner) -> None:
    """And the options of a relay go with one."""
    for options in (["--forward", "localhost:3000"], ["--event", "job.closed"], ["--cursor", "c"]):
        assert cli.run("webhooks", "listen", *options).code == 2


def test_named_deliveries_need_no_question(cli: CommandRunner) -> None:
    """Who names them knows how many there are."""
    cli.script("Redeliver", Delivery())
    cli.run("webhooks", "redeliver", "wd_1", "wd_2")
    assert [sent.delivery_id for sent in cli.sent("Redeliver")] == ["wd_1", "wd_2"]


def test_a_callback_secret_follows_from_the_status_token(cli: CommandRunner) -> None:
    """From stdin, where the environment has none."""
    done = cli.run("webhooks", "callback-secret", "sandbox", stdin="xst_1\n")
    assert done.out == f"{callback_secret('xst_1', 'sandbox')}\n"


def test_an_unknown_purpose_is_refused(cli: CommandRunner) -> None:
    """Before the token is asked for."""
    assert cli.run("webhooks", "callback-secret", "staging", stdin="xst_1").code == 2
