"""Workday: rows, details, REST postings and reports."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import WORKDAY_DETAIL, WORKDAY_REST, WORKDAY_ROW, changed

from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    WorkdayIdentity,
    Workplace,
)

W = Provider.WORKDAY
BY_POSTING = NormalizeOptions(workday_identity=WorkdayIdentity.POSTING)


def row(**members: object) -> NormalizedJob:
    return normalizing.job(W, changed(WORKDAY_ROW, **members))


def detail(**members: object) -> NormalizedJob:
    inner = {f"jobPostingInfo__{name}": value for name, value in members.items()}
    return normalizing.job(W, changed(WORKDAY_DETAIL, **inner))


def detail_warnings(**members: object) -> list[str]:
    inner = {f"jobPostingInfo__{name}": value for name, value in members.items()}
    return normalizing.warnings(W, changed(WORKDAY_DETAIL, **inner))


ROWS = [
    # path, bullets, id
    ("/job/Leeds/Dock-Lead_JR-00417", ["JR-00417"], "JR-00417"),
    ("/job/Leeds/Dock-Lead_JR-00417-1", ["JR-00417", "Leeds"], "JR-00417"),
    ("/job/Leeds/Dock-Lead_R264661", ["Leeds", "R264661"], "R264661"),
    ("/job/Leeds/Renamed-Title_R264661-2", ["R264661"], "R264661"),
    ("/job/Leeds/Dock-Lead_R_12345", ["R_12345"], "R_12345"),
]


@pytest.mark.parametrize(("path", "bullets", "identity"), ROWS)
def test_a_row_is_identified_by_the_bullet_its_path_ends_in(path, bullets, identity):
    """A new title or a re-posting changes the path, not the id."""
    read = row(externalPath=path, bulletFields=bullets)
    assert (read.external_job_id, read.requisition_id) == (identity, identity)


def test_a_row_without_its_bullet_is_identified_by_its_path():
    """The counter of a re-posting is taken off, and the doubt is said."""
    payload = changed(WORKDAY_ROW, bulletFields=["Leeds"])
    assert normalizing.job(W, payload).external_job_id == "JR-00417"
    assert normalizing.warnings(W, payload) == ["ID_FROM_URL"]


def test_a_row_without_any_id_is_refused():
    """What cannot be identified is not seen either."""
    answer = normalizing.refused(
        W, changed(WORKDAY_ROW, externalPath="/job/x", bulletFields=["Leeds"])
    )
    assert answer.external_job_id is None
    assert normalizing.reasons(answer) == [("bulletFields", "INVALID_ID")]


def test_a_row_names_no_posting():
    """Where postings identify roles, a list is not enough."""
    assert normalizing.reasons(normalizing.refused(W, WORKDAY_ROW, BY_POSTING)) == [
        ("bulletFields", "INVALID_ID")
    ]


ROW_PLACES = [
    ("US, OH, Columbus", ["Columbus/OH/US"], None, []),
    ("Leeds, UK (ZUK7), More...", ["Leeds//GB"], None, ["LOCATION_INCOMPLETE"]),
    ("7 Locations", [], None, ["LOCATION_INCOMPLETE"]),
    ("United Kingdom Offsite (ZUK99)", ["//GB*"], Workplace.REMOTE, []),
    ("", [], None, []),
]


@pytest.mark.parametrize(("text", "places", "workplace", "codes"), ROW_PLACES)
def test_the_place_of_a_row_may_be_a_count(text, places, workplace, codes):
    """A count is no place, and "More..." is not part of one."""
    members = {"locationsText": text, "remoteType": ...}
    read = row(**members)
    assert normalizing.places(read) == places
    assert read.workplace_type is workplace
    assert normalizing.warnings(W, changed(WORKDAY_ROW, **members)) == codes


def test_a_row_carries_little_and_says_so():
    """The day of posting is relative and localized: it is no time."""
    read = row()
    assert read.published_at is None
    assert {"description", "pay", "apply_url"} <= set(read.omitted)
    assert (read.workplace_type, read.status) == (Workplace.ONSITE, OfferStatus.OPEN)


def test_a_detail_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(W, WORKDAY_DETAIL)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.requisition_id) == ("JR-00417", "JR-00417")
    assert normalizing.places(read) == ["Columbus/OH/US", "Erie/PA/US"]
    assert read.employment_type is Employment.FULL_TIME
    assert read.requirements == ("A forklift licence", "Two years on a dock")
    assert (read.published_at, read.updated_at) == (date(2026, 5, 1), None)
    assert read.apply_url == f"{read.canonical_url}/apply"
    assert read.boards == ("northdepot", "northdepot.wd5.myworkdayjobs.com", "northdepot/Docks")


def test_a_detail_may_come_without_its_wrapper():
    """What is inside jobPostingInfo is enough."""
    inside = WORKDAY_DETAIL["jobPostingInfo"]
    assert normalizing.job(W, inside) == normalizing.job(W, WORKDAY_DETAIL)


def test_a_posting_may_be_the_identity():
    """A requisition with several postings needs the posting's id."""
    read = normalizing.job(W, WORKDAY_DETAIL, BY_POSTING)
    assert read.external_job_id == "0aa1bb22cc33dd44ee55ff6600770000"
    assert read.requisition_id == "JR-00417"


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"posted": False}, OfferStatus.CLOSED),
        ({"canApply": False}, OfferStatus.CLOSED),
        ({"posted": ..., "canApply": ...}, OfferStatus.OPEN),
        ({"posted": None, "canApply": None}, OfferStatus.OPEN),
    ],
)
def test_an_absent_member_does_not_close_a_role(members, status):
    """Only a plain no does."""
    assert detail(**members).status is status


