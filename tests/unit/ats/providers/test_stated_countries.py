"""What a provider states of a country stands, whatever the text beside it suggests."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness import normalizing as reading
from tests.harness import provider_records as samples

from xaigh_server.ats.providers.custom.fieldmap import parse_field_map
from xaigh_server.ats.providers.options import DEFAULTS, NormalizeOptions
from xaigh_server.ats.providers.pay.currencies import currency_of_country
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.places.cities import HOMES
from xaigh_server.ats.providers.places.countries import (
    ALPHA_2,
    COUNTRY_NAMES,
    STATE_CODES,
    STATE_NAMES,
)
from xaigh_server.ats.providers.places.names import folded
from xaigh_server.ats.providers.places.place_codes import readings
from xaigh_server.ats.providers.record import Provider

FIELD_MAP, _ = parse_field_map(
    {
        "externalJobId": "id",
        "title": "title",
        "locations": "where",
        "locations.country": "country",
        "pay.min": "low",
        "pay.max": "high",
        "pay.interval": "per",
    }
)
UNPAID = "<p>Salary range: $50,000 - $60,000 per year</p>"


def workday_detail(text, country):
    return samples.changed(
        samples.WORKDAY_DETAIL,
        jobPostingInfo__location=text,
        jobPostingInfo__additionalLocations=[],
        jobPostingInfo__country=...,
        jobPostingInfo__jobRequisitionLocation={"country": {"alpha2Code": country}},
        jobPostingInfo__jobDescription=UNPAID,
    )


def workday_rest(text, country):
    alpha_3 = next(code for code, two in ALPHA_2.items() if two == country and len(code) == 3)
    place = {"descriptor": text, "country": {"alpha3Code": alpha_3}}
    return samples.changed(
        samples.WORKDAY_REST,
        primaryLocation=place,
        additionalLocations=[],
        jobDescription=UNPAID,
    )


def lever(text, country):
    pay = {"min": 50000, "max": 60000, "interval": "per-year-salary"}
    categories = {"location": text, "allLocations": [text]}
    return samples.changed(samples.LEVER, categories=categories, country=country, salaryRange=pay)


def _ashby(text, **address):
    salary = {"compensationType": "Salary", "minValue": 1, "maxValue": 2, "interval": "1 HOUR"}
    return samples.changed(
        samples.ASHBY,
        location=text,
        address={"postalAddress": address},
        secondaryLocations=[],
        compensation={"compensationTiers": [{"title": "All", "components": [salary]}]},
    )


def ashby(text, country):
    return _ashby(text, addressCountry=country)


def ashby_address(text, country):
    return _ashby(text, addressLocality="Springdale", addressCountry=country)


def icims_attract(text, country):
    data = {"slug": "1", "title": "Dock Lead", "full_location": text, "country_code": country}
    pay = {"salary_min_value": 20, "salary_max_value": 25, "salary_frequency": "HOURLY"}
    return {"data": {**data, **pay}}


def job_posting(text, country):
    return samples.changed(
        samples.JOB_POSTING,
        jobLocation={"name": text, "address": {"addressRegion": text, "addressCountry": country}},
        baseSalary={"value": {"minValue": 20, "maxValue": 25, "unitText": "HOUR"}},
    )


def normalized(text, country):
    return samples.changed(
        samples.NORMALIZED, locations=[{"raw": text, "country": country}], pay=[]
    )


def mapped(text, country):
    job = {"id": "1", "title": "Dock Lead", "where": text, "country": country}
    return {**job, "low": 20, "high": 25, "per": "hour"}


def _name(country):
    return next(name for name, code in COUNTRY_NAMES.items() if code == country)


STATING = {
    make.__name__: (provider, make, options)
    for provider, make, options in [
        (Provider.WORKDAY, workday_detail, DEFAULTS),
        (Provider.WORKDAY, workday_rest, DEFAULTS),
        (Provider.LEVER, lever, DEFAULTS),
        (Provider.ASHBY, ashby, DEFAULTS),
        (Provider.ASHBY, ashby_address, DEFAULTS),
        (Provider.ICIMS, icims_attract, DEFAULTS),
        (Provider.CUSTOM, job_posting, DEFAULTS),
        (Provider.CUSTOM, normalized, DEFAULTS),
        (Provider.CUSTOM, mapped, NormalizeOptions(field_map=FIELD_MAP)),
    ]
}
CASES = [
    # text, stated country
    ("Warehouse 4, Indianapolis, IN", "US"),
    ("Downtown Branch, San Diego, CA", "US"),
    ("Fishers, IN", "US"),
    ("Kochi, IN", "IN"),
    ("Toronto, CA", "CA"),
    ("Bonn, DE", "DE"),
    ("Wilmington, DE", "US"),
    ("Perth, WA", "AU"),
    ("Casablanca, MA", "MA"),
    ("Bogota, CO", "CO"),
    ("CA-ON-Toronto", "CA"),
    ("Mumbai, MH", "IN"),
]
TEXT_READERS = ["workday_detail", "workday_rest", "lever", "ashby", "icims_attract", "mapped"]


def taken(name, text, country):
    provider, make, options = STATING[name]
    return reading.taken(provider, make(text, country), options)


@pytest.mark.parametrize("name", TEXT_READERS)
@pytest.mark.parametrize(("text", "country"), CASES)
def test_a_code_is_read_as_the_stated_country_has_it(name, text, country):
    """Neither a warehouse in front nor a code of two countries changes what the record states."""
    found = taken(name, text, country)
    assert [place.country for place in found.job.locations] == [country]
    told = {warning.code.value for warning in found.warnings}
    assert not told & {"COUNTRY_UNKNOWN", "LOCATION_CONFLICT"}


@pytest.mark.parametrize("name", TEXT_READERS)
@pytest.mark.parametrize(
    ("text", "country"), [("Leeds, UK", "US"), ("Toronto, Canada", "IN"), ("Israel", "DE")]
)
def test_a_text_of_another_country_is_told_and_changes_nothing(name, text, country):
    """The stated country stands beside the raw text; the contradiction is a warning."""
    found = taken(name, text, country)
    assert [(p.raw, p.city, p.country) for p in found.job.locations] == [(text, None, country)]
    assert "LOCATION_CONFLICT" in [warning.code.value for warning in found.warnings]


def currency(name, text, country):
    return {pay.currency for pay in taken(name, text, country).job.pay}


@pytest.mark.parametrize("name", ["lever", "ashby", "icims_attract", "mapped"])
def test_pay_without_a_currency_is_in_that_of_the_stated_country(name):
    """The text's country has no say in what money is."""
    assert currency(name, "Warehouse 4, Indianapolis, IN", "US") == {"USD"}
    assert currency(name, "Downtown Branch, San Diego, CA", "US") == {"USD"}
    assert currency(name, "Leeds, UK", "US") == {"USD"}
    assert currency(name, "San Francisco, CA", "IN") == {"INR"}


