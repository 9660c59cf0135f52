"""Places elsewhere: codes of states and countries, names in many languages, areas, remote."""

from __future__ import annotations

import pytest
from tests.harness.normalizing import read_places

UNPROVED = """
Bonn, DE;Berlin, DE;Munich, DE;Kochi, IN;Bengaluru, IN;Pune, IN;Toronto, CA;Montreal, CA;Bogota, CO
Medellin, CO;Casablanca, MA;Tel Aviv, IL;Haifa, IL;Jakarta, ID;Buenos Aires, AR;Tirana, AL;Baku, AZ
Chennai, TN;Belém, PA;Curitiba, PR;Florianópolis, SC;Panama City, PA
"""
"""Cities whose code may be of the United States: an office or a stated country has to decide."""
STATES = [
    ("Toronto, ON", "Toronto/ON/CA"),
    ("Vancouver, BC", "Vancouver/BC/CA"),
    ("Montréal, QC", "Montréal/QC/CA"),
    ("Montréal, Québec", "Montréal/Québec/CA"),
    ("Calgary, AB", "Calgary/AB/CA"),
    ("Halifax, NS", "Halifax/NS/CA"),
    ("Whitehorse, YT", "Whitehorse/YT/CA"),
    ("St. John's, NL", "St. John's/NL/CA"),
    ("Toronto, ON, CA", "Toronto/ON/CA"),
    ("Toronto Ontario", "Toronto/Ontario/CA"),
    ("Toronto, Ontario, CA", "Toronto/Ontario/CA"),
    ("Montreal, Quebec, CA", "Montreal/Quebec/CA"),
    ("Sydney, NSW", "Sydney/NSW/AU"),
    ("Melbourne, VIC", "Melbourne/VIC/AU"),
    ("Melbourne VIC 3000", "Melbourne/VIC/AU"),
    ("Brisbane, QLD", "Brisbane/QLD/AU"),
    ("Canberra, ACT", "Canberra/ACT/AU"),
    ("Adelaide, SA", "Adelaide/SA/AU"),
    ("Darwin, NT", "Darwin/NT/AU"),
    ("São Paulo, SP", "São Paulo/SP/BR"),
    ("Rio de Janeiro, RJ", "Rio de Janeiro/RJ/BR"),
    ("Belo Horizonte, MG", "Belo Horizonte/MG/BR"),
    ("Recife, PE", "Recife/PE/BR"),
    ("Campinas, São Paulo", "Campinas/São Paulo/BR"),
    ("Guadalajara, Jalisco", "Guadalajara/Jalisco/MX"),
    ("Monterrey, Nuevo León", "Monterrey/Nuevo León/MX"),
    ("Monterrey, NL", "Monterrey/NL/MX"),
    ("Mexico City, CDMX", "Mexico City/CDMX/MX"),
    ("Tijuana, BC", "Tijuana/BC/MX"),
    ("Mumbai, MH", "Mumbai/MH/IN"),
    ("Bengaluru, KA", "Bengaluru/KA/IN"),
    ("Gurgaon, HR", "Gurgaon/HR/IN"),
    ("Noida, UP", "Noida/UP/IN"),
    ("Kochi, Kerala", "Kochi/Kerala/IN"),
    ("Kochi, Kerala, IN", "Kochi/Kerala/IN"),
    ("Whitefield, Bangalore, Karnataka", "Bangalore/Karnataka/IN"),
    ("Leeds, West Yorkshire", "Leeds/West Yorkshire/GB"),
    ("Reading, Berkshire", "Reading/Berkshire/GB"),
    ("Newcastle, Tyne and Wear", "Newcastle/Tyne and Wear/GB"),
    ("Cambridge, Cambridgeshire", "Cambridge/Cambridgeshire/GB"),
    ("London, England", "London/England/GB"),
    ("London England", "London/England/GB"),
    ("Dublin, County Dublin", "Dublin/County Dublin/IE"),
    ("Munich, Bayern", "Munich/Bayern/DE"),
    ("Amsterdam, NL", "Amsterdam//NL"),
    ("Zwolle, NL", "Zwolle//NL"),
    ("Lima, PE", "Lima//PE"),
    ("Riyadh, SA", "Riyadh//SA"),
    ("Tbilisi, Georgia", "Tbilisi//GE"),
]
IN_LANGUAGES = """
DE Deutschland;Alemania;Allemagne;Duitsland;Niemcy;ドイツ|ES España;Espagne;Spanien;Spagna
AT Österreich|IT Italia;Italien;Italie|FR Frankreich;Francia;França|PL Polska;Polen;Pologne
GB UK;U.K.;Great Britain;Royaume-Uni;Reino Unido;Vereinigtes Königreich
US USA;U.S.;U.S.A.;Estados Unidos;États-Unis;Vereinigte Staaten;United States of America;EE.UU.
BR Brasil;Brésil|MX México;Mexique|CH Schweiz;Suisse;Svizzera|NL Nederland;Pays-Bas;Niederlande
SE Sverige;Schweden|NO Norge|DK Danmark|FI Suomi|CZ Česko;Tschechien|HU Magyarország
JP 日本;Japón;Japon|CN 中国;Chine|KR 대한민국;Corée du Sud|RU Россия;Russland|IE Irland;Irlande
AE UAE;U.A.E.|TR Türkiye|BE Belgique;België;Belgien|GR Griechenland|PT Portugal
"""
ONE_OF_A_KIND = [
    ("Singapore", "//SG"),
    ("Singapore, Singapore", "Singapore//SG"),
    ("Luxembourg, Luxembourg", "Luxembourg//LU"),
    ("Hong Kong, China", "Hong Kong//HK"),
    ("San Juan, Puerto Rico, USA", "San Juan/Puerto Rico/PR"),
    ("Mexico City", "Mexico City//"),
    ("Port of Spain", "Port of Spain//"),
    ("Gulf of Mexico", "Gulf of Mexico//"),
    ("New England", "New England//"),
    ("South Jordan", "South Jordan//"),
    ("Mt Lebanon", "Mt Lebanon//"),
    ("London", "London//"),
    ("New York", "New York//"),
    ("Bosnia and Herzegovina", "//BA"),
    ("Jordan", "//JO"),
    ("Ontario", "/Ontario/CA"),
    ("Dublin Ireland", "Dublin//IE"),
    ("London UK", "London//GB"),
    ("Uxbridge, UK (ZUK131)", "Uxbridge//GB"),
    ("Krakow, Poland (ZPL01)", "Krakow//PL"),
    ("London, UK, Kings Cross", "London//GB"),
    ("DEU-Munich", "Munich//DE"),
    ("GBR.London", "London//GB"),
    ("Munich, DEU", "Munich//DE"),
    ("India - Bangalore - Campus", "Bangalore//IN"),
    ("MEX.Mexico City", "Mexico City//MX"),
    ("CAN.ON.Toronto", "Toronto/ON/CA"),
]
REMOTE = """
US Remote - US;Remote US;US Remote;US-Remote;Remote-US;Remote, USA;USA Remote;Remote (US only)
US Remote - US only;Remote US-based;Remote - US (East Coast);Remote - US East;Remote US - CST
US Remote within the United States;Remote in the US;Remote: US;Remote - United States of America
US United States (Remote);Work from home - United States;Virtual - US
CA Remote, within Canada;Remote - Canada|DE 100% Remote (Germany);Remote – Deutschland
DE Remote Germany;Germany Remote;Remote in Germany|GB Remote in the United Kingdom
IN Remote-India (PEO)
"""
AREAS = """
EMEA;APAC;DACH;Nordics;LATAM;European Union;EU;Europe;North America;Global;Worldwide;Anywhere
MENA;Benelux;Asia-Pacific;Middle East;International;Americas;Nationwide;Distributed;ANZ;Scandinavia
"""
SEVERAL = [
    ("Multiple Locations", "//"),
    ("2 Locations", "//"),
    ("Various", "//"),
    ("Various Locations", "//"),
    ("Several locations", "//"),
    ("Multiple Cities", "//"),
    ("Multiple Locations, US", "//US"),
    ("Various, UK", "//GB"),
]


