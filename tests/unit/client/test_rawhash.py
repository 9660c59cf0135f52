"""The client computes the raw hash that the server does."""

from __future__ import annotations

import json

import orjson
import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from tests.harness.provider_records import EVERY

from xaigh_client.rawhash import canonical, raw_hash
from xaigh_server.ats import fingerprint
from xaigh_server.ats.providers.record import Provider
from xaigh_server.ats.records import plain, record_of, text_of

PEOPLE = {
    "recruiter": {"name": "Ada", "email": "ada@example.com"},
    "metadata": [{"name": "Hiring Manager", "value": "Grace"}, {"name": "Shift", "value": 2.0}],
    "note": "Ask grace.hopper@example.com, or @nobody, about it.",
    "score": 1e-7,
}
NAMES = st.sampled_from(["id", "name", "value", "email", "postedOn", "questions", "salary", "b"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.sampled_from(["a@b.example", "x y@z.example!", "Recruiter name"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(NAMES, VALUES, max_size=6)


def servers(provider: Provider, record: object) -> str:
    """The hash that the server stores of a record that came over the wire."""
    struct = Struct()
    struct.update(json.loads(json.dumps(record)))
    received = plain(record_of(struct))
    return fingerprint.raw_hash(provider, received, text_of(received))


@pytest.mark.parametrize(("provider", "sample"), EVERY)
def test_both_agree_on_records_of_every_provider(
    provider: Provider, sample: dict[str, object]
) -> None:
    """As they come, and with people, e-mail addresses and odd numbers in them."""
    for record in (sample, {**sample, **PEOPLE}):
        assert raw_hash(provider.value, record) == servers(provider, record)


@given(RECORDS)
def test_both_agree_on_any_record(record: dict[str, object]) -> None:
    """Whatever JSON can say."""
    for provider in (Provider.GREENHOUSE, Provider.WORKDAY):
        assert raw_hash(provider.value, record) == servers(provider, record)


def test_what_lies_too_deep_is_null_in_both() -> None:
    """So that no record is too deep for a hash. Over REST one can be as deep as that."""
    record: dict[str, object] = {"leaf": 1.5}
    for _ in range(60):
        record = {"a": record, "b": [record]} if len(json.dumps(record)) < 3000 else {"a": record}
    assert raw_hash("LEVER", record) == fingerprint.raw_hash(Provider.LEVER, record)
    assert "null" in canonical("LEVER", record)


@pytest.mark.parametrize("number", [0.00001, -0.000012, 1e-6, 1e16, 1.5e300, 9.1e15, 0.1, -0.0])
def test_numbers_are_written_as_the_page_says(number: float) -> None:
    """In the shortest form, with an exponent where JSON writers of the server put one."""
    written = json.loads(canonical("CUSTOM", {"n": number}))["n"]
    assert written == number
    if not number.is_integer():
        assert canonical("CUSTOM", {"n": number}) == orjson.dumps({"n": number}).decode()


def test_an_unknown_provider_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="GREENHOUSE"):
        raw_hash("TALEO", {})