@pytest.mark.parametrize("name", ["workday_detail", "workday_rest"])
def test_a_dollar_is_that_of_the_country_that_the_record_states(name):
    """The text's country has no say; where the stated one has no dollar, it is unknown."""
    assert currency(name, "Warehouse 4, Indianapolis, IN", "US") == {"USD"}
    assert currency(name, "San Francisco, CA", "AU") == {"AUD"}
    assert currency(name, "San Francisco, CA", "DE") == {None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CA-ON-Toronto", "Toronto/ON/CA"),
        ("US-CA-San Diego", "San Diego/CA/US"),
        ("GB-ENG-London", "London/ENG/GB"),
        ("DE-BE-Berlin", "Berlin/BE/DE"),
        ("AU-NSW-Sydney", "Sydney/NSW/AU"),
    ],
)
def test_a_location_code_of_icims_starts_with_its_country(text, expected):
    """The first segment is the country where the second is a state of it."""
    profile = samples.changed(samples.ICIMS_PROFILE, joblocation={"id": 4, "value": text})
    assert reading.places(reading.job(Provider.ICIMS, profile)) == [expected]
    assert reading.warnings(Provider.ICIMS, profile) == []


@pytest.mark.parametrize("members", [{"country_code": "CA"}, {"country_code": "IN"}])
def test_two_statements_that_differ_leave_the_country_unknown(members):
    """A state's code in the member of the country's is no better than the country's name."""
    stated = {f"data__{key}": value for key, value in members.items()}
    record = samples.changed(samples.ICIMS_ATTRACT, **stated)
    assert [place.country for place in reading.job(Provider.ICIMS, record).locations] == [None]
    assert "LOCATION_CONFLICT" in reading.warnings(Provider.ICIMS, record)