def _rows(table):
    return [entry.split(" ", 1) for row in table.split("\n") for entry in row.split("|") if entry]


@pytest.mark.parametrize("text", [t for row in UNPROVED.split("\n") for t in row.split(";") if t])
def test_a_city_abroad_does_not_make_a_state_code_a_country(text):
    """No table shows that no town of the state has the city's name: unknown, and a warning."""
    assert read_places(text) == ([f"{text.split(',')[0]}//"], ["COUNTRY_UNKNOWN"])


@pytest.mark.parametrize(("text", "expected"), STATES)
def test_a_state_says_its_country(text, expected):
    """By its name, or by its code beside a city that is known there."""
    assert read_places(text) == ([expected], [])


@pytest.mark.parametrize(
    ("country", "name"), [(c, n) for c, names in _rows(IN_LANGUAGES) for n in names.split(";")]
)
def test_a_country_is_named_in_any_language(country, name):
    """Behind a city, alone, and remote."""
    assert read_places(f"Springdale, {name}") == ([f"Springdale//{country}"], [])
    assert read_places(name) == ([f"//{country}"], [])
    assert read_places(f"Remote - {name}") == ([f"//{country}*"], [])


@pytest.mark.parametrize(("text", "expected"), ONE_OF_A_KIND)
def test_a_text_says_no_more_than_is_certain(text, expected):
    """Countries inside a name are none; codes of sites are no places."""
    assert read_places(text) == ([expected], [])


@pytest.mark.parametrize(
    ("country", "text"), [(c, n) for c, names in _rows(REMOTE) for n in names.split(";")]
)
def test_remote_work_in_a_country(country, text):
    """In any order, with words of extent and direction."""
    assert read_places(text) == ([f"//{country}*"], [])


@pytest.mark.parametrize("name", [n for row in AREAS.split("\n") for n in row.split(";") if n])
def test_an_area_is_no_country_and_no_city(name):
    """Alone, remote, and in brackets."""
    assert read_places(name) == (["//"], [])
    assert read_places(f"Remote - {name}") == (["//*"], [])
    assert read_places(f"Remote ({name})") == (["//*"], [])


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_a_text_that_only_says_that_there_are_several_is_told(text, expected):
    """The raw text stays; the warning says that places are missing."""
    assert read_places(text) == ([expected], ["LOCATION_INCOMPLETE"])