WORKPLACES = [
    # remoteType, location, additional, title, type, warnings
    ("Onsite", "Leeds", [], "Dock Lead", Workplace.ONSITE, []),
    ("Flex", "Leeds", [], "Dock Lead", Workplace.HYBRID, []),
    ("Remote", "Leeds", [], "Dock Lead", Workplace.REMOTE, []),
    ("Optional", "Leeds", [], "Dock Lead", None, []),
    ("Zzz", "Leeds", [], "Dock Lead", None, ["WORKPLACE_TYPE_UNKNOWN"]),
    (..., "US, IL, Home Office", [], "Dock Lead", Workplace.REMOTE, []),
    (..., "Leeds", ["US, TX, Remote"], "Dock Lead", None, ["WORKPLACE_TYPE_MIXED"]),
    (..., "Leeds", [], "Dock Lead - Remote", Workplace.REMOTE, []),
    (..., "Leeds", [], "Dock Lead (Hybrid)", Workplace.HYBRID, []),
    (..., "Leeds", [], "Remote Sensing Lead", None, []),
    (..., "Leeds", [], "Lead, Remote Access Systems", None, []),
    (..., "Leeds", [], "Dock Lead", None, []),
]


@pytest.mark.parametrize(("remote", "location", "additional", "title", "kind", "codes"), WORKPLACES)
def test_workplaces(remote, location, additional, title, kind, codes):
    """The remote type, else a location's word, else one set apart in the title."""
    members: dict[str, object] = {
        "location": location,
        "additionalLocations": additional,
        "title": title,
    }
    if remote is not ...:
        members["remoteType"] = remote
    assert detail(**members).workplace_type is kind
    assert detail_warnings(**members) == codes


@pytest.mark.parametrize(
    ("time_type", "job_type", "kind"),
    [
        ("Full time", None, Employment.FULL_TIME),
        ("Part time", "Regular", Employment.PART_TIME),
        ("Full time", "Intern", Employment.INTERN),
        ("Part time", "Seasonal (Fixed Term)", Employment.TEMPORARY),
        ("Full time", "Fixed Term", Employment.CONTRACT),
        (None, None, None),
    ],
)
def test_a_fixed_term_wins_over_full_time(time_type, job_type, kind):
    """Time type and job type describe one contract together."""
    descriptor = {"descriptor": job_type} if job_type else None
    hours = {"descriptor": time_type} if time_type else None
    read = normalizing.job(W, changed(WORKDAY_REST, timeType=hours, jobType=descriptor))
    assert read.employment_type is kind


PROSE = (
    "<p>Primary Location Base Pay Range: $151,500 USD - $227,300 USD</p>"
    "<p>Additional US Location(s) Base Pay Range: $137,100 USD - $243,600 USD</p>"
)


def test_pay_of_the_primary_location_is_taken_from_prose():
    """The other range is for other places."""
    (found,) = normalizing.pay(detail(jobDescription=PROSE))
    assert found == (15150000, 22730000, "USD", None, "YEAR", None, "PROSE")


def test_a_rest_posting_has_descriptors():
    """Values are objects; the country comes as alpha-3, the region beside the city."""
    read = normalizing.job(W, WORKDAY_REST)
    assert read.external_job_id == "0aa1bb22cc33dd44ee55ff6600770000"
    assert normalizing.places(read) == ["Columbus/OH/US", "Erie/PA/US"]
    assert read.employment_type is Employment.PART_TIME
    assert (read.published_at, read.requisition_id) == (date(2026, 5, 1), None)
    bare = changed(WORKDAY_REST, primaryLocation=None, additionalLocations=None, timeType=None)
    assert normalizing.job(W, bare).locations == ()


REPORT = {
    "Req": "R-9",
    "Posting Title": "Dock Lead",
    "Text": "&lt;p&gt;Load &amp;amp; go&lt;/p&gt;",
    "Where": "Leeds; York",
    "Country": "United Kingdom",
    "Kind": "Full time",
    "Low": "31,000",
    "High": "37500",
    "Money": "GBP",
    "Every": "Annual",
    "State": "Posted",
    "Changed": "2026-08-20T08:15:22.114-07:00",
}
MAP = {
    "externalJobId": "Req",
    "title": "Posting Title",
    "description": "Text",
    "locations": "Where",
    "locations.country": "Country",
    "employmentType": "Kind",
    "pay.min": "Low",
    "pay.max": "High",
    "pay.currency": "Money",
    "pay.interval": "Every",
    "status": "State",
    "updatedAt": "Changed",
    "$escaped": "1",
    "$separator": ";",
}


def test_a_report_is_read_by_its_field_map_only():
    """Its columns are the customer's own: without a map it is refused, not guessed at."""
    field_map, faults = parse_field_map(MAP)
    assert faults == []
    read = normalizing.job(W, REPORT, NormalizeOptions(field_map=field_map))
    assert read.description_html == "<p>Load &amp; go</p>"
    assert normalizing.places(read) == ["Leeds//GB", "York//"]
    assert normalizing.pay(read) == [(3100000, 3750000, "GBP", "YEAR", None, None, "FIELD")]
    assert read.updated_at == datetime(2026, 8, 20, 15, 15, 22, 114000, tzinfo=UTC)
    assert read.status is OfferStatus.OPEN
    assert normalizing.reasons(normalizing.refused(W, REPORT)) == [("", "FIELD_MAP_REQUIRED")]
