"""schema.org JobPosting in every form that schema.org allows its members."""

from __future__ import annotations

from typing import Any

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import JOB_POSTING, changed

from xaigh_server.ats.providers.record import Employment, NormalizedJob, Provider, Workplace

C = Provider.CUSTOM
BERLIN: dict[str, Any] = {"address": {"addressLocality": "Berlin", "addressCountry": "DE"}}


def posting(**members: object) -> NormalizedJob:
    return normalizing.job(C, changed(JOB_POSTING, description="<p>A job</p>", **members))


def codes(**members: object) -> list[str]:
    return normalizing.warnings(C, changed(JOB_POSTING, description="<p>A job</p>", **members))


HOURS = {"minValue": 20, "maxValue": 25, "unitText": "HOUR"}
SALARIES = [
    # baseSalary, salaryCurrency, (min, max, currency, interval, suggested, label)
    (52000, "USD", [(5200000, 5200000, "USD", None, "YEAR", None)]),
    (25.5, "USD", [(2550, 2550, "USD", None, "HOUR", None)]),
    ("52000", "EUR", [(5200000, 5200000, "EUR", None, "YEAR", None)]),
    ("52.000", "EUR", [(5200000, 5200000, "EUR", None, "YEAR", None)]),
    ("1.250,50", "EUR", [(125050, 125050, "EUR", None, None, None)]),
    ("$20 - $25 per hour", "USD", [(2000, 2500, "USD", "HOUR", None, None)]),
    ("45.000 – 55.000 € pro Jahr", None, [(4500000, 5500000, "EUR", "YEAR", None, None)]),
    ("30-40 K€ brut annuel", None, [(3000000, 4000000, "EUR", "YEAR", None, None)]),
    ("₹12,00,000 per annum", None, [(120000000, 120000000, "INR", "YEAR", None, None)]),
    ("up to 60000 GBP", None, [(None, 6000000, "GBP", None, "YEAR", None)]),
    ("0.65 USD per mile", None, [(65, 65, "USD", None, None, "per mile")]),
    ("Competitive", None, []),
    ("DOE", "USD", []),
    ("", "USD", []),
    (None, "USD", []),
    (0, "USD", []),
    (["20", "25"], "USD",
     [(2000, 2000, "USD", None, "HOUR", None), (2500, 2500, "USD", None, "HOUR", None)]),
    ([{"currency": "USD", "value": HOURS}, 52000], None,
     [(2000, 2500, "USD", "HOUR", None, None), (5200000, 5200000, "EUR", None, "YEAR", None)]),
    ({"currency": "USD", "value": "20-25"}, None, [(2000, 2500, "USD", None, "HOUR", None)]),
    ({"currency": "EUR", "value": {"value": "2.000 - 2.500", "unitText": "MONTH"}}, None,
     [(200000, 250000, "EUR", "MONTH", None, None)]),
    ({"currency": "USD", "value": {"minValue": "20.50", "maxValue": "25", "unitCode": "HUR"}}, None,
     [(2050, 2500, "USD", "HOUR", None, None)]),
    ({"priceCurrency": "GBP", "price": 30000, "unitText": "per annum"}, None,
     [(3000000, 3000000, "GBP", "YEAR", None, None)]),
    ({"priceCurrency": "GBP", "minPrice": 12, "maxPrice": 15, "unitCode": "HUR"}, None,
     [(1200, 1500, "GBP", "HOUR", None, None)]),
    ({"value": HOURS}, "CAD", [(2000, 2500, "CAD", "HOUR", None, None)]),
    ({"currency": "USD", "value": {"minValue": 90, "unitText": "VISIT"}}, None,
     [(9000, None, "USD", None, None, "per visit")]),
    ({"currency": "USD", "value": {"minValue": 2000, "unitText": "2 WEEKS"}}, None,
     [(200000, None, "USD", "BIWEEK", None, None)]),
    ({"currency": "USD", "name": "Base", "value": HOURS}, None,
     [(2000, 2500, "USD", "HOUR", None, "Base")]),
    ({"currency": "USD", "name": "Sign-on bonus", "value": 5000}, None, []),
]  # fmt: skip


