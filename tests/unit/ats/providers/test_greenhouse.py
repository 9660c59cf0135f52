"""Greenhouse: posts of a board, with and without content, and Harvest."""

from __future__ import annotations

import html
from datetime import UTC, datetime

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import GREENHOUSE, HARVEST_JOB, HARVEST_POST, changed

from xaigh_server.ats.providers.record import (
    Employment,
    NormalizedJob,
    OfferStatus,
    Provider,
    Workplace,
)

G = Provider.GREENHOUSE


def job(**members: object) -> NormalizedJob:
    return normalizing.job(G, changed(GREENHOUSE, **members))


def warnings(**members: object) -> list[str]:
    return normalizing.warnings(G, changed(GREENHOUSE, **members))


def test_a_post_with_content_is_read_in_full():
    """Every member of the record that we carry, in our terms."""
    found = normalizing.taken(G, GREENHOUSE)
    assert found.warnings == ()
    read = found.job
    assert (read.external_job_id, read.title, read.requisition_id) == (
        "7001001",
        "Dock Lead",
        "R-17",
    )
    assert read.description_text.split("\n")[0] == "Keep the dock moving & safe."
    assert read.requirements == ("A forklift licence", "Two years on a dock")
    assert (read.employment_type, read.workplace_type) == (Employment.FULL_TIME, None)
    assert normalizing.places(read) == ["Columbus/OH/US"]
    assert normalizing.pay(read) == [(2150, 2600, "USD", "HOUR", None, "Hourly pay", "FIELD")]
    assert read.apply_url == read.canonical_url == GREENHOUSE["absolute_url"]
    assert (read.status, read.listed, read.prospect) == (OfferStatus.OPEN, True, False)
    assert (read.department, read.team, read.language) == ("Docks", None, "en")
    assert read.published_at == datetime(2026, 5, 1, 13, 0, tzinfo=UTC)
    assert read.updated_at == datetime(2026, 5, 4, 13, 12, 44, tzinfo=UTC)
    assert (read.omitted, read.boards) == ((), ("northdepot",))


def test_a_list_without_content_leaves_out_what_it_cannot_carry():
    """An absent description is unknown there, not cleared."""
    members = dict.fromkeys(("content", "departments", "offices", "pay_input_ranges"), ...)
    read = job(**members)
    assert read.description_html == ""
    assert read.omitted == ("description", "requirements", "pay", "department", "team")


def test_content_is_unescaped_once_and_no_more():
    """An entity that a candidate is meant to see survives."""
    read = job(content=html.escape("<p>Use &amp;lt;b&amp;gt; &nbsp;tags</p>"))
    assert read.description_text == "Use &lt;b&gt; tags"


LOCATIONS = [
    # location.name, offices, places, workplace, warnings
    (
        "London, UK",
        [("London", "London, England, United Kingdom")],
        ["London/England/GB"],
        None,
        [],
    ),
    ("London", [("London", "London, England, United Kingdom")], ["London/England/GB"], None, []),
    ("Leeds", [("London", "London, England, United Kingdom")], ["Leeds//"], None, []),
    ("Hybrid - London", [], ["London//"], Workplace.HYBRID, []),
    ("Remote (United States)", [("Remote (US)", None)], ["//US*"], Workplace.REMOTE, []),
    ("Austin | Chicago", [], ["Austin//", "Chicago//"], None, []),
    ("Toronto, ON; San Francisco, CA", [], ["Toronto/ON/CA", "San Francisco/CA/US"], None, []),
    ("Leeds, UK or Remote", [], ["Leeds//GB", "//*"], None, ["WORKPLACE_TYPE_MIXED"]),
    ("", [("HQ", "Oslo, Norway")], ["Oslo//NO"], None, []),
    ("", [], [], None, []),
]


@pytest.mark.parametrize(("name", "offices", "places", "workplace", "codes"), LOCATIONS)
def test_locations(name, offices, places, workplace, codes):
    """Split on list signs only, completed from the office of the same name, words taken off."""
    known = [{"id": i, "name": n, "location": where} for i, (n, where) in enumerate(offices)]
    read = job(location={"name": name}, offices=known, pay_input_ranges=...)
    assert normalizing.places(read) == places
    assert read.workplace_type is workplace
    assert warnings(location={"name": name}, offices=known, pay_input_ranges=...) == codes


