"""Custom feeds: JobPosting, field maps, two known products, and normalized records."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import (
    JOB_POSTING,
    NORMALIZED,
    SMARTRECRUITERS,
    WORKABLE,
    changed,
)

from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)

C = Provider.CUSTOM


def posting(**members: object) -> NormalizedJob:
    return normalizing.job(C, changed(JOB_POSTING, **members))


def posting_warnings(**members: object) -> list[str]:
    return normalizing.warnings(C, changed(JOB_POSTING, **members))


def normalized(**members: object) -> NormalizedJob:
    return normalizing.job(C, changed(NORMALIZED, **members))


def test_a_job_posting_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(C, JOB_POSTING)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.title) == ("ND-40771", "Dock Lead")
    assert read.employment_type is Employment.PART_TIME
    assert normalizing.places(read) == ["Columbus/OH/US"]
    assert read.locations[0].postal == "43004"
    assert normalizing.pay(read) == [(2150, 2600, "USD", "HOUR", None, None, "FIELD")]
    assert read.published_at == date(2026, 5, 1)
    assert read.valid_through == datetime(2026, 7, 1, tzinfo=UTC)
    assert (read.status, read.workplace_type) == (OfferStatus.OPEN, None)


YEN = {"minValue": 5000000, "unitText": "YEAR"}
MONTHLY = {"minValue": 4000, "maxValue": 5000, "unitText": "MONTH"}
SALARIES = [
    ({"currency": "USD", "minValue": 20, "maxValue": 25}, (2000, 2500, "USD", None, "HOUR")),
    ({"currency": "USD", "value": 52000}, (5200000, 5200000, "USD", None, "YEAR")),
    (
        {"currency": "USD", "value": {"value": 25, "unitText": "HOUR"}},
        (2500, 2500, "USD", "HOUR", None),
    ),
    ({"currency": "JPY", "value": YEN}, (5000000, None, "JPY", "YEAR", None)),
    ({"currency": "USD", "value": MONTHLY}, (400000, 500000, "USD", "MONTH", None)),
]


@pytest.mark.parametrize(("salary", "expected"), SALARIES)
def test_base_salaries(salary, expected):
    """With a value object, with a bare number, or with the range put straight in."""
    (found,) = normalizing.pay(posting(baseSalary=salary))
    assert found[:5] == expected


def test_a_list_of_types_or_places():
    """Types that differ are a choice; places are all kept; remote within a country."""
    assert posting(employmentType=["FULL_TIME", "PART_TIME"]).employment_type is None
    assert posting_warnings(employmentType=["FULL_TIME", "PART_TIME"]) == [
        "EMPLOYMENT_TYPE_UNKNOWN"
    ]
    address = {"addressLocality": "Leeds", "addressCountry": {"name": "GB"}}
    two = [{"address": address}, {"address": "York, UK"}]
    assert normalizing.places(posting(jobLocation=two)) == ["Leeds//GB", "York//GB"]
    remote = {
        "jobLocation": ...,
        "jobLocationType": "TELECOMMUTE",
        "applicantLocationRequirements": {"@type": "Country", "name": "USA"},
    }
    read = posting(**{k: v for k, v in remote.items() if v is not ...}, jobLocation=...)
    assert (read.workplace_type, normalizing.places(read)) == (Workplace.REMOTE, ["//US*"])


def test_unavailable_is_no_address():
    """Portals write it where they know nothing."""
    parts = dict.fromkeys(("addressLocality", "addressRegion", "postalCode"), "UNAVAILABLE")
    location = {"address": {**parts, "addressCountry": "US"}}
    read = posting(jobLocation=[location])
    assert normalizing.places(read) == ["//US"]
    assert read.locations[0].postal is None


@pytest.mark.parametrize(
    ("until", "now", "status"),
    [
        ("2026-07-01T00:00:00Z", datetime(2026, 6, 30, 23, tzinfo=UTC), OfferStatus.OPEN),
        ("2026-07-01T00:00:00Z", datetime(2026, 7, 1, 0, 0, 1, tzinfo=UTC), OfferStatus.CLOSED),
        ("2026-07-01", datetime(2026, 7, 1, 23, tzinfo=UTC), OfferStatus.OPEN),
        ("2026-07-01", datetime(2026, 7, 2, tzinfo=UTC), OfferStatus.CLOSED),
        ("2026-07-01", None, OfferStatus.OPEN),
        (None, datetime(2030, 1, 1, tzinfo=UTC), OfferStatus.OPEN),
    ],
)
def test_a_posting_is_over_after_its_own_closing_time(until, now, status):
    """A day lasts to its end; without a clock nothing is over."""
    read = normalizing.job(C, changed(JOB_POSTING, validThrough=until), NormalizeOptions(now=now))
    assert read.status is status


def test_a_posting_without_an_identifier_is_refused():
    """Its link may change; nothing else names it."""
    answer = normalizing.refused(C, changed(JOB_POSTING, identifier=...))
    assert normalizing.reasons(answer) == [("identifier", "REQUIRED")]
    assert posting(identifier="ND-1").external_job_id == "ND-1"


OWN = {
    "ref": {"no": 40771},
    "headline": "Dock Lead",
    "body": ["<p>Keep the dock moving.</p>", "<p>At night.</p>"],
    "needs": ["A licence", "Two years"],
    "sites": [
        {"town": "Leeds", "land": "United Kingdom"},
        {"town": "Antwerp", "land": "BE"},
    ],
    "money": "£2,800 - £3,100 per month",
    "extra": [{"label": "Hours", "value": "Part time"}, {"label": "Grade", "value": "7"}],
    "live": "yes",
    "url": "https://jobs.northdepot.example.com/40771",
    "until": "2026-07-01",
}
OWN_MAP = {
    "externalJobId": "ref.no",
    "title": "headline",
    "descriptionHtml": "body",
    "requirements": "needs",
    "locations": "sites",
    "locations.city": "town",
    "locations.country": "land",
    "pay.text": "money",
    "employmentType": "extra[label=Hours].value",
    "department": "extra[1].label",
    "status": "live",
    "canonicalUrl": "url",
    "validThrough": "until",
}


def test_a_field_map_reads_a_feed_of_ones_own():
    """Paths, lists of objects, items by number and by member."""
    field_map, faults = parse_field_map(OWN_MAP)
    assert faults == []
    options = NormalizeOptions(field_map=field_map, statuses={"yes": OfferStatus.OPEN})
    read = normalizing.job(C, OWN, options)
    assert (read.external_job_id, read.title) == ("40771", "Dock Lead")
    assert read.description_text == "Keep the dock moving.\nAt night."
    assert read.requirements == ("A licence", "Two years")
    assert normalizing.places(read) == ["Leeds//GB", "Antwerp//BE"]
    assert normalizing.pay(read) == [(280000, 310000, "GBP", "MONTH", None, None, "FIELD")]
    assert (read.employment_type, read.department) == (Employment.PART_TIME, "Grade")
    assert (read.status, read.valid_through) == (OfferStatus.OPEN, date(2026, 7, 1))
    assert read.apply_url == read.canonical_url == OWN["url"]
    assert "team" in read.omitted


def test_a_record_of_ones_own_needs_a_field_map():
    """Nothing is guessed from the names of members."""
    answer = normalizing.refused(C, OWN)
    assert normalizing.reasons(answer) == [("", "FIELD_MAP_REQUIRED")]


def test_smartrecruiters():
    """Known by its members; pay stands in custom fields, per company."""
    read = normalizing.job(C, SMARTRECRUITERS)
    assert (read.external_job_id, read.requisition_id) == ("743999000111222", "REF17X")
    assert normalizing.places(read) == ["Leeds//GB"]
    assert normalizing.pay(read) == [
        (1350, None, "GBP", "HOUR", None, "Minimum Hourly Wage", "FIELD")
    ]
    assert (read.department, read.employment_type) == ("Docks", Employment.PART_TIME)
    assert read.requirements == ("A licence",)
    assert (read.status, read.boards) == (OfferStatus.OPEN, ("NorthDepot",))
    hidden = changed(SMARTRECRUITERS, visibility="INTERNAL")
    assert normalizing.job(C, hidden).status is OfferStatus.UNLISTED
    assert normalizing.job(C, changed(SMARTRECRUITERS, active=False)).status is OfferStatus.CLOSED


def test_workable():
    """Known by its members; telecommuting is remote, its absence says nothing."""
    read = normalizing.job(C, WORKABLE)
    assert (read.external_job_id, read.requisition_id) == ("A1B2C3D4E5", "R-17")
    assert normalizing.places(read) == ["Columbus/Ohio/US"]
    assert (read.workplace_type, read.published_at) == (Workplace.REMOTE, date(2026, 5, 1))
    there = changed(WORKABLE, telecommuting=False)
    assert normalizing.job(C, there).workplace_type is None


def test_a_normalized_record_is_read_in_full():
    """In the spelling of the API's JSON, for any provider."""
    for provider in Provider:
        read = normalizing.job(provider, NORMALIZED)
        assert (read.external_job_id, read.title) == ("40771", "Dock Lead")
        assert normalizing.pay(read) == [(2150, 2600, "USD", "HOUR", None, "Dock pay", "FIELD")]
        assert normalizing.places(read) == ["Columbus/OH/US"]
        assert (read.employment_type, read.workplace_type) == (
            Employment.FULL_TIME,
            Workplace.ONSITE,
        )
        assert read.updated_at == datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC)