@pytest.mark.parametrize(("salary", "currency", "expected"), SALARIES)
def test_base_salary_in_every_form(salary, currency, expected):
    """Objects of two kinds, numbers, texts, and lists of them; a currency of its own member."""
    read = posting(baseSalary=salary, salaryCurrency=currency, jobLocation=BERLIN)
    assert [pay[:6] for pay in normalizing.pay(read)] == expected


@pytest.mark.parametrize("salary", [True, [[1]], [False]])
def test_what_is_no_amount_is_refused(salary):
    """Neither a number, nor a text, nor an object."""
    normalizing.refused(C, changed(JOB_POSTING, baseSalary=salary))


@pytest.mark.parametrize(
    ("salary", "expected"),
    [
        (0, ["PAY_ZERO_IGNORED"]),
        ("20 or 25 or 30 EUR", ["PAY_AMBIGUOUS"]),
        ("Competitive", []),
        ("40-60 EUR OTE", ["PAY_AMBIGUOUS"]),
        ({"value": HOURS}, ["CURRENCY_INFERRED"]),
        ({"currency": "$", "value": HOURS}, ["CURRENCY_UNKNOWN"]),
        (
            {"currency": "EUR", "value": {"value": 45, "unitText": "YEAR"}},
            ["PAY_INTERVAL_IMPLAUSIBLE", "PAY_INTERVAL_UNKNOWN"],
        ),
    ],
)
def test_every_doubt_about_pay_is_a_warning(salary, expected):
    """Words without figures are none."""
    assert codes(baseSalary=salary, jobLocation=BERLIN) == expected


LOCATIONS: list[tuple[Any, list[str]]] = [
    ("Berlin, Germany", ["Berlin//DE"]),
    (["Berlin, Germany", "Vienna, Austria"], ["Berlin//DE", "Vienna//AT"]),
    ({"@type": "Place", "name": "Berlin, Germany"}, ["Berlin//DE"]),
    ({"@type": "Place", "address": "Berlin, Germany"}, ["Berlin//DE"]),
    (
        {"@type": "PostalAddress", "addressLocality": "Berlin", "addressCountry": "DE"},
        ["Berlin//DE"],
    ),
    (
        {"@type": "Place", "address": [BERLIN["address"], "Vienna, Austria"]},
        ["Berlin//DE", "Vienna//AT"],
    ),
    ([BERLIN, None, "Vienna, Austria"], ["Berlin//DE", "Vienna//AT"]),
    (dict(BERLIN, name="Head office"), ["Berlin//DE"]),
    ("", []),
    ([], []),
    (None, []),
]  # fmt: skip


@pytest.mark.parametrize(("location", "expected"), LOCATIONS)
def test_job_location_in_every_form(location, expected):
    """Places, addresses and texts, alone or in a list."""
    assert normalizing.places(posting(jobLocation=location)) == expected


def test_a_number_for_a_place_is_kept_as_its_text():
    """Nothing is concluded from it."""
    assert [place.raw for place in posting(jobLocation=94103).locations] == ["94103"]


REMOTE = Workplace.REMOTE
TYPES = [
    ("TELECOMMUTE", REMOTE, []),
    (["TELECOMMUTE"], REMOTE, []),
    ("telecommute", REMOTE, []),
    ("https://schema.org/TELECOMMUTE", REMOTE, []),
    (["TELECOMMUTE", "TELECOMMUTE"], REMOTE, []),
    ("Hybrid", Workplace.HYBRID, []),
    (["On-site"], Workplace.ONSITE, []),
    (["TELECOMMUTE", "ONSITE"], None, ["WORKPLACE_TYPE_UNKNOWN"]),
    ("Somewhere", None, ["WORKPLACE_TYPE_UNKNOWN"]),
    ([], None, []),
    (None, None, []),
    ("", None, []),
]