def test_a_territory_and_its_country_do_not_differ():
    """Puerto Rico is stated by its own code beside the name of the United States."""
    record = samples.changed(samples.ICIMS_ATTRACT, data__country_code="PR", data__state="PR")
    assert [place.country for place in reading.job(Provider.ICIMS, record).locations] == ["PR"]
    assert reading.warnings(Provider.ICIMS, record) == []


OFFICES = [
    # location.name, office name, office location, country, warnings
    ("Kochi, IN", "Kochi", "Kochi, Kerala, India", "IN", []),
    ("Fishers, IN", "Fishers", "Fishers, Indiana, United States", "US", []),
    ("Fishers, IN", "Midwest", "Chicago, Illinois, United States", "US", []),
    ("Fishers, IN", "Europe", "Paris, France", "US", []),
    ("Fishers, IN", "Other", None, "US", []),
    ("Springdale, IN", "Other", None, None, ["COUNTRY_UNKNOWN"]),
    ("Springdale, IN", "Midwest", "Chicago, Illinois, United States", "US", []),
    ("Springdale, IN", "Europe", "Paris, France", None, ["COUNTRY_UNKNOWN"]),
    ("Kochi, IN", "HQ", "Chicago, Illinois, United States", None, ["COUNTRY_UNKNOWN"]),
    ("Kochi, IN", "Bengaluru", "Bengaluru, Karnataka, India", "IN", []),
    ("Bonn, DE", "Germany", None, "DE", []),
    ("Bonn, DE", "Bonn Office", "Bonn, Germany", "DE", []),
    ("Bonn, DE", "Other", None, None, ["COUNTRY_UNKNOWN"]),
    ("Perth, WA", "Sydney", "Sydney, New South Wales, Australia", "AU", []),
    ("Perth, WA", "Perth", "Perth, Western Australia, Australia", "AU", []),
    ("Perth, WA", "Seattle", "Seattle, Washington, United States", None, ["COUNTRY_UNKNOWN"]),
    ("San Diego, CA", "San Diego", "San Diego, California, United States", "US", []),
    ("San Jose, CA", "San Jose", "San José, Costa Rica", None, ["LOCATION_CONFLICT"]),
    ("Toronto, CA", "Toronto", "Toronto, California, United States", "US", []),
    ("Toronto, CA", "HQ", "Chicago, Illinois, United States", None, ["COUNTRY_UNKNOWN"]),
    ("London, UK", "London", "London, Ontario, Canada", "GB", []),
    ("Leeds", "Leeds", "Leeds, England, United Kingdom", "GB", []),
    ("CA", "HQ", "United States", "US", []),
]


@pytest.mark.parametrize(("name", "office", "where", "country", "codes"), OFFICES)
def test_an_office_states_the_country_that_a_name_only_suggests(
    name, office, where, country, codes
):
    """The office there goes before a suggestion, and settles a code of several countries."""
    offices = [{"id": 2, "name": office, "location": where}]
    post = samples.changed(samples.GREENHOUSE, location={"name": name}, offices=offices)
    assert [p.country for p in reading.job(Provider.GREENHOUSE, post).locations] == [country]
    assert reading.warnings(Provider.GREENHOUSE, post) == codes


def test_an_office_without_a_city_is_at_no_place_of_several():
    """Of two places neither is where an office is that says no city."""
    post = samples.changed(
        samples.GREENHOUSE,
        location={"name": "CA; Leeds"},
        offices=[{"id": 2, "name": "HQ", "location": "United States"}],
    )
    assert reading.places(reading.job(Provider.GREENHOUSE, post)) == ["//", "Leeds//"]


def test_an_empty_country_states_nothing():
    """A member that holds nothing is no object and no fault."""
    place = {"descriptor": "Leeds, UK", "country": ""}
    post = samples.changed(samples.WORKDAY_REST, primaryLocation=place, additionalLocations=[])
    assert reading.places(reading.job(Provider.WORKDAY, post)) == ["Leeds//GB"]