def test_a_normalized_record_may_use_the_spelling_of_the_protos():
    """Snake case, at every depth where members are ours."""
    snake = {
        "external_job_id": 7,
        "title": "T",
        "description_text": "One\nTwo < three",
        "pay": [{"min_minor": 2150, "currency": "USD", "interval": "HOUR"}],
        "locations": [{"city": "Leeds", "country": "GB", "postal_code": "LS1"}],
        "status": "STATUS_UNSPECIFIED",
    }
    read = normalizing.job(C, snake)
    assert read.external_job_id == "7"
    assert read.description_html == "<p>One</p><p>Two &lt; three</p>"
    assert read.description_text == "One\nTwo < three"
    assert normalizing.pay(read) == [(2150, None, "USD", "HOUR", None, None, "FIELD")]
    assert (read.locations[0].raw, read.locations[0].postal) == ("Leeds, GB", "LS1")
    assert read.status is OfferStatus.OPEN


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"employmentType": "GIG"}, ["EMPLOYMENT_TYPE_UNKNOWN"]),
        ({"workplaceType": "MOON"}, ["WORKPLACE_TYPE_UNKNOWN"]),
        ({"status": "WHO_KNOWS"}, ["STATUS_UNKNOWN"]),
        ({"applyUrl": "javascript:alert(1)"}, ["URL_INVALID"]),
        ({"locations": [{"raw": "X", "country": "Atlantis"}]}, ["COUNTRY_UNKNOWN"]),
        ({"locations": [{"raw": "X", "latitude": 99, "longitude": 1}]}, ["COORDINATES_INVALID"]),
        ({"pay": [{"minMinor": 1.5, "currency": "$"}]},
         ["CURRENCY_UNKNOWN", "PAY_ROUNDED", "PAY_INTERVAL_UNKNOWN"]),
        ({"listed": False}, []),
    ],
)  # fmt: skip
def test_a_normalized_record_is_checked_like_any_other(members, codes):
    """What is off is kept where it can be, and said."""
    assert normalizing.warnings(C, changed(NORMALIZED, **members)) == codes