METADATA = [
    # name, value, employment, workplace, warnings
    ("Employment Type", "Regular", Employment.FULL_TIME, None, []),
    ("Time Type", "Part time", Employment.PART_TIME, None, []),
    ("Job Type", ["Internship"], Employment.INTERN, None, []),
    ("Employment Type", None, None, None, []),
    ("Employment Type", "Zzz", None, None, ["EMPLOYMENT_TYPE_UNKNOWN"]),
    ("Employment Type", True, None, None, []),
    ("Workplace Type", "Hybrid", None, Workplace.HYBRID, []),
    ("Location Type", "Remote", None, Workplace.REMOTE, []),
    ("Salary", {"unit": "USD", "amount": "5"}, None, None, []),
    ("Company Type", "Full-time", None, None, []),
]


@pytest.mark.parametrize(("name", "value", "employment", "workplace", "codes"), METADATA)
def test_customer_fields(name, value, employment, workplace, codes):
    """Types come from fields of that name, whatever the customer keeps in the others."""
    members = {"metadata": [{"id": 1, "name": name, "value": value}]}
    read = job(**members)
    assert (read.employment_type, read.workplace_type) == (employment, workplace)
    assert warnings(**members) == codes


HOURLY_PROSE = "<p>Compensation: $21.50 - $26 per hour</p>"
RANGES = [
    # min, max, currency, title, blurb, prose, interval, suggested, codes
    (2150, 2600, "USD", "Pay range", "", "", None, "HOUR", ["PAY_INTERVAL_UNKNOWN"]),
    (2150, 2600, "USD", "Pay range", "", HOURLY_PROSE, "HOUR", None, []),
    (2150, 2600, "USD", "Annual salary", "", HOURLY_PROSE, None, "HOUR",
     ["PAY_INTERVAL_IMPLAUSIBLE", "PAY_INTERVAL_UNKNOWN"]),
    (2150, 2600, "USD", "Range", "paid by the hour", "", "HOUR", None, []),
    (12000000, 16000000, "USD", "Pay range", "", "", None, "YEAR", ["PAY_INTERVAL_UNKNOWN"]),
    (12000000, 16000000, "SEK", "Pay range", "", "", None, None, ["PAY_INTERVAL_UNKNOWN"]),
    (500000000, 700000000, "JPY", "Annual", "", "", "YEAR", None, []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "currency", "title", "blurb", "prose", "interval", "suggested", "codes"), RANGES
)
def test_pay_ranges(low, high, currency, title, blurb, prose, interval, suggested, codes):
    """Cents are hundredths; a period is what the title, the blurb or the same figure says."""
    ranges = [
        {
            "min_cents": low,
            "max_cents": high,
            "currency_type": currency,
            "title": title,
            "blurb": blurb,
        }
    ]
    members = {"pay_input_ranges": ranges, "content": html.escape(f"<p>Work.</p>{prose}")}
    (found,) = normalizing.pay(job(**members))
    scale = 100 if currency == "JPY" else 1
    assert found[:5] == (low // scale, high // scale, currency, interval, suggested)
    assert found[5:] == (title, "FIELD")
    assert warnings(**members) == codes


def test_each_range_is_kept_with_its_title():
    """Two places with two ranges are two ranges."""
    one = {"min_cents": 2150, "max_cents": 2600, "currency_type": "USD", "title": "Ohio hourly"}
    two = {"min_cents": 2350, "max_cents": None, "currency_type": "USD", "title": "Texas hourly"}
    found = normalizing.pay(job(pay_input_ranges=[one, two]))
    assert [(low, high, label) for low, high, *_, label, _ in found] == [
        (2150, 2600, "Ohio hourly"),
        (2350, None, "Texas hourly"),
    ]


MARKUP = (
    '<div class="content-pay-transparency"><div class="pay-input"><div class="description">x</div>'
    '<div class="title">Hourly range</div><div class="pay-range"><span>$50</span>'
    '<span class="divider">&mdash;</span><span>$70 USD</span></div></div></div>'
)


def test_pay_markup_goes_before_prose():
    """The block that Greenhouse writes beats a sentence with other figures."""
    content = html.escape(f"<p>Base salary: $90,000 - $99,000 per year</p>{MARKUP}")
    read = job(pay_input_ranges=..., content=content)
    assert normalizing.pay(read) == [(5000, 7000, "USD", "HOUR", None, "Hourly range", "MARKUP")]


def test_structured_pay_goes_before_markup():
    """A field of the record beats everything in the description, even when they differ."""
    read = job(content=html.escape(MARKUP))
    assert [source for *_, source in normalizing.pay(read)] == ["FIELD"]


def test_prose_pay_is_read_last_and_said_so():
    """Without any field the description's base pay is taken, with a warning."""
    members = {"pay_input_ranges": ..., "content": html.escape(HOURLY_PROSE)}
    assert normalizing.pay(job(**members)) == [(2150, 2600, "USD", "HOUR", None, None, "PROSE")]
    assert warnings(**members) == ["CURRENCY_INFERRED", "PAY_FROM_TEXT"]


def test_several_ranges_in_prose_are_told_apart_by_their_names():
    """Each is kept with its own; without names, which one is meant can't be told."""
    content = html.escape("<p>Pay in Ohio: $20 per hour</p><p>Pay in Texas: $18 per hour</p>")
    members = {"pay_input_ranges": ..., "content": content}
    assert [pay[5] for pay in normalizing.pay(job(**members))] == ["Pay in Ohio", "Pay in Texas"]
    members["content"] = html.escape("<p>Pay: $20 per hour</p><p>Base pay: $18 per hour</p>")
    assert normalizing.pay(job(**members)) == []
    assert warnings(**members) == ["PAY_AMBIGUOUS"]


DEPARTMENTS = [
    ([], None, None),
    ([("1", "Docks", None)], "Docks", None),
    ([("1", "Operations", None), ("2", "Docks", "1")], "Operations", "Docks"),
    ([("2", "Docks", "1"), ("1", "Operations", None)], "Operations", "Docks"),
    ([("2", "Docks", "99")], "Docks", None),
]


@pytest.mark.parametrize(("entries", "department", "team"), DEPARTMENTS)
def test_departments(entries, department, team):
    """The root is the department, the leaf the team."""
    known = [{"id": i, "name": name, "parent_id": parent} for i, name, parent in entries]
    read = job(departments=known)
    assert (read.department, read.team) == (department, team)


def test_a_prospect_post_is_marked():
    """No internal job stands behind it; an absent member says nothing."""
    assert job(internal_job_id=None).prospect
    assert warnings(internal_job_id=None) == ["PROSPECT_POST"]
    assert not job(internal_job_id=...).prospect
    assert job(title="Join our Talent Community").prospect


def test_a_link_of_another_job_is_noted():
    """Twins share texts, but a link names one job."""
    url = "https://boards.greenhouse.io/northdepot/jobs/1234567"
    assert warnings(absolute_url=url) == ["URL_NAMES_ANOTHER_JOB"]


def test_a_requisition_id_may_be_a_number():
    """It is free text, and not unique."""
    assert job(requisition_id=303).requisition_id == "303"
    assert job(requisition_id=303.0).requisition_id == "303"
    assert job(requisition_id=None).requisition_id is None


HARVEST_STATUSES = [
    ({"status": "open"}, OfferStatus.OPEN, True, []),
    ({"status": "closed"}, OfferStatus.CLOSED, True, []),
    ({"status": "draft"}, OfferStatus.DRAFT, True, []),
    ({"status": "open", "confidential": True}, OfferStatus.UNLISTED, False, []),
    ({"status": "paused"}, OfferStatus.UNKNOWN, True, ["STATUS_UNKNOWN"]),
]


@pytest.mark.parametrize(("members", "status", "listed", "codes"), HARVEST_STATUSES)
def test_a_harvest_job_states_its_status(members, status, listed, codes):
    """An unknown one never closes a role."""
    payload = changed(HARVEST_JOB, **members)
    read = normalizing.job(G, payload)
    assert (read.status, read.listed) == (status, listed)
    assert [c for c in normalizing.warnings(G, payload) if c.startswith("STATUS")] == codes


def test_a_harvest_job_has_a_name_and_a_salary_range():
    """Major units, no period, offices for places."""
    read = normalizing.job(G, HARVEST_JOB)
    assert (read.title, read.external_job_id) == ("Dock Lead", "9001")
    assert normalizing.pay(read) == [(5200000, 6150000, "USD", None, "YEAR", None, "FIELD")]
    assert normalizing.places(read) == ["Columbus/Ohio/US"]
    assert read.employment_type is Employment.FULL_TIME
    assert "description" in read.omitted


POSTS = [
    ({"live": True}, OfferStatus.OPEN),
    ({"live": True, "external": False}, OfferStatus.UNLISTED),
    ({"live": False}, OfferStatus.CLOSED),
    ({"live": False, "first_published_at": None}, OfferStatus.DRAFT),
    ({"live": False, "first_published_at": None, "active": False}, OfferStatus.CLOSED),
]


@pytest.mark.parametrize(("members", "status"), POSTS)
def test_a_harvest_post_is_open_while_it_is_live(members, status):
    """Its content is plain HTML: nothing is unescaped."""
    read = normalizing.job(G, changed(HARVEST_POST, content="<p>a &amp;lt; b</p>", **members))
    assert read.status is status
    assert read.description_text == "a &lt; b"
