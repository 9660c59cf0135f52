"""American places: a site in front or behind, codes that are a country's too, ZIPs, spellings."""

from __future__ import annotations

import pytest
from tests.harness.normalizing import read_places

from xaigh_server.ats.providers.text.vocabulary import words

SAN_DIEGO = [
    "San Diego, CA",
    "San Diego, CA, Downtown Branch",
    "San Diego, CA - Downtown Branch",
    "San Diego, CA (Downtown)",
    "San Diego, CA (Store 0412)",
    "San Diego, CA 92101",
    "San Diego, CA, 92101",
    "San Diego CA",
    "San Diego, Ca",
    "Downtown Branch, San Diego, CA",
    "Downtown Branch - San Diego, CA",
    "Store 123 - San Diego, CA",
    "HQ: San Diego, CA",
    "Building 5, Suite 300, San Diego, CA",
    "1 Harbor Dr, San Diego, CA 92101",
    "San Diego, CA, USA",
    "San Diego, CA, United States",
    "CA - San Diego",
    "CA - San Diego - HQ",
    "CA, San Diego",
    "CA-San Diego",
    "US-CA-San Diego",
    "USA-CA-San Diego",
    "US, CA, San Diego",
    "US - CA - San Diego",
    "USA.CA.San Diego",
    "US_CA_San Diego",
    "San Diego (CA)",
]
CITIES = """
AL Birmingham;Mobile;Huntsville;Decatur;Auburn|AZ Phoenix;Tempe;Goodyear;Surprise;Peoria
AR Little Rock;Bentonville;Conway|CA Fresno;Rancho Cordova;Menlo Park;South San Francisco;Dublin
CO Denver;Loveland;Grand Junction;Golden|DE Wilmington;Dover;Newark;Lewes
GA Atlanta;Athens;Rome;Sugar Hill;Pooler|ID Boise;Moscow;Post Falls;Coeur d'Alene
IL Chicago;Peoria;Naperville;Elk Grove Village|IN Indianapolis;Fishers;Greenfield;Plainfield;Gary
IN Peru;Brazil;Lebanon|KY Louisville;Paris;Hebron|LA New Orleans;Slidell;Houma
MA Boston;Cambridge;Worcester;Oxford|MD Baltimore;Columbia;Berlin;Hunt Valley
ME Portland;Norway;China;Rome|MN Minneapolis;St. Paul;Saint Paul;St Paul;Jordan;Montevideo
MO St. Louis;Saint Louis;Mexico;Cuba;O'Fallon|MS Jackson;Oxford;Olive Branch
MT Billings;Bozeman;Kalispell|NC Raleigh;Winston-Salem;Winston Salem;Durham;Cary
NE Omaha;Lincoln;Kearney|PA Pittsburgh;Lebanon;Bethlehem;King of Prussia|PR San Juan;Ponce
SC Charleston;Greenville;Greer;Denmark|SD Sioux Falls;Vermillion
TN Nashville;Memphis;Lebanon;Smyrna|VA Reston;Richmond;Chantilly;Vienna
WA Seattle;Vancouver;Bellevue;Tukwila
"""
"""Codes of states that mean a country or another country's state, too."""
BESIDE = [
    ("Warehouse 4 Indianapolis, IN", "Indianapolis/IN/US"),
    ("Indianapolis, Marion County, IN", "Indianapolis/IN/US"),
    ("Indianapolis, Indiana, IN", "Indianapolis/Indiana/US"),
    ("indianapolis, in", "indianapolis/IN/US"),
    ("Boston Metro Area, MA", "Boston/MA/US"),
    ("Los Angeles County, CA", "Los Angeles/CA/US"),
    ("Boston, Mass.", "Boston/Mass./US"),
    ("Los Angeles, Calif.", "Los Angeles/Calif./US"),
    ("Lab, King of Prussia, PA", "King of Prussia/PA/US"),
    ("Fulfillment Center ABC1, Little Rock, AR", "Little Rock/AR/US"),
    ("Airport Terminal 2, Denver, CO", "Denver/CO/US"),
    ("North Charleston Plant, North Charleston, SC", "North Charleston/SC/US"),
    ("Mall of America, Bloomington, MN", "Bloomington/MN/US"),
    ("Unheard Of, IN 46038", "Unheard Of/IN/US"),
    ("Unheard Of, DE 19801", "Unheard Of/DE/US"),
    ("Austin Texas", "Austin/Texas/US"),
    ("Washington DC, USA", "Washington/DC/US"),
    ("Austin TX, USA", "Austin/TX/US"),
    ("GA-Atlanta-Peachtree", "Atlanta-Peachtree/GA/US"),
    ("USA-TX-Austin-Domain", "Austin/TX/US"),
    ("US-TX-Dallas-Fort Worth", "Dallas-Fort Worth/TX/US"),
    ("California, San Diego", "San Diego/California/US"),
    ("FL - Tampa (Store 0412)", "Tampa/FL/US"),
    ("Store 0412 - Tampa, FL", "Tampa/FL/US"),
    ("Savannah, Georgia, USA", "Savannah/Georgia/US"),
    ("Remote - TX", "/TX/US*"),
    ("Dallas, TX Office", "Dallas/TX/US"),
    ("Washington, DC Metro Area", "Washington/DC/US"),
    ("Southern California", "/California/US"),
    ("Northern Virginia", "/Virginia/US"),
    ("West Virginia", "/West Virginia/US"),
    ("Remote - US (California, Oregon, Washington)", "//US*"),
    ("Remote - California", "/California/US*"),
]
UNPROVED = [
    ("Springdale, IN", "Springdale//"),
    ("Warehouse 4, Springdale, IN", "//"),
    ("Windsor, CA", "Windsor//"),
    ("London, CA", "London//"),
    ("Salem, IN", "Salem//"),
    ("Ontario, CA", "Ontario//"),
    ("Panama City, PA", "Panama City//"),
    ("Milan, MI", "Milan/MI/"),
    ("Remote - CO", "//*"),
    ("Remote, CA", "//*"),
    ("Remote (GA)", "//*"),
    ("Georgia", "//"),
    ("Remote - Georgia", "//*"),
]
SHARED = words("AL AR AZ CA CO DE GA ID IL IN KY LA MA MD ME MN MO MS MT NC NE PA SC SD TN VA")
STATED = ["Unheard Of, {}", "Warehouse 4, Unheard Of, {}", "Unheard Of, {}, Dock 2"]


