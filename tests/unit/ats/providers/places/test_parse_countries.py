"""The country of a place: what a provider states, what a text proves, and what stays unknown."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.places.parse import Doubt

STATED = [
    # text, stated country, "city/region/country", doubt
    ("Warehouse 4, Indianapolis, IN", "US", "Indianapolis/IN/US"),
    ("Downtown Branch, San Diego, CA", "US", "San Diego/CA/US"),
    ("Warehouse 4, Fishers, IN", "US", "Fishers/IN/US"),
    ("Kochi, IN", "IN", "Kochi//IN"),
    ("Kochi, IN", "US", "Kochi/IN/US"),
    ("Bonn, DE", "DE", "Bonn//DE"),
    ("Perth, WA", "AU", "Perth/WA/AU"),
    ("Toronto, CA", "CA", "Toronto//CA"),
    ("Casablanca, MA", "MA", "Casablanca//MA"),
    ("Bogota, CO", "CO", "Bogota//CO"),
    ("Springfield, MA", "US", "Springfield/MA/US"),
    ("Ontario, CA", "US", "Ontario/CA/US"),
    ("Ontario, CA", "CA", "/Ontario/CA"),
    ("Georgia", "US", "/Georgia/US"),
    ("Georgia", "GE", "//GE"),
    ("Rustavi, Georgia", "GE", "Rustavi//GE"),
    ("CA", "US", "/CA/US"),
    ("CA", "CA", "//CA"),
    ("IN - Fishers (Store 7)", "US", "Fishers/IN/US"),
    ("CA-ON-Toronto", "CA", "Toronto/ON/CA"),
    ("CA-San Diego", "US", "San Diego/CA/US"),
    ("CA, San Ramon, Bishop Ranch", "US", "San Ramon/CA/US"),
    ("Georgia - Atlanta", "US", "Atlanta/Georgia/US"),
    ("Lebanon, NH", "US", "Lebanon/NH/US"),
    ("Adelaide, SA", "AU", "Adelaide/SA/AU"),
    ("Riyadh, SA", "SA", "Riyadh//SA"),
    ("12 Main St, Fishers, IN 46038", "US", "Fishers/IN/US"),
    ("Springfield", "US", "Springfield//US"),
    # a territory of the stated country is no contradiction
    ("San Juan, Puerto Rico, United States", "PR", "San Juan//PR"),
    ("San Juan, PR", "US", "San Juan//US"),
]
CONTRADICTED = [
    ("Toronto, Canada", "US", "//US"),
    ("Israel, Yokneam", "US", "//US"),
    ("Paris, TX", "FR", "//FR"),
    ("Remote - Germany", "US", "//US*"),
    ("London, UK", "CA", "//CA"),
    ("CA-ON-Toronto", "US", "//US"),
    ("Canada", "US", "//US"),
]
PROVED_BY_THE_TEXT = [
    ("San Diego, CA", "San Diego/CA/US"),
    ("Downtown Branch, San Diego, CA", "San Diego/CA/US"),
    ("Warehouse 4, Indianapolis, IN", "Indianapolis/IN/US"),
    ("Wilmington, DE", "Wilmington/DE/US"),
    ("Mobile, AL", "Mobile/AL/US"),
    ("Portland, ME", "Portland/ME/US"),
    ("Baltimore, MD", "Baltimore/MD/US"),
    ("Denver, CO", "Denver/CO/US"),
    ("Paris, TX", "Paris/TX/US"),
    ("Seattle, WA", "Seattle/WA/US"),
    ("Vancouver, WA", "Vancouver/WA/US"),
    ("Darwin, NT", "Darwin/NT/AU"),
    ("Yellowknife, NT", "Yellowknife/NT/CA"),
    ("Adelaide, SA", "Adelaide/SA/AU"),
    ("Riyadh, SA", "Riyadh//SA"),
    ("Toronto, ON, CA", "Toronto/ON/CA"),
    ("Kochi, Kerala, IN", "Kochi/Kerala/IN"),
    ("Munich, Bavaria, DE", "Munich/Bavaria/DE"),
    ("San Diego, California, CA", "San Diego/California/US"),
    ("Amsterdam, NL", "Amsterdam//NL"),
    ("St. John's, NL", "St. John's/NL/CA"),
    ("Charlottetown, PE", "Charlottetown/PE/CA"),
    ("Lima, PE", "Lima//PE"),
    ("12 Main St, Fishers, IN 46038", "Fishers/IN/US"),
    ("Fishers, IN, 46038", "Fishers/IN/US"),
    ("San Diego CA", "San Diego/CA/US"),
    ("Mumbai, MH", "Mumbai/MH/IN"),
    ("San Juan, PR", "San Juan//PR"),
    ("Italy, MI", "/MI/IT"),
    ("Lebanon, Ohio", "Lebanon/Ohio/US"),
    ("Lebanon, NH", "Lebanon/NH/US"),
    # codes in front, some with several segments
    ("CA-ON-Toronto", "Toronto/ON/CA"),
    ("CA-QC-Montreal", "Montreal/QC/CA"),
    ("CA-NL-St. John's", "St. John's/NL/CA"),
    ("CA, ON, Toronto", "Toronto/ON/CA"),
    ("US-CA-San Diego", "San Diego/CA/US"),
    ("US-IN-Indianapolis", "Indianapolis/IN/US"),
    ("US-NC-Winston-Salem", "Winston-Salem/NC/US"),
    ("US-DE-Wilmington", "Wilmington/DE/US"),
    ("GB-ENG-London", "London/ENG/GB"),
    ("UK-London", "London//GB"),
    ("AU-NSW-Sydney", "Sydney/NSW/AU"),
    ("AU-WA-Perth", "Perth/WA/AU"),
    ("AU-SA-Adelaide", "Adelaide/SA/AU"),
    ("DE-BE-Berlin", "Berlin/BE/DE"),
    ("DE-BY-Munich", "Munich/BY/DE"),
    ("IN-KA-Bangalore", "Bangalore/KA/IN"),
    ("CO-DC-Bogota", "Bogota/DC/CO"),
    ("CA-Toronto", "Toronto//CA"),
    ("CA-San Diego", "San Diego/CA/US"),
    ("CO-Denver", "Denver/CO/US"),
]
UNDECIDED = [
    ("Perth, WA", "Perth/WA/"),
    ("Toronto, CA", "Toronto//"),
    ("Casablanca, MA", "Casablanca//"),
    ("Bogota, CO", "Bogota//"),
    ("Bonn, DE", "Bonn//"),
    ("New Delhi, IN", "New Delhi//"),
    ("Haifa, IL", "Haifa//"),
    ("Curitiba, PR", "Curitiba//"),
    ("Warehouse 4, Bengaluru, IN", "//"),
    ("Chausseestr. 1, Berlin, DE 10115", "Berlin//"),
    ("Kollam, IN", "Kollam//"),
    ("Springdale, CO", "Springdale//"),
    ("Neustadt, DE", "Neustadt//"),
    ("Warehouse 4, Springdale, IN", "//"),
    ("Ontario, CA", "Ontario//"),
    ("Zugdidi, Georgia", "Zugdidi//"),
    ("Georgia", "//"),
    ("CA", "//"),
    ("IN", "//"),
    ("Remote - CA", "//*"),
    ("Northbridge, WA", "Northbridge/WA/"),
    ("Salem, IN", "Salem//"),
    ("Richmond, CA", "Richmond//"),
    ("Ireland, AL", "//"),
    ("CA-SF-Office", "//"),
    ("CA-TX-Office", "//"),
    ("IN-Springdale", "Springdale//"),
    ("Neustadt, DE 67433", "Neustadt//"),
]


def written(place):
    return f"{place.city or ''}/{place.region or ''}/{place.country or ''}" + "*" * place.remote


@pytest.mark.parametrize(("text", "stated", "expected"), STATED)
def test_a_stated_country_settles_what_codes_mean(text, stated, expected):
    """Under a stated country a code is read as that country's or not at all."""
    reading = places.read(text, stated)
    assert (written(reading.place), reading.doubt) == (expected, None)


@pytest.mark.parametrize(("text", "stated", "expected"), CONTRADICTED)
def test_a_text_of_another_country_leaves_the_stated_one_alone(text, stated, expected):
    """The stated country stays, the text's city doesn't, and the contradiction is told."""
    reading = places.read(text, stated)
    assert (written(reading.place), reading.doubt) == (expected, Doubt.CONTRADICTED)
    assert reading.place.raw == text


@pytest.mark.parametrize(("text", "expected"), PROVED_BY_THE_TEXT)
def test_a_code_of_several_places_is_concluded_from_evidence(text, expected):
    """A state beside the code, a ZIP of that state or a known city decides."""
    reading = places.read(text)
    assert (written(reading.place), reading.doubt) == (expected, None)


@pytest.mark.parametrize(("text", "expected"), UNDECIDED)
def test_a_code_of_several_places_without_evidence_is_of_no_country(text, expected):
    """The raw text stays, the country is unknown, and the doubt is told."""
    reading = places.read(text)
    assert (written(reading.place), reading.doubt) == (expected, Doubt.UNCLEAR)
