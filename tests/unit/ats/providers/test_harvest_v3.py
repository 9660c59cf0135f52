"""Greenhouse Harvest v3: a job with the resources that belong to it, or with some of them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import DESCRIPTION, HARVEST_V3, HARVEST_V3_JOB, changed

from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)

G = Provider.GREENHOUSE
BARE = HARVEST_V3_JOB
POST: dict[str, Any] = HARVEST_V3["posts"][0]  # type: ignore[index]
PAY = {"min_cents": 2150, "max_cents": 2600, "currency_type": "USD", "title": "Hourly pay"}


def record(**members: Any) -> dict[str, object]:
    """The sample with some resources replaced; `...` takes one out. `job__x` is one of the job."""
    return changed(HARVEST_V3, **members)


def job(**members: Any) -> NormalizedJob:
    return normalizing.job(G, record(**members))


def not_carried(payload: object) -> set[str]:
    """The members that warnings name as not carried."""
    found = normalizing.taken(G, payload).warnings
    return {warning.field for warning in found if warning.code == "NOT_CARRIED"}


def test_a_job_with_its_resources_is_read_in_full():
    """Nothing of another post, office or department of the lists is taken."""
    found = normalizing.taken(G, HARVEST_V3)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.title, read.requisition_id) == ("9001", "Dock Lead", "R-17")
    assert read.requirements == ("A forklift licence", "Two years on a dock")
    assert (read.department, read.team, read.language) == ("Docks", "Nights", "en")
    assert (read.employment_type, read.workplace_type) == (Employment.FULL_TIME, Workplace.ONSITE)
    assert normalizing.places(read) == [
        "Columbus/Ohio/US",
        "Erie/Pennsylvania/US",
    ]
    assert normalizing.pay(read) == [(2150, 2600, "USD", "HOUR", None, "Hourly pay", "FIELD")]
    assert read.apply_url == read.canonical_url == POST["public_url"]
    assert (read.status, read.listed, read.prospect) == (OfferStatus.OPEN, True, False)
    assert read.published_at == datetime(2026, 5, 1, 13, tzinfo=UTC)
    assert read.updated_at == datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC)
    assert (read.omitted, read.boards) == ((), ("northdepot",))


def test_a_job_alone_clears_nothing():
    """Its bare ids say that there are offices and a department, not which."""
    found = normalizing.taken(G, BARE)
    assert {"posts", "offices", "departments", "locations", "pay"} <= not_carried(BARE)
    assert set(found.job.omitted) >= {
        *("description", "requirements", "apply_url", "canonical_url", "locations", "pay"),
        *("department", "team"),
    }
    assert (found.job.title, found.job.status) == ("Dock Lead (internal)", OfferStatus.OPEN)
    assert found.job.employment_type is Employment.FULL_TIME


ABSENT = [
    # resource, members named by warnings, fields that stay as they are
    ("posts", {"posts"}, {"description", "requirements", "apply_url", "canonical_url", "language"}),
    ("locations", {"locations"}, set()),
    ("departments", {"departments"}, {"department", "team"}),
    ("offices", {"offices"}, set()),
    ("pay", {"pay"}, {"pay"}),
]


@pytest.mark.parametrize(("resource", "named", "kept"), ABSENT)
@pytest.mark.parametrize("absence", [..., None], ids=["absent", "null"])
def test_an_absent_resource_is_not_carried(resource, named, kept, absence):
    """One warning for it, and its fields are unknown instead of empty."""
    payload = record(**{resource: absence})
    assert not_carried(payload) == named
    assert set(normalizing.job(G, payload).omitted) == kept


EMPTY = [
    # members, field, its value
    ({"departments": [], "job__department_id": None}, "department", None),
    ({"locations": [], "offices": [], "job__office_ids": []}, "locations", ()),
    ({"pay": []}, "pay", ()),
]


@pytest.mark.parametrize(("members", "field", "value"), EMPTY)
def test_an_empty_resource_is_carried_and_says_nothing_is_there(members, field, value):
    """That clears the field, and needs no warning."""
    found = normalizing.taken(G, record(**members))
    assert getattr(found.job, field) == value
    assert field not in found.job.omitted and found.warnings == ()


UNRESOLVED = [
    # members, fields that stay as they are
    ({"departments": [{"id": 5, "name": "Finance"}]}, {"department", "team"}),
    ({"departments": [None]}, {"department", "team"}),
    ({"offices": [None], "locations": ...}, {"locations"}),
    ({"offices": [{"id": 3, "name": "Leeds", "location": "Leeds, UK"}], "locations": ...}, None),
    ({"posts": [{**POST, "content": ...}]}, {"description", "requirements", "pay"}),
]


@pytest.mark.parametrize(("members", "kept"), UNRESOLVED)
def test_an_id_whose_resource_is_missing_clears_nothing(members, kept):
    """A list that lacks the entry is no statement that there is none."""
    posts = members.get("posts")
    if posts:
        members = {"posts": [{k: v for k, v in posts[0].items() if v is not ...}], "pay": ...}
    found = normalizing.job(G, record(**members))
    assert set(found.omitted) >= (kept or {"locations"})
    assert found.department in (None, "Docks")
    assert not any(place.country == "GB" for place in found.locations)


STATES = [
    # job status, confidential, posts' (live, internal), status
    ("open", False, [(True, False)], OfferStatus.OPEN),
    ("open", False, [(True, True)], OfferStatus.UNLISTED),
    ("open", False, [(False, False)], OfferStatus.UNLISTED),
    ("open", False, [(False, False), (True, False)], OfferStatus.OPEN),
    ("open", False, [], OfferStatus.UNLISTED),
    ("open", True, [(True, False)], OfferStatus.UNLISTED),
    ("closed", False, [(True, False)], OfferStatus.CLOSED),
    ("draft", False, [], OfferStatus.DRAFT),
    ("on hold", False, [(True, False)], OfferStatus.UNKNOWN),
]


@pytest.mark.parametrize(("status", "confidential", "posts", "expected"), STATES)
def test_the_jobs_status_counts_and_its_posts_list_it(status, confidential, posts, expected):
    """An open job that candidates can't see is unlisted."""
    entries = [
        {**POST, "id": 7001001 + at, "live": live, "internal": internal}
        for at, (live, internal) in enumerate(posts)
    ]
    read = job(job__status=status, job__confidential=confidential, posts=entries)
    assert read.status is expected
    assert read.listed is (expected is not OfferStatus.UNLISTED)


