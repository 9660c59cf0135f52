"""A batch's records as texts: the same for both transports, and apart from their message."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.business_services import METHODS

from httprule.lazy_lists import Unread
from httprule.struct_lists import extract_struct_lists
from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh_server.ats.intake.raw_records import SentRecords, Unfit, most_of
from xaigh_server.ats.intake.structs import plain
from xaigh_server.ats.service import unpack_sync
from xaigh_server.rpc.call import Call

_TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=10,
)


def call(**apart: Any) -> Call:
    return Call(
        method=METHODS["SyncJobs"],
        transport="rest" if apart else "grpc",
        metadata=(),
        peer="192.0.2.1",
        received=datetime(2026, 5, 1, tzinfo=UTC),
        apart=apart,
    )


def request(records: list[dict[str, Any]]) -> pb.SyncJobsRequest:
    """The message that gRPC brings."""
    return json_format.Parse(json.dumps({"jobs": records}), pb.SyncJobsRequest())


@given(st.lists(st.dictionaries(_TEXT, _VALUES, max_size=4), max_size=3))
def test_both_transports_unpack_alike(records: list[dict[str, Any]]) -> None:
    """Structs and the gateway's plain values give the same texts, and the same fingerprint."""
    by_grpc, message = call(), request(records)
    shuffled = [dict(reversed(list(record.items()))) for record in records]
    by_rest = call(**extract_struct_lists({"jobs": shuffled}, ["jobs"]))
    assert unpack_sync(message, by_grpc)() == unpack_sync(pb.SyncJobsRequest(), by_rest)()
    assert by_grpc.apart == by_rest.apart
    assert not message.jobs
    assert [plain(text) for text in by_grpc.apart["jobs"]] == [
        orjson.loads(text) for text in by_rest.apart["jobs"]
    ]


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_what_json_cannot_say_stays_in_the_message(number: float) -> None:
    """Then the message itself is what the fingerprint is of."""
    message, by = pb.SyncJobsRequest(), call()
    message.jobs.add().update({"id": 1, "pay": [{"min": number}]})
    assert unpack_sync(message, by)() == b""
    assert len(message.jobs) == 1
    assert not by.apart


def test_other_records_have_another_fingerprint() -> None:
    """Also where only the boundary between two records lies elsewhere."""
    pairs = [[{"a": 1}, {"b": 2}], [{"a": 1, "b": 2}], [{"b": 2}, {"a": 1}], []]
    assert len({unpack_sync(request(records), call())() for records in pairs}) == len(pairs)


def unread(jobs: str) -> Call:
    """A call whose records nobody has read."""
    made = call()
    made.unread = {"jobs": Unread(jobs.encode())}
    return made


@given(st.lists(st.dictionaries(_TEXT, _VALUES, max_size=4), max_size=3))
def test_unread_records_are_the_same_texts_once_they_are_read(
    records: list[dict[str, Any]],
) -> None:
    """Whatever the order of members and the spaces were, and so is what stands for them."""
    shuffled = [dict(reversed(list(record.items()))) for record in records]
    by_rest, by_grpc = unread(json.dumps(shuffled, indent=1)), call()
    later = unpack_sync(pb.SyncJobsRequest(), by_rest)
    assert later() == unpack_sync(request(records), by_grpc)()
    assert list(by_rest.apart["jobs"]) == by_grpc.apart["jobs"]


def test_unread_records_stay_so_until_somebody_asks() -> None:
    """And whoever has read them says what stands for them."""
    by = unread('[{"id": 1, "id": 2}]')
    digest = unpack_sync(pb.SyncJobsRequest(), by)
    sent = by.apart["jobs"]
    assert isinstance(sent, SentRecords) and most_of(sent) == 200
    with pytest.raises(Unfit):
        digest()
    sent.digest = b"read elsewhere"
    assert digest() == b"read elsewhere"


@pytest.mark.parametrize(
    "jobs", ["[1]", "[{}", "[{}]]", '[{"a": 1e400}]', "[" + "{}," * 200 + "{}]"]
)
def test_what_is_wrong_with_unread_records_is_not_said_here(jobs: str) -> None:
    """Their request says it once it is read whole; so it does where there are more than 200."""
    with pytest.raises(Unfit):
        len(SentRecords(Unread(jobs.encode())))


def test_records_of_two_kinds_are_read_with_their_request() -> None:
    """They are counted together."""
    both = pb.SyncJobsRequest(normalized_jobs=[{"external_job_id": "1"}])  # type: ignore[list-item]
    with pytest.raises(Unfit):
        unpack_sync(both, unread('[{"id": 1}]'))
