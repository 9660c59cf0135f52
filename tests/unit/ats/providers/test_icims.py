"""iCIMS: Attract jobs, profiles, portal markup and search answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import ICIMS_ATTRACT, ICIMS_PROFILE, JOB_POSTING, changed

from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)

I = Provider.ICIMS  # noqa: E741  # one letter for each provider in these tables


def attract(**members: object) -> NormalizedJob:
    return normalizing.job(I, changed(ICIMS_ATTRACT, **_inner(members)))


def attract_warnings(**members: object) -> list[str]:
    return normalizing.warnings(I, changed(ICIMS_ATTRACT, **_inner(members)))


def _inner(members: dict[str, object]) -> dict[str, object]:
    return {f"data__{name}": value for name, value in members.items()}


def profile(**members: object) -> NormalizedJob:
    return normalizing.job(I, changed(ICIMS_PROFILE, **members))


def test_an_attract_job_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(I, ICIMS_ATTRACT)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.requisition_id) == ("40771", "2026-40771")
    assert read.description_text == "Keep the dock moving.\nLoad\nA forklift licence"
    assert read.requirements == ("A forklift licence",)
    assert normalizing.places(read) == ["Columbus/Ohio/US"]
    place = read.locations[0]
    assert (place.postal, place.lat, place.lng) == ("43004", 39.96, -83.0)
    assert (read.employment_type, read.workplace_type) == (
        Employment.FULL_TIME,
        Workplace.ONSITE,
    )
    assert normalizing.pay(read) == [(2150, 2600, "USD", "HOUR", None, None, "FIELD")]
    assert read.published_at == datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert read.updated_at == datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC)
    assert (read.status, read.listed, read.language) == (OfferStatus.OPEN, True, "en-us")
    assert "northdepot" in read.boards


def test_an_attract_job_may_come_without_its_wrapper():
    """What is inside data is enough."""
    assert normalizing.job(I, ICIMS_ATTRACT["data"]) == normalizing.job(I, ICIMS_ATTRACT)


PAY = [
    # members, pay, warnings
    ({"salary_min_value": 0, "salary_max_value": 0}, [], []),
    ({"salary_min_value": 0, "salary_max_value": 0, "salary_value": 23.5},
     [(2350, 2350, "USD", "HOUR", None, None, "FIELD")], []),
    ({"salary_currency": ""}, [(2150, 2600, "USD", "HOUR", None, None, "FIELD")],
     ["CURRENCY_INFERRED"]),
    ({"salary_currency": "", "country_code": None, "country": None},
     [(2150, 2600, "USD", "HOUR", None, None, "FIELD")], ["CURRENCY_INFERRED"]),
    ({"salary_currency": "", "country_code": None, "country": None, "state": None, "city": None,
      "full_location": None, "location_name": None},
     [(2150, 2600, None, "HOUR", None, None, "FIELD")], ["CURRENCY_UNKNOWN"]),
    ({"salary_min_value": 0, "salary_max_value": 0,
      "tags5": ["USD $47,740.00/Yr."], "tags6": ["USD $68,200.00/Yr."]},
     [(4774000, 6820000, "USD", "YEAR", None, None, "TAG")], ["PAY_FROM_TEXT"]),
    ({"salary_min_value": 0, "salary_max_value": 0, "tags5": ["$13.66-$19.16 /HOURLY"]},
     [(1366, 1916, "USD", "HOUR", None, None, "TAG")], ["CURRENCY_INFERRED", "PAY_FROM_TEXT"]),
    ({"salary_min_value": 0, "salary_max_value": 0,
      "tags5": ["USD $47,740.00/Yr."], "tags6": ["USD $30.00/Hr."]}, [], []),
    ({"salary_min_value": 0, "salary_max_value": 0,
      "tags5": ["Posted Max Pay Rate USD $70,304.00/Yr."]},
     [(None, 7030400, "USD", "YEAR", None, None, "TAG")], ["PAY_FROM_TEXT"]),
    ({"salary_min_value": 0, "salary_max_value": 0, "tags5": ["Salary Negotiable"]}, [], []),
    ({"salary_min_value": 26, "salary_max_value": 21.5},
     [(2150, 2600, "USD", None, "HOUR", None, "FIELD")],
     ["PAY_MIN_OVER_MAX", "PAY_INTERVAL_UNKNOWN"]),
]  # fmt: skip


@pytest.mark.parametrize(("members", "pay", "codes"), PAY)
def test_zero_is_not_pay(members, pay, codes):
    """Fields first, then texts of pay among the tags; a currency by the country or unknown."""
    assert normalizing.pay(attract(**members)) == pay
    assert attract_warnings(**members) == codes


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({}, OfferStatus.OPEN),
        ({"searchable": False}, OfferStatus.UNLISTED),
        ({"applyable": False}, OfferStatus.UNLISTED),
        ({"meta_data": {"icims": {"jps_is_public": False}}}, OfferStatus.UNLISTED),
        ({"meta_data": {"icims": {}}}, OfferStatus.OPEN),
        ({"meta_data": False}, OfferStatus.OPEN),
    ],
)
def test_an_attract_job_is_open_when_it_can_be_found_and_applied_to(members, status):
    """Else there is only the link."""
    assert attract(**members).status is status


def test_a_root_relative_link_is_resolved_against_the_site():
    """Or left out where the site is not known."""
    relative = "/jobs/40771/login"
    assert attract(apply_url=relative).apply_url == (
        "https://jobs.northdepot.example.com/jobs/40771/login"
    )
    assert attract(apply_url=relative, meta_data=None).apply_url is None
    assert attract_warnings(apply_url=relative, meta_data=None) == ["URL_INVALID"]


PLACES = [
    ({"latitude": 0, "longitude": 0}, None, []),
    ({"latitude": 139.96}, None, ["COORDINATES_INVALID"]),
    ({"latitude": "39.96", "longitude": "-83"}, (39.96, -83.0), []),
    ({"multipleLocations": True}, (39.96, -83.0), ["LOCATION_INCOMPLETE"]),
]


@pytest.mark.parametrize(("members", "pair", "codes"), PLACES)
def test_coordinates(members, pair, codes):
    """0,0 is absent, and what is out of range is left out."""
    place = attract(**members).locations[0]
    assert (place.lat, place.lng) == (pair or (None, None))
    assert attract_warnings(**members) == codes


def test_tags_count_only_when_they_say_nothing_else():
    """A tag of the customer's own is no employment type for holding the word."""
    members = {"tags1": ["Full-Time Store Leads"], "tags2": ["Remote Sensing"]}
    read = attract(**members)
    assert (read.employment_type, read.workplace_type) == (None, None)
    assert attract(employment_type="PART_TIME").employment_type is Employment.PART_TIME