@pytest.mark.parametrize("payload", [record(job__is_template=True), {**BARE, "is_template": True}])
def test_a_template_is_no_role(payload):
    """It is refused, and its id counts as seen."""
    refused = normalizing.refused(G, payload)
    assert [reason for _, reason in normalizing.reasons(refused)] == ["NOT_A_ROLE"]
    assert refused.external_job_id == "9001"


def test_null_entries_refuse_nothing():
    """In no resource, and in no form."""
    resources = ("posts", "locations", "offices", "departments", "pay", "pay_inputs")
    padded = {name: [None, *HARVEST_V3[name]] for name in resources}  # type: ignore[misc]
    assert normalizing.taken(G, record(**padded)) == normalizing.taken(G, HARVEST_V3)


LOCATIONS = [
    # an entry of `locations`, its place
    ({"type": "free_text", "plain_text_location": "Leeds, England, UK"}, "Leeds/England/GB"),
    ({"type": "office", "office_id": 3}, "Leeds/England/GB"),
    ({"type": "custom_list", "custom_location_id": 61}, "Toronto/Ontario/CA"),
    ({"city": "Lyon", "region_long_name": "Rhone", "country_short_name": "FR"}, "Lyon/Rhone/FR"),
    (
        {"city": "Pune", "country_long_name": "India", "latitude": 18.5, "longitude": 73.8},
        "Pune//IN",
    ),
    ("Leeds, England, UK", "Leeds/England/GB"),
    ({"type": "free_text", "plain_text_location": "Remote"}, "//*"),
]


@pytest.mark.parametrize(("entry", "place"), LOCATIONS)
def test_locations_come_in_several_kinds(entry, place):
    """A text, an office, an entry of the board's list, or geocoded members."""
    customs = [{"id": 61, "value": "Toronto, Ontario, Canada"}]
    read = job(locations=[entry], custom_locations=customs)
    assert normalizing.places(read) == [place]


def test_a_location_that_cannot_be_resolved_is_warned_about():
    """What is there stays, and nothing is cleared where it was the only one."""
    unknown = {"type": "office", "office_id": 99, "job_post_id": 7001001}
    alone = normalizing.taken(G, record(locations=[unknown]))
    assert "LOCATION_INCOMPLETE" in [warning.code for warning in alone.warnings]
    assert alone.job.locations == () and "locations" in alone.job.omitted
    beside = job(locations=[unknown, {"type": "office", "office_id": 2}])
    assert normalizing.places(beside) == ["Columbus/Ohio/US"]


WORKPLACES = [
    # places, a custom field's value, type
    (["Remote"], None, Workplace.REMOTE),
    (["Remote", "Erie, Pennsylvania, United States"], None, None),
    (["Erie, Pennsylvania, United States"], "Hybrid", Workplace.HYBRID),
    (["Remote"], "On-site", Workplace.ONSITE),
    (["Erie, Pennsylvania, United States"], None, None),
]