@pytest.mark.parametrize("text", SAN_DIEGO)
def test_a_city_of_california_is_never_in_canada(text):
    """Wherever the site, the ZIP and the country stand, and whatever parts them."""
    assert read_places(text) == (["San Diego/CA/US"], [])


@pytest.mark.parametrize(
    ("code", "city"),
    [
        (row.split(" ", 1)[0], city)
        for line in CITIES.split("\n")
        for row in line.split("|")
        if row
        for city in row.split(" ", 1)[1].split(";")
    ],
)
def test_a_code_beside_a_city_of_that_state_is_the_state(code, city):
    """Towns of a thousand people are known, and those that have the name of a country."""
    expected = f"{city}//PR" if code == "PR" else f"{city}/{code}/US"
    assert read_places(f"{city}, {code}") == ([expected], [])
    assert read_places(f"Warehouse 4, {city}, {code}") == ([expected], [])


@pytest.mark.parametrize(("text", "expected"), BESIDE)
def test_a_city_is_found_beside_sites_and_counties(text, expected):
    """The name that is known in the state is the city."""
    assert read_places(text) == ([expected], [])


@pytest.mark.parametrize(("text", "expected"), UNPROVED)
def test_a_code_of_two_countries_without_proof_is_told(text, expected):
    """The country is unknown, and a warning says why."""
    assert read_places(text) == ([expected], ["COUNTRY_UNKNOWN"])


@pytest.mark.parametrize("code", sorted(SHARED))
@pytest.mark.parametrize("form", STATED)
def test_a_stated_country_needs_no_known_city(code, form):
    """Under the United States each of these codes is the state, wherever it stands."""
    text = form.format(code)
    assert read_places(text, "US") == ([f"Unheard Of/{code}/US"], [])
    assert read_places(f"Unheard Of, {code}, USA") == ([f"Unheard Of/{code}/US"], [])
