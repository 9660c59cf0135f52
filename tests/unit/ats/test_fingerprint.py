"""The two hashes of a record."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import date

import pytest
from tests.harness import normalizing, provider_records

from xaigh_server.ats.content import content_hash
from xaigh_server.ats.fingerprint import raw_hash, without_personal
from xaigh_server.ats.providers.record import (
    Interval,
    NormalizedJob,
    OfferStatus,
    Pay,
    PaySource,
    Place,
    Provider,
)

G = Provider.GREENHOUSE


def test_member_order_and_the_kind_of_a_number_do_not_matter():
    """42 and 42.0 are one number, and members have no order."""
    one = {"id": 42, "title": "T", "list": [1, 2.5, {"a": 1, "b": 2}]}
    other = {"list": [1.0, 2.5, {"b": 2, "a": 1.0}], "title": "T", "id": 42.0}
    assert raw_hash(G, one) == raw_hash(G, other)
    assert raw_hash(G, one) != raw_hash(G, {**one, "list": [2.5, 1, {"a": 1, "b": 2}]})


def test_the_raw_hash_is_that_of_the_sorted_compact_form():
    """Anybody can compute it again."""
    form = b'{"a":[1,"\xc3\xa9"],"id":42}'
    assert raw_hash(G, {"id": 42.0, "a": [1, "é"]}) == hashlib.sha256(form).hexdigest()


VOLATILE = [
    (Provider.WORKDAY, {"postedOn": "Posted Today"}),
    (Provider.WORKDAY, {"similarJobs": [{"title": "X"}]}),
    (Provider.ICIMS, {"meta_data": {"opensearch": {"hit_score": "NaN"}}}),
    (Provider.ICIMS, {"meta_data": {"last_mod": "2026-01-01"}}),
    (Provider.GREENHOUSE, {"questions": [{"label": "X"}]}),
]


@pytest.mark.parametrize(("provider", "members"), VOLATILE)
def test_volatile_members_do_not_count(provider, members):
    """What changes on every read is no change of the record."""
    holder: dict[str, object] = {
        key: {} if isinstance(value, dict) else None for key, value in members.items()
    }
    without = {"id": 1, **{k: v for k, v in holder.items() if v is not None}}
    assert raw_hash(provider, {"id": 1, **members}) == raw_hash(provider, without)


def test_a_providers_time_of_change_counts():
    """The order of two versions hangs on it."""
    one = provider_records.changed(provider_records.GREENHOUSE, updated_at="2026-05-05T00:00:00Z")
    assert raw_hash(G, one) != raw_hash(G, provider_records.GREENHOUSE)


PEOPLE = [
    {"hiringmanager": {"id": 1, "value": "A Person"}},
    {"recruiter": {"value": "A Person"}},
    {"Hiring_Manager": "A Person"},
    {"hiringManager": {"name": "A Person", "email": "a@example.com"}},
    {"hiring_team": {"recruiters": [{"name": "A Person"}]}},
    {"creator": {"name": "A Person"}},
    {"email": "a.person@example.com"},
    {"applicationContact": {"name": "A Person"}},
    {"deep": {"deeper": [{"recruiter": "A Person"}]}},
    {"metadata": [{"name": "Hiring Manager", "value": {"name": "A Person"}}]},
    {"customField": [{"fieldLabel": "Planful Hiring Manager", "valueLabel": "A Person"}]},
    {"note": "ask a.person@example.com"},
]


@pytest.mark.parametrize("members", PEOPLE, ids=lambda members: next(iter(members)))
def test_people_are_dropped_before_anything_is_hashed(members):
    """The hash is the same whoever the person is."""
    written = json.dumps(members)
    other = json.loads(
        written.replace("A Person", "Some One").replace("a.person@", "x@").replace("a@", "y@")
    )
    assert other != members
    for provider in Provider:
        assert raw_hash(provider, {"id": 1, **members}) == raw_hash(provider, {"id": 1, **other})


@pytest.mark.parametrize(("name", "provider", "sample"), provider_records.SHAPES)
def test_the_payload_is_left_as_it_was(name, provider, sample):
    """Hashing and normalizing change nothing."""
    before = copy.deepcopy(sample)
    raw_hash(provider, sample)
    normalizing.job(provider, sample)
    without_personal(sample)
    assert sample == before


ODD: list[object] = [
    None,
    [],
    "text",
    7,
    float("nan"),
    {"a": 10**30},
    {"a": "\ud800"},
    {"\ud800": 1},
    {"a": float("inf")},
    {1: "number as a name"},
    {"a": {"set"}},
]


@pytest.mark.parametrize("payload", ODD, ids=repr)
def test_anything_has_a_raw_hash(payload):
    """Also what JSON cannot say."""
    assert raw_hash(G, payload) == raw_hash(G, copy.deepcopy(payload))


def test_a_payload_of_any_depth_has_a_raw_hash():
    """Beyond forty levels nothing is looked at."""
    deep: object = "x"
    for _ in range(5_000):
        deep = [deep]
    assert len(raw_hash(G, {"id": 1, "deep": deep})) == 64


def test_the_content_hash_is_of_what_can_be_seen():
    """A time of change, the text drawn from the HTML and the board are not content."""
    job = normalizing.job(G, provider_records.GREENHOUSE)
    same = job._replace(updated_at=None, description_text="", boards=(), omitted=("team",))
    assert content_hash(same) == content_hash(job)
    for change in ({"title": "X"}, {"listed": False}, {"pay": ()}, {"requirements": ("X",)}):
        assert content_hash(job._replace(**change)) != content_hash(job)


def test_the_content_hash_never_changes():
    """SHA-256 over the sorted members that are there: a fixed vector on every version."""
    job = NormalizedJob(
        external_job_id="7",
        title="Dock Lead",
        status=OfferStatus.OPEN,
        published_at=date(2026, 5, 1),
        locations=(Place(raw="Leeds", country="GB", lat=0.0),),
        pay=(Pay(min_minor=0, currency="GBP", interval=Interval.HOUR, source=PaySource.FIELD),),
    )
    form = (
        b'{"external_job_id":"7","listed":true,'
        b'"locations":[{"country":"GB","lat":0.0,"raw":"Leeds"}],'
        b'"pay":[{"currency":"GBP","interval":"HOUR","min_minor":0,"source":"FIELD"}],'
        b'"published_at":"2026-05-01","status":"OPEN","title":"Dock Lead"}'
    )
    assert content_hash(job) == hashlib.sha256(form).hexdigest()