@pytest.mark.parametrize(("texts", "stated", "kind"), WORKPLACES)
def test_a_role_is_remote_where_every_place_is(texts, stated, kind):
    """A custom field goes before the places' words."""
    field = {"name": "Workplace", "value": stated}
    entries = [{"plain_text_location": text} for text in texts]
    assert job(locations=entries, job__custom_fields__workplace=field).workplace_type is kind


RANGE = {"min_value": "52000", "max_value": "61500.0", "unit": "USD"}
PAYS = [
    # key and value of a custom field, ranges, warnings
    ("salary_range", {"name": "Salary", "value": RANGE}, 1, ["PAY_INTERVAL_UNKNOWN"]),
    ("salary_range", RANGE, 1, ["PAY_INTERVAL_UNKNOWN"]),
    (
        "base_pay_budget",
        {"name": "Base pay budget", "type": "currency_range", "value": RANGE},
        1,
        ["PAY_INTERVAL_UNKNOWN", "PAY_FIELDS_ASSUMED"],
    ),
    ("bonus_budget", {"name": "Bonus", "value": RANGE}, 0, []),
    ("salary_range", {"name": "Salary", "value": None}, 0, []),
]


@pytest.mark.parametrize(("key", "field", "count", "codes"), PAYS)
def test_the_jobs_salary_range_stands_in_for_pay(key, field, count, codes):
    """A range of a custom field with a name of pay is assumed, and said so."""
    found = normalizing.taken(G, record(pay=[], job__custom_fields={key: field}))
    assert len(found.job.pay) == count
    assert [warning.code for warning in found.warnings] == codes


def test_several_live_posts_are_one_role():
    """Their places together; title, text and link of the one that was published first."""
    second = {**POST, "id": 7001002, "title": "Dock Lead (Leeds)"}
    second["first_published_at"] = "2026-04-01T00:00:00Z"
    where = [
        {"job_post_id": 7001001, "plain_text_location": "Erie, Pennsylvania, United States"},
        {"job_post_id": 7001002, "plain_text_location": "Leeds, England, UK"},
    ]
    found = normalizing.taken(G, record(posts=[POST, second], locations=where))
    assert found.job.title == "Dock Lead (Leeds)"
    assert normalizing.places(found.job) == ["Erie/Pennsylvania/US", "Leeds/England/GB"]
    assert [warning.code for warning in found.warnings] == ["SEVERAL_POSTS"]


def test_a_post_alone_is_half_a_role():
    """It keeps its own id, and a warning names each member that it hasn't."""
    found = normalizing.taken(G, POST)
    assert found.job.external_job_id == "7001001"
    assert not_carried(POST) == {"location", "departments", "metadata", "pay_input_ranges"}
    assert set(found.job.omitted) == {
        *("locations", "workplace_type", "department", "team", "employment_type", "pay"),
    }
    assert found.job.apply_url == POST["public_url"]
    assert found.job.description_html and found.job.requirements
    prospect = copy.deepcopy({**POST, "job_id": None})
    assert normalizing.job(G, prospect).prospect


def test_prose_is_the_last_source_of_pay():
    """With ranges not carried, the description may state them; the warning stays."""
    text = DESCRIPTION + "<p>Pay: $19.25 - $21.75 per hour</p>"
    payload = record(pay=..., posts=[{**POST, "content": text}])
    read = normalizing.job(G, payload)
    assert [pay.min_minor for pay in read.pay] == [1925]
    assert "pay" not in read.omitted and not_carried(payload) == {"pay"}


def test_what_version_1_has_inside_is_read_in_the_wrapper_too():
    """Offices and departments of a job, place and pay of a post."""
    old = {
        **{
            name: value
            for name, value in BARE.items()
            if name not in ("department_id", "office_ids")
        },
        "departments": [{"id": 11, "name": "Docks", "parent_id": None}],
        "offices": [{"id": 2, "name": "Columbus", "location": {"name": "Columbus, Ohio"}}],
    }
    post = {**POST, "location": {"name": "Erie, PA"}, "pay_input_ranges": [PAY]}
    found = normalizing.taken(G, {"job": old, "posts": [post]})
    assert (found.job.department, found.job.omitted, found.warnings) == ("Docks", (), ())
    assert normalizing.places(found.job) == ["Erie/PA/US"]
    assert normalizing.pay(found.job) == [(2150, 2600, "USD", "HOUR", None, "Hourly pay", "FIELD")]
