"""Places of whole records: addresses and names, offices, forms of tenants, remote roles."""

from __future__ import annotations

import pytest
from tests.harness import normalizing
from tests.harness.provider_records import (
    ASHBY,
    GREENHOUSE,
    ICIMS_ATTRACT,
    ICIMS_PROFILE,
    LEVER,
    WORKDAY_DETAIL,
    changed,
)

from xaigh_server.ats.providers.record import Provider, Workplace

ADDRESSES = [
    # name, locality, region, country, the place
    ("Bavaria", "Munich", "Bavaria", "Germany", "Munich/Bavaria/DE"),
    ("California", "San Francisco", "California", "United States", "San Francisco/California/US"),
    ("Île-de-France", "Paris", "Île-de-France", "France", "Paris/Île-de-France/FR"),
    ("Ontario", "Toronto", "Ontario", "Canada", "Toronto/Ontario/CA"),
    ("New South Wales", "Sydney", "NSW", "Australia", "Sydney/NSW/AU"),
    ("Greater London", "London", "England", "United Kingdom", "London/England/GB"),
    ("Catalonia", "Barcelona", "Catalunya", "España", "Barcelona/Catalunya/ES"),
    ("Quebec", "Montreal", "Quebec", "Canada", "Montreal/Quebec/CA"),
    ("EMEA", "London", "EMEA", "United Kingdom", "London/EMEA/GB"),
    ("London, Europe", "London", "Europe", "UK", "London/Europe/GB"),
    ("North America (Remote)", "", "North America", "United States", "/North America/US*"),
    ("Bay Area", "San Francisco", "California", "US", "San Francisco/California/US"),
    ("Silicon Valley", "San Jose", "CA", "USA", "San Jose/CA/US"),
    ("SF HQ", "San Francisco", "CA", "USA", "San Francisco/CA/US"),
    ("NYC", "New York", "New York", "USA", "New York/New York/US"),
    ("München", "Munich", "Bayern", "DE", "Munich/Bayern/DE"),
    ("Bengaluru Office", "Bangalore", "Karnataka", "IN", "Bangalore/Karnataka/IN"),
    ("Kochi, IN", "Kochi", "Kerala", "India", "Kochi/Kerala/IN"),
    ("Tokyo", "東京", "東京都", "Japan", "東京/東京都/JP"),
    ("San Diego, CA", "San Diego", "CA", "", "San Diego/CA/US"),
    ("US Remote", "San Francisco", "California", "United States", "San Francisco/California/US*"),
]
PLACEHOLDERS = [
    ("Global", "San Francisco", "CA", "United States", "//"),
    ("Global", "", "", "USA", "//"),
    ("Remote - Global", "New York", "NY", "USA", "//*"),
    ("Worldwide", "", "Worldwide", "US", "//"),
    ("Anywhere", "", "", "United States", "//"),
    ("International", "Austin", "Texas", "US", "//"),
    ("Remote (EMEA)", "", "", "United States", "//*"),
    ("EMEA", "San Francisco", "California", "US", "//"),
    ("London", "San Francisco", "CA", "USA", "London//"),
    ("New York City", "Phoenix", "AZ", "US", "New York City//"),
    ("Chicago", "Austin", "TX", "US", "Chicago//"),
    ("Germany", "Austin", "", "US", "//"),
]


def ashby(name, locality, region, country):
    address = {
        "addressLocality": locality,
        "addressRegion": region,
        "addressCountry": country,
    }
    return changed(ASHBY, location=name, address={"postalAddress": address}, secondaryLocations=[])


@pytest.mark.parametrize(("name", "locality", "region", "country", "expected"), ADDRESSES)
def test_an_address_stays_beside_the_name_of_its_region_or_site(
    name, locality, region, country, expected
):
    """A region, a district, a site or another spelling is no other place."""
    record = ashby(name, locality, region, country)
    assert normalizing.places(normalizing.job(Provider.ASHBY, record)) == [expected]
    assert "LOCATION_CONFLICT" not in normalizing.warnings(Provider.ASHBY, record)


@pytest.mark.parametrize(("name", "locality", "region", "country", "expected"), PLACEHOLDERS)
def test_an_address_elsewhere_than_its_name_is_a_placeholder(
    name, locality, region, country, expected
):
    """The name counts, without a country, and the warning says so."""
    record = ashby(name, locality, region, country)
    assert normalizing.places(normalizing.job(Provider.ASHBY, record)) == [expected]
    assert "LOCATION_CONFLICT" in normalizing.warnings(Provider.ASHBY, record)


