"""Texts of several places, and texts that only look so."""

from __future__ import annotations

import pytest
from tests.harness.normalizing import read_places

from xaigh_server.ats.providers.places.split import split_locations

BOTH = [
    "Austin, TX / Denver, CO",
    "Austin, TX/Denver, CO",
    "Austin, TX and Denver, CO",
    "Austin, TX & Denver, CO",
    "Austin, TX or Denver, CO",
    "Austin, TX; Denver, CO",
    "Austin, TX;Denver, CO",
    "Austin, TX | Denver, CO",
    "Austin, TX|Denver, CO",
    "Austin, TX • Denver, CO",
    "Austin, TX\nDenver, CO",
    "Austin, TX, Denver, CO",
    "US-TX-Austin, US-CO-Denver",
    "US-TX-Austin US-CO-Denver",
    "US-TX-Austin | US-CO-Denver",
]
LISTS = [
    # text, the places
    ("Austin, TX, Denver, CO, New York, NY", "Austin/TX/US Denver/CO/US New York/NY/US"),
    ("Austin, TX, USA, Denver, CO, USA", "Austin/TX/US Denver/CO/US"),
    (
        "Atlanta, GA, Charlotte, NC, and Nashville, TN",
        "Atlanta/GA/US Charlotte/NC/US Nashville/TN/US",
    ),
    ("Toronto, ON, Vancouver, BC", "Toronto/ON/CA Vancouver/BC/CA"),
    ("Sydney, NSW, Melbourne, VIC", "Sydney/NSW/AU Melbourne/VIC/AU"),
    ("London, UK, Paris, France", "London//GB Paris//FR"),
    ("Austin, Texas, Denver, Colorado", "Austin/Texas/US Denver/Colorado/US"),
    ("Washington, DC, New York, NY", "Washington/DC/US New York/NY/US"),
    ("San Jose, CA, Wilmington, DE", "San Jose/CA/US Wilmington/DE/US"),
    ("Santa Clara, CA (HQ), Austin, TX", "Santa Clara/CA/US Austin/TX/US"),
    ("Site A, San Diego, CA, Site B, Gary, IN", "San Diego/CA/US Gary/IN/US"),
    ("New York, NY, Remote", "New York/NY/US //*"),
    ("San Francisco, CA, New York, NY, or Remote", "San Francisco/CA/US New York/NY/US //*"),
    ("Boston, MA, USA / London, UK", "Boston/MA/US London//GB"),
    ("Raleigh/Durham, NC", "Raleigh/NC/US Durham/NC/US"),
    ("Dallas/Fort Worth, TX", "Dallas/TX/US Fort Worth/TX/US"),
    ("New York/London", "New York// London//"),
    ("London and Paris", "London// Paris//"),
    ("Berlin und München", "Berlin// München//"),
    ("Paris et Lyon", "Paris// Lyon//"),
    ("Madrid y Barcelona", "Madrid// Barcelona//"),
    ("Hamburg oder Berlin", "Hamburg// Berlin//"),
    ("Berlin, Munich or Hamburg", "Berlin// Munich// Hamburg//"),
    ("Portland, Oregon or Seattle", "Portland/Oregon/US Seattle//"),
    ("Leeds, West Yorkshire and London", "Leeds/West Yorkshire/GB London//"),
    ("San Francisco, New York, London", "San Francisco// New York// London//"),
    ("US, Canada", "//US //CA"),
    ("US/Canada", "//US //CA"),
    ("UK & Ireland", "//GB //IE"),
    ("Germany, France, Spain", "//DE //FR //ES"),
    ("Remote - US/Canada", "//US* //CA*"),
    ("Remote - US and Canada", "//US* //CA*"),
    ("Remote (US, Canada, UK)", "//US* //CA* //GB*"),
    ("Remote (Canada or US)", "//CA* //US*"),
    ("US (Remote), Canada (Remote)", "//US* //CA*"),
    ("US - Remote / Canada - Remote", "//US* //CA*"),
    ("Remote (California, Texas, Ohio)", "/California/US* /Texas/US* /Ohio/US*"),
    ("Remote - NY, TX or OH", "/NY/US* /TX/US* //*"),
    ("San Francisco, CA (Hybrid) or Remote (US)", "San Francisco/CA/US //US*"),
    ("New York, NY (HQ) / San Francisco, CA", "New York/NY/US San Francisco/CA/US"),
    ("Berlin, Germany or Remote in Europe", "Berlin//DE //*"),
    ("Remote - US; London, UK", "//US* London//GB"),
    ("London, UK or Remote", "London//GB //*"),
    ("Remote or San Francisco, CA", "//* San Francisco/CA/US"),
    ("US-CA-San Diego | CA-ON-Toronto | Remote", "San Diego/CA/US Toronto/ON/CA //*"),
    ("CA-ON-Toronto; CA-BC-Vancouver", "Toronto/ON/CA Vancouver/BC/CA"),
]
ONE = """
Bosnia and Herzegovina|Port of Spain, Trinidad and Tobago|Newcastle, Tyne and Wear
St. John's, Newfoundland and Labrador|Brighton and Hove|Research and Development|N/A
Smith & Sons Warehouse, Leeds|Remote/Hybrid|Hybrid/Remote - US|Uxbridge, UK (ZUK131/2)
New York, New York, USA|San Diego, California, CA|Toronto, ON, CA|US, CA, San Jose, Rio Robles
12 Main St, Suite 4, Austin, TX, 78701|London, England, United Kingdom|Portland, Oregon
Remote, United States|Remote, Ontario, Canada|US, TX, Home Office|Whitefield, Bangalore, Karnataka
Hong Kong, China|Singapore, Singapore|Austin, TX - Remote|Winston-Salem, NC|Corvallis, OR
Gachibowli, Hyderabad|GB-ENG-Stoke-on-Trent|Remote (EMEA)|Open 24/7, Leeds|Jammu and Kashmir, India
"""