@pytest.mark.parametrize(
    ("kind", "name", "country"),
    [
        ("Country", "CA", "CA"),
        ("State", "CA", "US"),
        ("State", "Texas", "US"),
        ("State", "Georgia", "US"),
        ("State", "Ontario", "CA"),
        ("State", "Bavaria", "DE"),
        ("State", "WA", None),
        (..., "Georgia", None),
        (..., "India", "IN"),
    ],
)
def test_applicants_are_of_a_country_only_where_it_is_one(kind, name, country):
    """A requirement of another type may be a state called like a country."""
    wanted = {"name": name} if kind is ... else {"@type": kind, "name": name}
    record = samples.changed(
        samples.JOB_POSTING,
        jobLocation=[],
        jobLocationType="TELECOMMUTE",
        applicantLocationRequirements=wanted,
    )
    assert [p.country for p in reading.job(Provider.CUSTOM, record).locations] == [country]


SOLE = sorted({code for code in ALPHA_2.values() if code in COUNTRY_NAMES.values()})
WORDS = st.one_of(
    st.sampled_from(sorted({*ALPHA_2, *(c for codes in STATE_CODES.values() for c in codes)})),
    st.sampled_from(sorted(name.title() for name in (*COUNTRY_NAMES, *HOMES))),
    st.sampled_from(["Remote", "Warehouse 4", "HQ", "Hybrid", "12 Main St", "46038", "(Store 7)"]),
    st.text(max_size=12),
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([", ", " - ", "-", " ", ".", "; "])), max_size=5)


@pytest.mark.parametrize("name", sorted(STATING))
@given(parts=TEXTS, country=st.sampled_from(SOLE))
@settings(max_examples=150, deadline=None)
def test_no_text_ever_overrides_a_stated_country(name, parts, country):
    """Whatever the text, the first place is in the stated country or none, and so is its money."""
    text = "".join(word + separator for word, separator in parts)
    found = taken(name, text, country).job
    assert {place.country for place in found.locations[:1]} <= {country, None}
    told = {pay.currency for pay in found.pay}
    assert told <= {currency_of_country(country), None}


PLAINLY_NAMED = [
    code
    for code in SOLE
    if places.read(f"Springdale, {_name(code)}") == places.read(f"Springdale, {_name(code)}", code)
]
SHARED_CODES = sorted(code for code in ALPHA_2 if len(readings(code)) > 1)
# A city that has the name of a country ("Singapore") states that country by its name.
CITIES = st.sampled_from(
    sorted({name.title() for name in HOMES if name not in COUNTRY_NAMES} | {"Springdale"})
)


HOMES_OF_ONE = sorted(
    (name.title(), *homes[0]) for name, homes in HOMES.items() if len({h[0] for h in homes}) == 1
)
FORMS = [
    *("{city}, {country}", "{country}, {city}", "{country} - {city}", "Depot 4, {city}, {country}"),
    *("{city}", "Remote - {city}", "{code}-{city}", "{code}-99-{city}", "{city}, {code}"),
]


@given(home=st.sampled_from(HOMES_OF_ONE), form=st.sampled_from(FORMS))
@settings(max_examples=400, deadline=None)
def test_a_known_city_is_never_put_into_another_country_without_a_warning(home, form):
    """Alone, in front of its country or behind it, by name or by code."""
    city, land, _ = home
    if city.casefold() in COUNTRY_NAMES or folded(city) in STATE_NAMES:
        return
    text = form.format(city=city, country=_name(land), code=land)
    found, codes = reading.read_places(text)
    wrong = [place for place in found if place.rstrip("*").rpartition("/")[2] not in ("", land)]
    assert not wrong or codes, (text, found)


@given(city=CITIES, code=st.sampled_from(SHARED_CODES), country=st.sampled_from(PLAINLY_NAMED))
@settings(max_examples=300, deadline=None)
def test_a_code_of_several_countries_never_overrides_the_office_there(city, code, country):
    """The office of that city states the country; the name's code may only agree with it."""
    office = {"id": 2, "name": city, "location": f"{city}, {_name(country)}"}
    post = samples.changed(
        samples.GREENHOUSE, location={"name": f"{city}, {code}"}, offices=[office]
    )
    assert reading.job(Provider.GREENHOUSE, post).locations[0].country in (country, None)
