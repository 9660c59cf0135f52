"""A batch's records as texts: the same for both transports, and apart from their message."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.business_services import METHODS

from httprule.struct_lists import extract_struct_lists
from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.records import WireRecord, plain
from xaigh_server.ats.service import detach_records
from xaigh_server.rpc.call import Call

HERE = NormalizerPool()
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


def call(**detached: Any) -> Call:
    return Call(
        method=METHODS["SyncJobs"],
        transport="rest" if detached else "grpc",
        metadata=(),
        peer="192.0.2.1",
        received=datetime(2026, 5, 1, tzinfo=UTC),
        detached=detached,
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
    digest = asyncio.run(detach_records(HERE, message, by_grpc))
    assert digest == asyncio.run(detach_records(HERE, pb.SyncJobsRequest(), by_rest))
    assert by_grpc.detached == by_rest.detached
    assert not message.jobs
    assert [plain(text) for text in by_grpc.detached["jobs"]] == [
        orjson.loads(text) for text in by_rest.detached["jobs"]
    ]


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
async def test_what_json_cannot_say_keeps_its_wire_form(number: float) -> None:
    """Its digest is of that form, and another number's is another."""
    digests = set()
    for least in (number, 1.5e308):
        message, by = pb.SyncJobsRequest(), call()
        message.jobs.add().update({"id": 1, "pay": [{"min": number}, {"min": least}]})
        digests.add(await detach_records(HERE, message, by))
        (record,) = by.detached["jobs"]
        assert isinstance(record, WireRecord) and record.is_struct
        assert plain(record)["id"] == 1
        assert not message.jobs
    assert len(digests) == 2


async def test_other_records_have_another_fingerprint() -> None:
    """Also where only the boundary between two records lies elsewhere."""
    pairs = [[{"a": 1}, {"b": 2}], [{"a": 1, "b": 2}], [{"b": 2}, {"a": 1}], []]
    assert len({await detach_records(HERE, request(records), call()) for records in pairs}) == len(
        pairs
    )
