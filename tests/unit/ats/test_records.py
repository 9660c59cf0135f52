"""Records out of the messages that carry them."""

import json
import math
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from xaigh.ats.v1 import normalized_job_pb2
from xaigh_server.ats.records import message_to_dict, struct_to_dict

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(record=st.dictionaries(st.text(), VALUES, max_size=6))
def test_a_record_comes_out_as_it_went_in(record: dict[str, Any]) -> None:
    """Whole numbers as integers, whatever they were written as."""
    struct = Struct()
    struct.update(record)
    assert struct_to_dict(struct) == record


@pytest.mark.parametrize(
    ("number", "read"),
    [(42.0, 42), (-0.0, 0), (0.5, 0.5), (2.0**53 - 1, 2**53 - 1), (1e300, 1e300)],
)
def test_numbers(number: float, read: object) -> None:
    """A whole double within 2^53 is an integer; a larger one is no exact number."""
    struct = Struct()
    struct["n"] = number
    found = struct_to_dict(struct)["n"]
    assert (found, type(found)) == (read, type(read))
    struct["n"] = 2.0**53
    assert type(struct_to_dict(struct)["n"]) is float


def test_what_json_has_not() -> None:
    """A value of no kind reads as null; NaN, which only gRPC can carry, stays what it is."""
    struct = Struct()
    struct.fields["none"].SetInParent()
    struct["nan"] = math.nan
    found = struct_to_dict(struct)
    assert found["none"] is None
    assert math.isnan(found["nan"])


def test_a_message_reads_like_its_json() -> None:
    """Members by their JSON names, enums by their words, what isn't set left out."""
    job = normalized_job_pb2.NormalizedJob(
        external_job_id="1",
        status=normalized_job_pb2.NormalizedJob.CLOSED,
        pay=[{"min_minor": 5, "interval": 1}],  # type: ignore[list-item]  # the stubs know no dicts
        requirements=["a"],
        listed=False,
    )
    found = message_to_dict(job)
    assert found == {
        "externalJobId": "1",
        "status": "CLOSED",
        "pay": [{"minMinor": 5, "interval": "HOUR"}],
        "requirements": ["a"],
        "listed": False,
    }
    assert json.dumps(found)