@pytest.mark.parametrize(("stated", "kind", "warned"), TYPES)
def test_job_location_types(stated, kind, warned):
    """One, a list of one, a link; a list that contradicts itself says nothing."""
    assert posting(jobLocationType=stated).workplace_type is kind
    assert [code for code in codes(jobLocationType=stated) if "WORKPLACE" in code] == warned


APPLICANTS = [
    ({"@type": "Country", "name": "USA"}, ["//US*"]),
    ("Germany", ["//DE*"]),
    ([{"@type": "Country", "name": "US"}, "Canada"], ["//US*", "//CA*"]),
    ({"@type": "State", "name": "Texas"}, ["/Texas/US*"]),
    (
        [{"@type": "Country", "name": "US"}, {"@type": "State", "name": "Georgia"}],
        ["//US*", "/Georgia/US*"],
    ),
    ({"@type": "State", "name": "Georgia"}, ["/Georgia/US*"]),
    ({"@type": ["State"], "name": "Ontario"}, ["/Ontario/CA*"]),
    ({"@type": "https://schema.org/State", "name": "Ohio"}, ["/Ohio/US*"]),
    ({"@type": "State", "name": "Georgia", "containedInPlace": {"name": "USA"}}, ["/Georgia/US*"]),
    ({"@type": "City", "name": "Berlin, Germany"}, ["Berlin//DE*"]),
    (["Texas, USA", "Ohio, USA"], ["/Texas/US*", "/Ohio/US*"]),
    ({"address": {"addressRegion": "CA", "addressCountry": "US"}}, ["/CA/US*"]),
]  # fmt: skip


@pytest.mark.parametrize(("stated", "expected"), APPLICANTS)
def test_where_applicants_of_remote_work_may_be(stated, expected):
    """Countries, states and cities by their type; a state is never the country of its name."""
    read = posting(
        jobLocation=None, jobLocationType=["TELECOMMUTE"], applicantLocationRequirements=stated
    )
    assert normalizing.places(read) == expected


EMPLOYMENT = [
    ("FULL_TIME", Employment.FULL_TIME),
    (["FULL_TIME"], Employment.FULL_TIME),
    ("https://schema.org/FullTime", Employment.FULL_TIME),
    (["FULL_TIME", "FullTime"], Employment.FULL_TIME),
    ("PART_TIME, TEMPORARY", None),
    (["FULL_TIME", "CONTRACTOR"], None),
    (["INTERN"], Employment.INTERN),
    ("PER_DIEM", Employment.PART_TIME),
    ([], None),
]


@pytest.mark.parametrize(("stated", "kind"), EMPLOYMENT)
def test_employment_types(stated, kind):
    """One, or a list that agrees; a list of different ones is a choice."""
    assert posting(employmentType=stated).employment_type is kind


ASKED = [
    ({"qualifications": "<ul><li>A</li><li>B</li></ul>"}, ("A", "B")),
    ({"qualifications": ["A", "B"]}, ("A", "B")),
    ({"qualifications": [{"@type": "Credential", "name": "Licence"}]}, ("Licence",)),
    ({"experienceRequirements": {"description": "Two years"}}, ("Two years",)),
    ({"educationRequirements": {"credentialCategory": "bachelor degree"}}, ("bachelor degree",)),
    ({"skills": ["SQL", "Python"]}, ("SQL", "Python")),
    ({"qualifications": "", "skills": "SQL"}, ("SQL",)),
]


@pytest.mark.parametrize(("members", "expected"), ASKED)
def test_requirements_come_from_their_own_members_first(members, expected):
    """Texts, lists and objects, of the first member that is filled."""
    empty = dict.fromkeys(("qualifications", "experienceRequirements"))
    assert posting(**{**empty, **members}).requirements == expected