ICIMS = """
CA-ON-Toronto=Toronto/ON/CA|CA-BC-Vancouver=Vancouver/BC/CA|CA-QC-Montréal=Montréal/QC/CA
CA-AB-Calgary=Calgary/AB/CA|CA-NS-Halifax=Halifax/NS/CA|CA-NL-St. John's=St. John's/NL/CA
US-CA-San Diego=San Diego/CA/US|US-IN-Gary=Gary/IN/US|US-DE-Dover=Dover/DE/US
US-GA-Atlanta=Atlanta/GA/US|US-MN-St. Paul=St. Paul/MN/US
US-NC-Winston-Salem=Winston-Salem/NC/US
US-VA-Norfolk=Norfolk/VA/US|US-NY-Jamaica=Jamaica/NY/US|US-CA-Ontario=Ontario/CA/US
US-CA-San Diego-Downtown=San Diego/CA/US|US-PR-San Juan=San Juan/PR/US
IN-KA-Bangalore=Bangalore/KA/IN|IN-MH-Mumbai=Mumbai/MH/IN|IN-TN-Chennai=Chennai/TN/IN
DE-BY-München=München/BY/DE|DE-BE-Berlin=Berlin/BE/DE|DE-Munich=Munich//DE
GB-ENG-London=London/ENG/GB|UK-London=London//GB|IE-D-Dublin=Dublin/D/IE
AU-NSW-Sydney=Sydney/NSW/AU|AU-WA-Perth=Perth/WA/AU|AU-SA-Adelaide=Adelaide/SA/AU
BR-SP-São Paulo=São Paulo/SP/BR|BR-PR-Curitiba=Curitiba/PR/BR
MX-JAL-Guadalajara=Guadalajara/JAL/MX
CO-DC-Bogota=Bogota/DC/CO|CO-ANT-Medellin=Medellin/ANT/CO|AR-B-La Plata=La Plata/B/AR
IL-TA-Tel Aviv=Tel Aviv/TA/IL|ID-JK-Jakarta=Jakarta/JK/ID|MA-CAS-Casablanca=Casablanca/CAS/MA
FR-75-Paris=Paris/75/FR|FR-IDF-Paris=Paris/IDF/FR|ES-M-Madrid=Madrid/M/ES
IT-MI-Milan=Milan/MI/IT
IT-CA-Cagliari=Cagliari/CA/IT|NL-NH-Amsterdam=Amsterdam/NH/NL|PL-MZ-Warsaw=Warsaw/MZ/PL
PL-Łódź=Łódź//PL|TR-İzmir=İzmir//TR|JP-13-Tokyo=Tokyo/13/JP|CN-SH-Shanghai=Shanghai/SH/CN
PH-00-Manila=Manila//PH|SG-Singapore=Singapore//SG|GE-Tbilisi=Tbilisi//GE
US-Remote=//US*|Remote-US=//US*|US-TX-Remote=/TX/US*|CA-ON-Remote=/ON/CA*|IN-KA-Remote=/KA/IN*
"""


@pytest.mark.parametrize(
    ("code", "place"),
    [entry.split("=") for row in ICIMS.split("\n") for entry in row.split("|") if entry],
)
def test_a_code_of_icims_begins_with_its_country(code, place):
    """For any country, remote, and beside another code."""
    profile = changed(ICIMS_PROFILE, joblocation={"id": 4, "value": code})
    assert normalizing.places(normalizing.job(Provider.ICIMS, profile)) == [place]
    assert normalizing.warnings(Provider.ICIMS, profile) == []
    both = changed(ICIMS_PROFILE, joblocation={"id": 4, "value": f"{code} | US-TX-Reno"})
    assert normalizing.places(normalizing.job(Provider.ICIMS, both)) == [place, "Reno/TX/US"]


@pytest.mark.parametrize("code", ["CA-Remote", "CA-Unheard Of", "IN-Springdale", "CA-TX-Office"])
def test_a_code_of_icims_without_its_state_may_be_unclear(code):
    """The first two letters are a country's and a state's."""
    profile = changed(ICIMS_PROFILE, joblocation={"id": 4, "value": code})
    found = normalizing.job(Provider.ICIMS, profile).locations
    assert [place.country for place in found] == [None]
    assert normalizing.warnings(Provider.ICIMS, profile) == ["COUNTRY_UNKNOWN"]


