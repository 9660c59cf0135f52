"""Lever: public postings, and those of the Data API."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import LEVER, LEVER_DATA, changed

from xaigh_server.ats.fingerprint import raw_hash
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)


def job(**members: object) -> NormalizedJob:
    return normalizing.job(Provider.LEVER, changed(LEVER, **members))


def warnings(**members: object) -> list[str]:
    return normalizing.warnings(Provider.LEVER, changed(LEVER, **members))


def test_a_posting_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(Provider.LEVER, LEVER)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.title) == (LEVER["id"], "Dock Lead")
    assert (read.department, read.team) == ("Docks", "Nights")
    assert (read.employment_type, read.workplace_type) == (
        Employment.FULL_TIME,
        Workplace.ONSITE,
    )
    assert normalizing.places(read) == ["Leeds//GB", "Antwerp//"]
    assert normalizing.pay(read) == [(2240, 2600, "GBP", "HOUR", None, None, "FIELD")]
    assert read.requirements == ("Careful", "Early")
    assert (read.status, read.requisition_id, read.updated_at) == (OfferStatus.OPEN, None, None)
    assert read.published_at == datetime(2026, 5, 4, 9, 12, 44, 123000, tzinfo=UTC)
    assert read.boards == ("northdepot",)
    assert (read.canonical_url, read.apply_url) == (LEVER["hostedUrl"], LEVER["applyUrl"])


def test_the_description_is_its_parts_under_their_headings():
    """Description, each list under its heading, then the closing text."""
    lines = job().description_text.split("\n")
    assert lines == [
        *("Keep the dock moving.", "What you'll do", "Load", "Who you are", "Careful", "Early"),
        "We pay for boots.",
    ]


def test_opening_and_body_stand_in_for_a_missing_description():
    """The description is the two together."""
    members = {"description": ..., "opening": "<p>A</p>", "descriptionBody": "<p>B</p>"}
    assert job(**members).description_text.startswith("A\nB\n")


def test_a_list_heading_is_text_not_markup():
    """What looks like a tag in a heading is shown, not run."""
    lists = [{"text": "Who you are <b>&</b> more", "content": "<li>A</li>"}]
    read = job(lists=lists)
    assert "Who you are <b>&</b> more" in read.description_text
    assert read.requirements == ("A",)


COMMITMENTS = [
    ("Permanent", Employment.FULL_TIME, []),
    ("Direct Contract", Employment.CONTRACT, []),
    ("Werkstudent (20 Std./Woche)", Employment.INTERN, []),
    ("Short Term", Employment.TEMPORARY, []),
    (None, None, []),
    ("Whenever", None, ["EMPLOYMENT_TYPE_UNKNOWN"]),
]


@pytest.mark.parametrize(("commitment", "kind", "codes"), COMMITMENTS)
def test_commitments(commitment, kind, codes):
    """Free text; missing in a tenth of postings."""
    assert job(categories__commitment=commitment).employment_type is kind
    assert warnings(categories__commitment=commitment) == codes


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("unspecified", None),
        ("on-site", Workplace.ONSITE),
        ("onsite", Workplace.ONSITE),
        ("remote", Workplace.REMOTE),
        ("hybrid", Workplace.HYBRID),
        (None, None),
    ],
)
def test_workplace_types(text, kind):
    """Unspecified is not on-site."""
    assert job(workplaceType=text).workplace_type is kind


def test_placeholders_are_no_teams():
    """ "-" is what a form makes people type."""
    assert job(categories__team="-").team is None


def test_the_country_is_the_primary_locations_alone():
    """The other locations may be anywhere."""
    read = job(categories__allLocations=["Antwerp", "Leeds", "leeds"], country="GB")
    assert normalizing.places(read) == ["Leeds//GB", "Antwerp//"]
    assert warnings(country="Nowhere") == ["COUNTRY_UNKNOWN"]


INTERVALS = [
    ("per-year-salary", 40000, "YEAR", []),
    ("per-month-salary", 3000, "MONTH", []),
    ("semi-month-salary", 1500, "SEMIMONTH", []),
    ("bi-month-salary", 6000, None, ["PAY_INTERVAL_UNKNOWN"]),
    ("bi-week-salary", 1500, "BIWEEK", []),
    ("bi-week-salary", 22.4, None, ["PAY_INTERVAL_IMPLAUSIBLE", "PAY_INTERVAL_UNKNOWN"]),
    ("per-week-salary", 700, "WEEK", []),
    ("per-day-wage", 200, "DAY", []),
    ("per-hour-wage", 22.4, "HOUR", []),
    ("one-time", 5000, "ONE_TIME", []),
    (None, 40000, None, ["PAY_INTERVAL_UNKNOWN"]),
]


@pytest.mark.parametrize(("period", "amount", "interval", "codes"), INTERVALS)
def test_salary_ranges(period, amount, interval, codes):
    """Major units with decimals; a mislabelled period is unknown, not believed."""
    stated = {"min": amount, "max": amount, "currency": "GBP", "interval": period}
    (found,) = normalizing.pay(job(salaryRange=stated))
    assert found[0] == round(amount * 100)
    assert found[3] == interval
    assert warnings(salaryRange=stated) == codes


def test_pay_in_the_closing_text_is_prose():
    """Where there is no range, base pay is read from the text."""
    members = {"salaryRange": ..., "additional": "<p>Salary: £40,000 - £45,000 per year</p>"}
    assert normalizing.pay(job(**members)) == [
        (4000000, 4500000, "GBP", "YEAR", None, None, "PROSE")
    ]
    assert warnings(**members) == ["PAY_FROM_TEXT"]


def test_a_salary_description_goes_before_the_text():
    """It is about nothing else; empty markup in it says nothing."""
    members = {"salaryRange": ..., "salaryDescription": "<div>£30,000 - £35,000 per year</div>"}
    assert [p[:4] for p in normalizing.pay(job(**members))] == [(3000000, 3500000, "GBP", "YEAR")]
    assert job(salaryRange=..., salaryDescription="<div><br></div>").pay == ()


STATES = [
    ("published", OfferStatus.OPEN, []),
    ("internal", OfferStatus.UNLISTED, []),
    ("closed", OfferStatus.CLOSED, []),
    ("draft", OfferStatus.DRAFT, []),
    ("pending", OfferStatus.DRAFT, []),
    ("rejected", OfferStatus.CLOSED, []),
    ("odd", OfferStatus.UNKNOWN, ["STATUS_UNKNOWN"]),
]


@pytest.mark.parametrize(("state", "status", "codes"), STATES)
def test_the_data_api_states_more(state, status, codes):
    """A state, a time of change and requisition codes."""
    members = {"state": state, "updatedAt": 1777900364000, "reqCode": "R-17"}
    read = job(**members)
    assert (read.status, read.requisition_id) == (status, "R-17")
    assert read.updated_at == datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC)
    assert warnings(**members) == codes


def data(**members: object) -> NormalizedJob:
    return normalizing.job(Provider.LEVER, changed(LEVER_DATA, **members))


def test_a_posting_of_the_data_api_is_read_whole():
    """Its texts are in `content`, its links in `urls`; it states its change and its requisition."""
    found = normalizing.taken(Provider.LEVER, LEVER_DATA)
    assert found.warnings == ()
    read, public = found.job, normalizing.job(Provider.LEVER, LEVER)
    assert read.description_html == public.description_html
    assert read.requirements == ("Careful", "Early")
    assert (read.apply_url, read.canonical_url) == (public.apply_url, public.canonical_url)
    assert (read.department, read.team, read.requisition_id) == ("Docks", "Nights", "REQ-17")
    assert normalizing.places(read) == normalizing.places(public)
    assert normalizing.pay(read) == normalizing.pay(public)
    assert (read.workplace_type, read.employment_type) == (Workplace.ONSITE, Employment.FULL_TIME)
    assert (read.status, read.listed) == (OfferStatus.OPEN, True)
    assert read.updated_at == datetime(2026, 5, 5, 9, 12, 44, 123000, tzinfo=UTC)
    assert (read.omitted, read.boards) == ((), ("northdepot",))


VISIBLE = [
    # state, channels, confidentiality, status
    ("published", ["public", "internal"], "non-confidential", OfferStatus.OPEN),
    ("published", ["public"], ..., OfferStatus.OPEN),
    ("published", ["internal"], "non-confidential", OfferStatus.UNLISTED),
    ("published", [], "non-confidential", OfferStatus.UNLISTED),
    ("published", None, "non-confidential", OfferStatus.OPEN),
    ("published", ["public"], "confidential", OfferStatus.UNLISTED),
    ("closed", ["public"], "non-confidential", OfferStatus.CLOSED),
    ("draft", [], "confidential", OfferStatus.DRAFT),
    ("internal", ["internal"], "non-confidential", OfferStatus.UNLISTED),
    ("on ice", ["public"], "non-confidential", OfferStatus.UNKNOWN),
]


@pytest.mark.parametrize(("state", "channels", "confidentiality", "status"), VISIBLE)
def test_who_may_see_a_posting_of_the_data_api(state, channels, confidentiality, status):
    """The public, on a public channel, unless the posting is confidential."""
    members = {"distributionChannels": channels, "confidentiality": confidentiality}
    assert data(state=state, **members).status is status


NOT_THERE = [
    # member, warned about, fields that stay as they are
    ({"content": ...}, ["content"], {"description", "requirements"}),
    ({"content": {}}, ["content"], {"description", "requirements"}),
    ({"urls": None}, ["urls"], {"apply_url", "canonical_url"}),
    ({"state": ...}, ["state"], set()),
    ({"content": {"description": "", "closing": ""}}, [], set()),
]


@pytest.mark.parametrize(("members", "warned", "kept"), NOT_THERE)
def test_what_a_posting_of_the_data_api_lacks_is_not_carried(members, warned, kept):
    """A warning for each member that every such posting has; an empty text is carried."""
    found = normalizing.taken(Provider.LEVER, changed(LEVER_DATA, **members))
    assert [(note.code, note.field) for note in found.warnings] == [
        ("NOT_CARRIED", member) for member in warned
    ]
    assert set(found.job.omitted) == kept
    assert found.job.status is (OfferStatus.UNKNOWN if "state" in warned else OfferStatus.OPEN)


def test_plain_texts_of_the_data_api_stand_in_for_html():
    """None of it is markup."""
    content = {"description": "KEEP <THE> DOCK\nMOVING", "closing": "Boots & co"}
    read = data(content=content)
    assert read.description_text == "KEEP <THE> DOCK\nMOVING\nBoots & co"


@pytest.mark.parametrize("members", [{"content": "text"}, {"urls": []}, {"categories": "x"}])
def test_another_form_than_the_data_apis_is_refused_whole(members):
    """A member of another kind means another form, so nothing of it is guessed."""
    refused = normalizing.refused(Provider.LEVER, changed(LEVER_DATA, **members))
    assert [reason for _, reason in normalizing.reasons(refused)] == ["WRONG_TYPE"]


def test_nobody_of_the_data_api_is_hashed():
    """Owners, managers and followers are left out before the hash."""
    others = dict.fromkeys(("user", "owner", "hiringManager", "followers"), "someone else")
    payload = changed(LEVER_DATA, **others)
    assert raw_hash(Provider.LEVER, payload) == raw_hash(Provider.LEVER, LEVER_DATA)
