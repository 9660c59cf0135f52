"""Lever: postings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import LEVER, changed

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