def test_a_state_says_the_country_that_an_attract_job_lacks():
    """ "CA" beside San Diego; beside a town that nobody knows it is told."""
    members = {"data__country": None, "data__country_code": None, "data__state": "CA"}
    known = changed(ICIMS_ATTRACT, **members, data__city="San Diego")
    assert normalizing.places(normalizing.job(Provider.ICIMS, known)) == ["San Diego/CA/US"]
    unknown = changed(ICIMS_ATTRACT, **members, data__city="Springdale")
    assert normalizing.places(normalizing.job(Provider.ICIMS, unknown)) == ["Springdale/CA/"]
    assert "COUNTRY_UNKNOWN" in normalizing.warnings(Provider.ICIMS, unknown)


WORKDAY = [
    # location, alpha-2 code, the place
    ("Warehouse 4, Indianapolis, IN", "US", "Indianapolis/IN/US"),
    ("Warehouse 4, Springdale, IN", "US", "Springdale/IN/US"),
    ("FL - Tampa (Store 0412)", "US", "Tampa/FL/US"),
    ("GA - Atlanta", "US", "Atlanta/GA/US"),
    ("CA - Ontario", "US", "Ontario/CA/US"),
    ("USA.VA.Reston", "US", "Reston/VA/US"),
    ("US, NC, Durham", "US", "Durham/NC/US"),
    ("United States of America - Austin", "US", "Austin//US"),
    ("Uxbridge, UK (ZUK131)", "GB", "Uxbridge//GB"),
    ("United Kingdom Offsite (ZUK99)", "GB", "//GB*"),
    ("Georgia, Tbilisi", "GE", "Tbilisi//GE"),
    ("India - Bangalore - Campus", "IN", "Bangalore//IN"),
    ("IND.Bangalore", "IN", "Bangalore//IN"),
    ("Remote - USA", "US", "//US*"),
    ("Home Office - Texas", "US", "/Texas/US*"),
]


@pytest.mark.parametrize(("text", "code", "expected"), WORKDAY)
def test_forms_of_tenants(text, code, expected):
    """Under the country that the requisition states."""
    record = workday(text, code)
    assert normalizing.places(normalizing.job(Provider.WORKDAY, record)) == [expected]


def workday(text, code, *more):
    return changed(
        WORKDAY_DETAIL,
        jobPostingInfo__location=text,
        jobPostingInfo__additionalLocations=list(more),
        jobPostingInfo__country=...,
        jobPostingInfo__jobRequisitionLocation={"country": {"alpha2Code": code}},
    )


def test_further_places_are_settled_by_the_stated_country_alone_where_nothing_contradicts_it():
    """A known city abroad does; another country's name is never changed."""
    record = workday("Austin, TX", "US", "Springdale, IN", "Kochi, IN", "Israel, Yokneam")
    assert normalizing.places(normalizing.job(Provider.WORKDAY, record)) == [
        *("Austin/TX/US", "Springdale/IN/US", "Kochi//", "Yokneam//IL")
    ]
    assert "COUNTRY_UNKNOWN" in normalizing.warnings(Provider.WORKDAY, record)
    categories = {"location": "Austin, TX", "allLocations": ["Austin, TX", "Springdale, IN"]}
    posting = changed(LEVER, categories=categories, country="US")
    found = normalizing.places(normalizing.job(Provider.LEVER, posting))
    assert found == ["Austin/TX/US", "Springdale/IN/US"]


REMOTE_ROLES = [
    ("Remote - US", Workplace.REMOTE, []),
    ("Remote - US; Remote - Canada", Workplace.REMOTE, []),
    ("Remote (US or Canada)", Workplace.REMOTE, []),
    ("Austin, TX; Remote", None, ["WORKPLACE_TYPE_MIXED"]),
    ("San Francisco, CA or Remote", None, ["WORKPLACE_TYPE_MIXED"]),
    ("New York, NY, Remote", None, ["WORKPLACE_TYPE_MIXED"]),
    ("London/Remote", None, ["WORKPLACE_TYPE_MIXED"]),
    ("Hybrid - London", Workplace.HYBRID, []),
    ("Multiple Locations", None, ["LOCATION_INCOMPLETE"]),
]


@pytest.mark.parametrize(("name", "kind", "codes"), REMOTE_ROLES)
def test_a_role_is_remote_only_where_every_place_is(name, kind, codes):
    """A remote place beside another leaves the workplace type unknown, with a warning."""
    post = changed(GREENHOUSE, location={"name": name}, offices=[], metadata=None)
    assert normalizing.job(Provider.GREENHOUSE, post).workplace_type is kind
    assert normalizing.warnings(Provider.GREENHOUSE, post) == codes
