"""Ashby: the public board and the partner feed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import ASHBY, ASHBY_PARTNER, ASHBY_POSTING, changed

from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)
from xaigh_server.ats.providers.registry import records_of


def job(**members: object) -> NormalizedJob:
    return normalizing.job(Provider.ASHBY, changed(ASHBY, **members))


def warnings(**members: object) -> list[str]:
    return normalizing.warnings(Provider.ASHBY, changed(ASHBY, **members))


def test_a_job_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(Provider.ASHBY, ASHBY)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.title) == (ASHBY["id"], "Dock Lead")
    assert (read.department, read.team) == ("Docks", "Nights")
    assert (read.employment_type, read.workplace_type) == (
        Employment.FULL_TIME,
        Workplace.ONSITE,
    )
    assert normalizing.places(read) == ["Leeds/England/GB", "Antwerp//BE"]
    assert normalizing.pay(read) == [(280000, 310000, "GBP", "MONTH", None, "Leeds", "FIELD")]
    assert read.requirements == ("A forklift licence", "Two years on a dock")
    assert (read.status, read.listed, read.updated_at) == (OfferStatus.OPEN, True, None)
    assert read.published_at == datetime(2026, 5, 4, 9, 12, 44, 120000, tzinfo=UTC)
    assert read.boards == ("northdepot",)


def test_the_partner_form_has_other_names():
    """Its own link, a time of change, places with flat addresses."""
    read = normalizing.job(Provider.ASHBY, ASHBY_PARTNER)
    assert (read.department, read.team) == ("Docks", "Nights")
    assert read.employment_type is Employment.PART_TIME
    assert normalizing.places(read) == ["Leeds//GB"]
    assert read.updated_at == datetime(2026, 5, 5, 10, tzinfo=UTC)
    assert read.published_at == date(2026, 5, 4)
    assert read.apply_url == read.canonical_url == ASHBY_PARTNER["externalLink"]
    assert read.boards == ("org-77", "North Depot")
    assert read.omitted == ("description", "requirements")


def test_plain_text_stands_in_for_html():
    """Each of its lines is a paragraph, and none of it is markup."""
    read = job(descriptionHtml=..., descriptionPlain="KEEP <THE> DOCK\n\nMOVING")
    assert read.description_html == "<p>KEEP &lt;THE&gt; DOCK</p><p>MOVING</p>"
    assert read.description_text == "KEEP <THE> DOCK\nMOVING"


WORKPLACES = [
    # workplaceType, isRemote, type
    ("Remote", True, Workplace.REMOTE),
    ("Remote", False, Workplace.REMOTE),
    ("Hybrid", True, Workplace.HYBRID),
    ("OnSite", None, Workplace.ONSITE),
    (None, True, Workplace.REMOTE),
    (None, False, None),
    (None, None, None),
    (..., ..., None),
    (..., True, Workplace.REMOTE),
]


@pytest.mark.parametrize(("kind", "remote", "expected"), WORKPLACES)
def test_the_workplace_type_wins_over_the_remote_flag(kind, remote, expected):
    """A true flag fills an empty type; a false one says nothing."""
    assert job(workplaceType=kind, isRemote=remote).workplace_type is expected


def address(city="", region="", country=""):
    parts = {"addressLocality": city, "addressRegion": region, "addressCountry": country}
    return {"postalAddress": parts}


PLACES = [
    # location, address, place, warnings
    ("Canada", address(country="Canada"), "//CA", []),
    ("Remote", address(country="United Kingdom"), "//GB*", []),
    ("Remote U.S.", address(country="USA"), "//US*", []),
    ("Austin, TX", address("Austin", "Texas ", "USA"), "Austin/Texas/US", []),
    ("New York City", address("New York", "New York", "United States"), "New York/New York/US", []),
    ("Leeds", address("Phoenix", "Arizona", "United States"), "Leeds//", ["LOCATION_CONFLICT"]),
    ("NYC", address("New York", "NY", "US"), "New York/NY/US", []),
    ("Bengaluru", address("Bangalore", "Karnataka", "India"), "Bangalore/Karnataka/IN", []),
    ("Global", address("Austin", "Texas", "United States"), "//", ["LOCATION_CONFLICT"]),
    ("Europe", address(country="European Union"), "//", ["COUNTRY_UNKNOWN"]),
    ("Toronto, Ontario", address("Toronto", "Ontario", "Canada"), "Toronto/Ontario/CA", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "stated", "expected", "codes"), PLACES)
def test_a_named_place_and_its_address(name, stated, expected, codes):
    """The address completes the name, unless it is elsewhere: then it is a placeholder."""
    members = {"location": name, "address": stated, "secondaryLocations": []}
    assert normalizing.places(job(**members)) == [expected]
    assert warnings(**members) == codes


def test_a_job_without_a_place_has_none():
    """No name and no address are no location."""
    assert normalizing.places(job(location="", address=None, secondaryLocations=None)) == []


def salary(low, high, interval="1 YEAR", currency="GBP", kind="Salary"):
    return {
        "compensationType": kind,
        "interval": interval,
        "currencyCode": currency,
        "minValue": low,
        "maxValue": high,
    }


def test_one_range_a_tier_and_nothing_but_salary():
    """Equity, bonus and commission are no pay, whatever place they stand at."""
    equity = salary(0.1, 0.3, "NONE", None, "EquityPercentage")
    commission = salary(9, 9, kind="Commission")
    tiers = [
        {"title": "London", "components": [equity, salary(60000, 70000)]},
        {"title": "Leeds", "components": [salary(50000, 55000, kind="salary"), commission]},
        {"title": "Equity", "components": [salary(1, 2, kind="EquityCashValue")]},
    ]
    found = normalizing.pay(job(compensation={"compensationTiers": tiers}))
    assert found == [
        (6000000, 7000000, "GBP", "YEAR", None, "London", "FIELD"),
        (5000000, 5500000, "GBP", "YEAR", None, "Leeds", "FIELD"),
    ]


INTERVALS = [
    ("1 YEAR", 50000, "YEAR"),
    ("1 MONTH", 4000, "MONTH"),
    ("1 WEEK", 900, "WEEK"),
    ("2 WEEKS", 1800, "BIWEEK"),
    ("1 DAY", 200, "DAY"),
    ("1 HOUR", 25, "HOUR"),
    ("NONE", 50000, None),
]


@pytest.mark.parametrize(("text", "amount", "interval"), INTERVALS)
def test_intervals(text, amount, interval):
    """Two weeks are not a fortnightly year."""
    tiers = [{"title": None, "components": [salary(amount, amount, text)]}]
    (found,) = normalizing.pay(job(compensation={"compensationTiers": tiers}))
    assert found[3] == interval


def test_hidden_compensation_is_no_pay():
    """Empty tiers state nothing; without the key the form does not carry pay at all."""
    empty: dict[str, object] = {"compensationTiers": [], "summaryComponents": []}
    assert job(compensation=empty).pay == ()
    assert job(compensation=empty).omitted == ()
    assert job(compensation=...).omitted == ("pay",)


def test_summary_components_stand_in_for_tiers():
    """The same members less the labels."""
    summary = {"summaryComponents": [salary(1, 2, kind="Bonus"), salary(50000, 55000)]}
    assert [p[:2] for p in normalizing.pay(job(compensation=summary))] == [(5000000, 5500000)]


@pytest.mark.parametrize(
    ("members", "status", "listed"),
    [
        ({"isListed": False}, OfferStatus.UNLISTED, False),
        ({"isListed": True}, OfferStatus.OPEN, True),
        ({"isListed": ...}, OfferStatus.OPEN, True),
        ({"status": "Closed"}, OfferStatus.CLOSED, True),
        ({"status": "Archived"}, OfferStatus.CLOSED, True),
        ({"status": "Draft"}, OfferStatus.DRAFT, True),
    ],
)
def test_statuses(members, status, listed):
    """Unlisted is offered to those who have the link; the client API states more."""
    read = job(**members)
    assert (read.status, read.listed) == (status, listed)


def test_a_posting_of_the_client_api_is_read_whole():
    """Its places are names, its pay a summary; the description is in another call."""
    found = normalizing.taken(Provider.ASHBY, ASHBY_POSTING)
    assert [(note.code, note.field) for note in found.warnings] == [
        ("PAY_FROM_TEXT", "compensationTierSummary"),
        ("NOT_CARRIED", "descriptionHtml"),
        ("NOT_CARRIED", "compensation"),
    ]
    read = found.job
    assert (read.department, read.team) == ("Docks", "Nights")
    assert normalizing.places(read) == ["Leeds/England/GB"]
    assert normalizing.pay(read) == [(280000, 310000, "GBP", "MONTH", None, None, "TAG")]
    assert (read.employment_type, read.workplace_type) == (Employment.FULL_TIME, Workplace.ONSITE)
    assert read.published_at == date(2026, 5, 4)
    assert read.updated_at == datetime(2026, 5, 5, 10, tzinfo=UTC)
    assert (read.canonical_url, read.apply_url) == (
        ASHBY_POSTING["externalLink"],
        ASHBY_POSTING["applyLink"],
    )
    assert (read.status, read.boards) == (OfferStatus.OPEN, ("northdepot",))
    assert read.omitted == ("description", "requirements")


POSTINGS = [
    # members, field, its value, warnings beside the sample's
    ({"isListed": False}, "status", OfferStatus.UNLISTED, set()),
    ({"descriptionHtml": "<p>Load.</p>"}, "description_text", "Load.", set()),
    (
        {"locationIds": {"primaryLocationId": "a", "secondaryLocationIds": ["b"]}},
        "language",
        None,
        {"LOCATION_INCOMPLETE"},
    ),
    ({"compensationTierSummary": "0.5% - 1% \u2022 Offers Bonus"}, "pay", (), set()),
    ({"compensationTierSummary": None}, "pay", (), set()),
    ({"locationName": ...}, "locations", (), set()),
    ({"externalLink": ..., "applyLink": ...}, "apply_url", None, set()),
    ({"applicationDeadline": "2027-01-31"}, "valid_through", date(2027, 1, 31), set()),
]


@pytest.mark.parametrize(("members", "field", "value", "codes"), POSTINGS)
def test_what_a_posting_of_the_client_api_may_have_or_lack(members, field, value, codes):
    """A field without its member stays as it is, with a warning."""
    found = normalizing.taken(Provider.ASHBY, changed(ASHBY_POSTING, **members))
    assert getattr(found.job, field) == value
    assert {note.code for note in found.warnings} - {"PAY_FROM_TEXT", "NOT_CARRIED"} == codes
    if value == () or (field == "apply_url"):
        assert field in found.job.omitted


def test_a_job_of_the_client_api_is_refused_whole():
    """It is the requisition behind postings; its id counts as seen."""
    payload = {
        "id": "0f9c1d55",
        "title": "Dock Lead",
        "status": "Open",
        "locationId": "loc-1",
        "departmentId": "dep-1",
        "jobPostingIds": ["5b7f9f0e"],
        "employmentType": "FullTime",
    }
    refused = normalizing.refused(Provider.ASHBY, payload)
    assert normalizing.reasons(refused) == [("", "UNKNOWN_FORM")]
    assert "jobPosting.list" in refused.rejections[0].message
    assert refused.external_job_id == "0f9c1d55"


PARTNER_PLACES = [
    # (name, remote, primary) of each place, places, type, warnings
    ([("Leeds", False, True)], ["Leeds//"], None, []),
    ([("Leeds", True, True)], ["Leeds//*"], Workplace.REMOTE, []),
    ([("York", False, False), ("Leeds", False, True)], ["Leeds//", "York//"], None, []),
    (
        [("York", True, False), ("Leeds", False, True)],
        ["Leeds//", "York//*"],
        None,
        ["WORKPLACE_TYPE_MIXED"],
    ),
    ([("York", True, True), ("Leeds", True, False)], ["York//*", "Leeds//*"], Workplace.REMOTE, []),
    ([("Leeds", None, None)], ["Leeds//"], None, []),
]


@pytest.mark.parametrize(("entries", "places", "kind", "codes"), PARTNER_PLACES)
def test_places_of_the_partner_feed(entries, places, kind, codes):
    """The primary one first; the role is remote where every place is."""
    locations = [
        {"locationName": name, "isRemote": remote, "isPrimaryLocation": primary}
        for name, remote, primary in entries
    ]
    found = normalizing.taken(Provider.ASHBY, changed(ASHBY_PARTNER, locations=locations))
    read = [(place.city, place.remote) for place in found.job.locations]
    assert read == [(place.split("/")[0], place.endswith("*")) for place in places]
    assert found.job.workplace_type is kind
    assert [note.code for note in found.warnings if "WORKPLACE" in note.code] == codes


@pytest.mark.parametrize("version", ["1", "2024-06-01", "2026-03-15"])
def test_dated_versions_of_the_board_are_one_form(version):
    """The document's version is no member of a record, and changes nothing."""
    document = {"apiVersion": version, "jobs": [{**ASHBY, "apiVersion": version}]}
    (record,) = records_of(Provider.ASHBY, document).records
    assert normalizing.job(Provider.ASHBY, record) == normalizing.job(Provider.ASHBY, ASHBY)
    named = changed(ASHBY, department={"id": "d", "name": "Docks"}, team={"name": "Nights"})
    assert normalizing.job(Provider.ASHBY, named) == normalizing.job(Provider.ASHBY, ASHBY)
    where = {"locationName": "Leeds", "address": ASHBY["address"], "isRemote": False}
    placed = changed(ASHBY, location=where, address=...)
    assert normalizing.job(Provider.ASHBY, placed) == normalizing.job(Provider.ASHBY, ASHBY)