def test_a_profile_is_read_in_full():
    """The id of the system stands only in its own link; jobid is the requisition."""
    read = profile()
    assert (read.external_job_id, read.requisition_id) == ("40771", "2026-40771")
    assert normalizing.places(read) == ["Columbus/OH/US"]
    assert read.employment_type is Employment.PART_TIME
    assert (read.department, read.status) == ("Docks", OfferStatus.OPEN)
    assert read.requirements == ("A forklift licence",)
    assert read.updated_at == datetime(2026, 5, 4, 13, 12, tzinfo=UTC)
    assert read.boards == ("7788",)


FOLDERS = [
    ("Approved", OfferStatus.OPEN, []),
    ("Open", OfferStatus.OPEN, []),
    ("Posted", OfferStatus.OPEN, []),
    ("Closed (Filled)", OfferStatus.CLOSED, []),
    ("Closed - Cancelled", OfferStatus.CLOSED, []),
    ("Filled", OfferStatus.CLOSED, []),
    ("On Hold", OfferStatus.CLOSED, []),
    ("Hold", OfferStatus.CLOSED, []),
    ("Cancelled", OfferStatus.CLOSED, []),
    ("Stage Seven", OfferStatus.UNKNOWN, ["STATUS_UNKNOWN"]),
    ("Ready to post", OfferStatus.DRAFT, []),
]


@pytest.mark.parametrize(("text", "status", "codes"), FOLDERS)
def test_a_folder_is_a_status_in_the_customers_words(text, status, codes):
    """Their own table first, a common one then; an unknown text closes nothing."""
    payload = changed(ICIMS_PROFILE, folder={"value": text, "formattedvalue": text})
    own = NormalizeOptions(statuses={"ready to post": OfferStatus.DRAFT})
    assert normalizing.job(I, payload, own).status is status
    assert [c for c in normalizing.warnings(I, payload, own) if c.startswith("STATUS")] == codes


def money(amount, currency="USD"):
    return {"amountstring": f"${amount}", "amount": amount, "currency": currency}


PROFILE_PAY = [
    ({"field1": money(34), "field2": money(27.5), "field3": {"value": "Hourly"}},
     [(2750, 3400, "USD", "HOUR", None, None, "FIELD")]),
    ({"field1": money(52000)}, [(5200000, 5200000, "USD", None, "YEAR", None, "FIELD")]),
    ({"field1": money(34), "field2": money(27.5, "EUR")}, []),
    ({"field1": money(1), "field2": money(2), "field3": money(3)}, []),
    ({"budget": money(900000)}, []),
    ({"field1": None, "field2": ""}, []),
]  # fmt: skip


@pytest.mark.parametrize(("members", "pay"), PROFILE_PAY)
def test_pay_of_a_profile_is_one_or_two_fields_of_money(members, pay):
    """More of them, or two currencies, can't be told apart."""
    assert normalizing.pay(profile(**members)) == pay


def test_a_search_row_is_seen_but_is_no_job():
    """It holds an id and no title."""
    row = {"id": 1709, "portalUrl": "https://jobs-x.icims.com/jobs/1709/a/job", "self": "x"}
    answer = normalizing.refused(I, row)
    assert answer.external_job_id == "1709"
    assert normalizing.reasons(answer) == [("", "UNKNOWN_FORM")]


def test_portal_markup_is_identified_by_its_link():
    """Where it has no identifier of its own."""
    url = "https://careers-northdepot.icims.com/jobs/47917/dock-lead/job"
    read = normalizing.job(I, changed(JOB_POSTING, identifier=..., url=url))
    assert read.external_job_id == "47917"
    assert read.boards == ("careers-northdepot", "careers-northdepot.icims.com", "northdepot")
