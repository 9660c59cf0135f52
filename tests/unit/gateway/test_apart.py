"""Lists of objects left out of their message: as a Struct would hold them, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from httprule.codec import Codec, CodecOptions
from httprule.errors import InvalidArgument
from httprule.struct_lists import Apart, apart_fields, take_apart
from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh_server.ats.intake.structs import struct_to_dict

REQUEST: Descriptor = pb.SyncJobsRequest.DESCRIPTOR
JOBS = "xaigh.ats.v1.SyncJobsRequest.jobs"
CODEC = Codec([REQUEST], options=CodecOptions(apart=frozenset({JOBS}))).of(REQUEST)

_numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
_objects = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), _values, max_size=5)


def read(body: bytes) -> tuple[Any, Apart]:
    apart: Apart = {}
    message, _ = CODEC.decode_tree(body, apart)
    return message, apart


def typed(value: object) -> str:
    """A text that tells 1 from 1.0 and from True."""
    return repr(value)


@given(st.lists(_objects, max_size=4))
def test_objects_are_what_their_structs_would_stand_for(objects: list[dict[str, Any]]) -> None:
    """What is kept apart equals what is read out of the Structs, by value and by type."""
    body = json.dumps({"provider": "LEVER", "jobs": objects}).encode()
    message, apart = read(body)
    ordinary = CODEC.decode(body)
    structs: list[Struct] = list(ordinary.jobs)  # type: ignore[attr-defined]  # made at run time
    assert not message.jobs
    assert message.provider == ordinary.provider  # type: ignore[attr-defined]  # as above
    kept = [typed(sorted_deep(each)) for each in apart["jobs"]]
    assert kept == [typed(sorted_deep(struct_to_dict(each))) for each in structs]


def sorted_deep(value: Any) -> Any:
    """The value with its members in order: a Struct doesn't keep theirs."""
    if isinstance(value, dict):
        return {name: sorted_deep(value[name]) for name in sorted(value)}
    return [sorted_deep(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "jobs",
    [
        '[{"a": 1e400}]',
        '[{"a": [1, {"b": ' + "1" * 400 + "}]}]",
        '[{"a": ' + "[" * 20 + "]" * 20 + "}]",
        "null",
    ],
)
def test_what_is_out_of_the_ordinary_stays_in_the_message(jobs: str) -> None:
    """Infinite numbers and deep nesting go the ordinary way; null is no list."""
    body = f'{{"jobs": {jobs}}}'.encode()
    message, apart = read(body)
    assert apart == {}
    assert message == CODEC.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"jobs": [1]}',
        b'{"jobs": [{}, null]}',
        b'{"jobs": {}}',
        b'{"jobs": [{"a": 1}], "no": 1}',
        b'{"jobs": [{"a": 1}], "batchIndex": "x", "syncRunId": 7}',
        b'{"jobs": [{"a": 1}], "jobs": []}',
        b'{"jobs": [{"a": 1, "a": 2}]}',
        b'{"jobs": [{"a": NaN}]}',
        b'{"jobs": [{"a": "\\ud800"}]}',
        b'{"jobs": [{"a": %s1%s}]}' % (b'{"a":' * 40, b"}" * 40),
        b'{"jobs": [{}], "batch_index": 1, "batchIndex": 1}',
        b"[]",
    ],
)
def test_faults_are_told_as_ever(body: bytes) -> None:
    """A refusal names what it would name if nothing were kept apart."""
    with pytest.raises(InvalidArgument) as ordinary:
        CODEC.decode(body)
    with pytest.raises(InvalidArgument) as found:
        read(body)
    assert found.value.violations == ordinary.value.violations


def test_only_whom_it_concerns() -> None:
    """Without a place for it, everything goes into the message; other types aren't looked at."""
    body = b'{"jobs": [{"a": 1}]}'
    assert len(CODEC.decode_tree(body)[0].jobs) == 1  # type: ignore[attr-defined]  # at run time
    assert apart_fields(pb.GetSyncStatusRequest.DESCRIPTOR, [JOBS]) == ()
    assert take_apart([], ["jobs"]) == {}


@pytest.mark.parametrize("name", ["provider", "normalized_jobs", "nothing"])
def test_only_lists_of_structs_can_be_kept_apart(name: str) -> None:
    """Anything else is a mistake of whoever declares it."""
    with pytest.raises(ValueError, match=name):
        apart_fields(REQUEST, [f"xaigh.ats.v1.SyncJobsRequest.{name}"])
