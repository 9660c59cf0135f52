"""Free words for employment, workplace and interval."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.record import Employment, Interval, Workplace
from xaigh_server.ats.providers.text import vocabulary

FULL, PART = Employment.FULL_TIME, Employment.PART_TIME
CONTRACT, TEMPORARY, INTERN = Employment.CONTRACT, Employment.TEMPORARY, Employment.INTERN
REMOTE, HYBRID, ONSITE = Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE

EMPLOYMENT = {
    FULL: "full time|Full-time|Full-Time|fulltime|FullTime|FULL_TIME|Permanent|Regular|CDI|Vollzeit"
    "|unbefristet|Regular Full-Time|Full-time, Permanent",
    PART: "part time|Part-Time|PartTime|PART_TIME|Regular Part-Time|per diem|PER_DIEM|Teilzeit"
    "|mi-temps|Minijob|Permanent Part Time",
    CONTRACT: "Contract|Contractor|CONTRACTOR|Direct Contract|Freelance|1099|Fixed Term|CDD"
    "|befristet|Full-Time Contract|(1099 Contract)",
    TEMPORARY: "Temporary|Temp|Seasonal|Short Term|TEMPORARY|Seasonal (Fixed Term)"
    "|Part time, Seasonal",
    INTERN: "Intern|Internship|INTERN|Co-op|Praktikum|Stage|Werkstudent (20 Std./Woche)|Apprentice"
    "|Intern / Co-op|Full time, Intern",
    None: "Full-time / part-time|Other|OTHER|VOLUNTEER||-|Exempt|international|template"
    "|Contract or Permanent|Full time or Contract|Salaried",
}
WORKPLACE = {
    REMOTE: "remote|Remote|REMOTE|TELECOMMUTE|telecommute|Fully Remote|Home Office|WFH|100% remote",
    HYBRID: "hybrid|Hybrid|Flex|Flexible|partially remote",
    ONSITE: "onsite|on-site|OnSite|Onsite|In Office|in person|vor Ort|In-Office",
    None: "unspecified||Optional|Not remote|Remote or On-site|somewhere|remoteness",
}
INTERVALS = {
    Interval.YEAR: "year|YEAR|annual|Annual|per annum|/yr|/Yr.|p.a.|per-year-salary|1 YEAR|yearly",
    Interval.HOUR: "hour|HOURLY|Hourly|/hr|per-hour-wage|1 HOUR|/Hr.|an hour",
    Interval.MONTH: "month|1 MONTH|per-month-salary|Monthly|per month",
    Interval.WEEK: "week|1 WEEK|per-week-salary|weekly",
    Interval.DAY: "day|1 DAY|per-day-wage|per diem|daily",
    Interval.BIWEEK: "bi-week|2 WEEKS|bi-week-salary|fortnight|Biweekly|BIWEEKLY",
    Interval.SEMIMONTH: "semi-month|semi-month-salary|twice a month",
    Interval.ONE_TIME: "one-time|ONE_TIME|One time",
    None: "NONE||bi-month-salary|salary|hourly or yearly|PA|whenever|payday|birthday",
}


def table(words):
    return [(text, value) for value, texts in words.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "kind"), table(EMPLOYMENT))
def test_employment(text, kind):
    """The nature of a contract before its hours; a choice, or an unknown word, is no answer."""
    assert vocabulary.employment(text) is kind


@pytest.mark.parametrize(("text", "kind"), table(WORKPLACE))
def test_workplace(text, kind):
    """ "Unspecified" and "optional" are not on-site, nor anything else."""
    assert vocabulary.workplace(text) is kind


@pytest.mark.parametrize(("text", "period"), table(INTERVALS))
def test_interval(text, period):
    """One period, in the words of every provider; twice a month is not every two months."""
    assert vocabulary.interval(text) is period


def test_several_values_must_agree():
    """A list of types is a choice unless all of them say the same."""
    assert vocabulary.employment_of(["FULL_TIME", "FullTime"]) is FULL
    assert vocabulary.employment_of(["FULL_TIME", "PART_TIME"]) is None
    assert vocabulary.employment_of([]) is None


@pytest.mark.parametrize(
    ("text", "employment", "workplace"),
    [
        ("Full-Time", True, False),
        ("Part-Time / Seasonal", True, False),
        ("Remote", False, True),
        ("On-site", False, True),
        ("USD $47,740.00/Yr.", False, False),
        ("Full-Time Store Leads", False, False),
        ("", False, False),
    ],
)
def test_a_label_says_nothing_else(text, employment, workplace):
    """A customer's tag counts only when all of its words are of the vocabulary."""
    assert vocabulary.is_employment_label(text) is employment
    assert vocabulary.is_workplace_label(text) is workplace