@pytest.mark.parametrize("text", BOTH)
def test_two_places_of_one_text_are_two(text):
    """Whatever stands between them."""
    assert read_places(text) == (["Austin/TX/US", "Denver/CO/US"], [])


@pytest.mark.parametrize(("text", "expected"), LISTS)
def test_each_place_of_a_list_is_read_alone(text, expected):
    """Each with its own state and country, remote where its own part says so."""
    found, codes = read_places(text)
    assert [place.replace(" ", "_") for place in found] == _split(expected)
    assert codes == []


def _split(expected: str) -> list[str]:
    """Places by spaces, but not those inside a name."""
    found: list[str] = []
    for word in expected.split(" "):
        if found and found[-1].count("/") < 2:
            found[-1] += f"_{word}"
        else:
            found.append(word)
    return found


@pytest.mark.parametrize("text", [t for row in ONE.split("\n") for t in row.split("|") if t])
def test_a_name_with_a_separator_in_it_is_one_place(text):
    """Names of countries and counties, addresses, sites, ways of working."""
    assert split_locations(text) == (text,)


def test_an_unclear_part_of_a_list_is_told():
    """The others are certain all the same."""
    assert read_places("Kochi, IN; Austin, TX") == (
        ["Kochi//", "Austin/TX/US"],
        ["COUNTRY_UNKNOWN"],
    )


def test_a_stated_country_settles_the_unclear_parts_and_the_first():
    """A part that is plainly elsewhere stays there; a first one that is gets no country."""
    read = read_places("San Diego, CA / Springdale, IN / Toronto, ON", "US")
    assert read == (["San Diego/CA/US", "Springdale/IN/US", "Toronto/ON/CA"], [])
    assert read_places("Toronto, ON / Austin, TX", "US") == (
        ["//", "Austin/TX/US"],
        ["LOCATION_CONFLICT"],
    )
