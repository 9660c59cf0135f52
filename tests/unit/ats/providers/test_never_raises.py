"""Whatever JSON comes, a normalizer answers: with a job, or with reasons."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness import provider_records
from tests.harness.examples import examples

from xaigh_server.ats.content import content_hash
from xaigh_server.ats.fingerprint import raw_hash, without_personal
from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import Normalized, Provider, Rejected, WorkdayIdentity
from xaigh_server.ats.providers.registry import normalize, records_of

ALL_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
CHOSEN_TEXT = st.sampled_from(
    [
        *("", " ", "\x00", "\ud800", "\u202eevil", "<b>", "&lt;p&gt;", "$", "NaN", "-1", "1e9"),
        *("$10 - $20 per hour", "(((", "[[", "US", "Remote", "2026-02-30", "2026-01-01T25:00:00Z"),
        *("javascript:alert(1)", "https://", "https://[::1]/", "//x", "12:99 PM", "0001-01-01"),
        *("9999-12-31T23:59:59-23:59", "https://x\u0000.com/", "Georgia", "a@b.cc", "k" * 300),
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**30, max_value=10**40),
    st.floats(),
    ALL_TEXT,
    CHOSEN_TEXT,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(sorted(provider_records.MEMBERS)), inner, max_size=6),
        st.dictionaries(ALL_TEXT, inner, max_size=3),
    ),
    max_leaves=25,
)
RECORDS = st.one_of(
    VALUES, st.dictionaries(st.sampled_from(sorted(provider_records.MEMBERS)), VALUES, max_size=15)
)
FIELD_MAP, _ = parse_field_map(
    {
        "externalJobId": "id",
        "title": "title, name",
        "description": "description, content",
        "locations": "locations, location",
        "locations.city": "city",
        "pay.min": "min",
        "pay.max": "max",
        "pay.text": "salary",
        "employmentType": "employmentType",
        "requirements": "requirements",
        "status": "status",
        "$separator": ";",
        "$escaped": "2",
    }
)
OPTIONS = [
    NormalizeOptions(),
    NormalizeOptions(field_map=FIELD_MAP, workday_identity=WorkdayIdentity.POSTING),
]


def check(provider: Provider, payload: object, options: NormalizeOptions) -> None:
    """The answer is one of the two, and what it holds can be written as UTF-8 JSON."""
    result = normalize(provider, payload, options)
    if isinstance(result, Rejected):
        assert result.rejections
    else:
        assert isinstance(result, Normalized)
        assert result.job.title.strip()
        assert result.job.external_job_id
        assert len(content_hash(result.job)) == 64
    orjson.dumps(result, default=tuple)
    assert len(raw_hash(provider, payload)) == 64
    without_personal(payload)
    records_of(provider, payload)


@pytest.mark.parametrize("provider", list(Provider))
@settings(max_examples=examples(60), deadline=None)
@given(payload=RECORDS)
def test_any_json_is_answered(provider, payload):
    """Arbitrary JSON, made of known member names or not, never raises."""
    for options in OPTIONS:
        check(provider, payload, options)


@pytest.mark.parametrize(("provider", "sample"), provider_records.EVERY)
@settings(max_examples=examples(30), deadline=None)
@given(data=st.data())
def test_a_record_with_one_broken_member_is_answered(provider, sample, data):
    """A good record, one member of which is anything at all, never raises."""
    payload = json.loads(json.dumps(sample))
    holder = payload
    for _ in range(3):
        key = data.draw(st.sampled_from(sorted(holder, key=str)))
        inner = holder[key]
        if isinstance(inner, list) and inner and isinstance(inner[0], dict) and inner[0]:
            inner = inner[0]
        if not isinstance(inner, dict) or not inner or data.draw(st.booleans()):
            holder[key] = data.draw(VALUES)
            break
        holder = inner
    check(provider, payload, NormalizeOptions())
