"""Places out of free text, and lists of them."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.record import Place, Workplace

TEXTS = [
    # text, known country, "city/region/country" with "*" for remote
    ("London, UK", None, "London//GB"),
    ("London, England, United Kingdom", None, "London/England/GB"),
    ("Arlington, Virginia", None, "Arlington/Virginia/US"),
    ("San Francisco, CA", None, "San Francisco/CA/US"),
    ("Toronto, ON", None, "Toronto/ON/CA"),
    ("Toronto, CA", None, "Toronto//"),
    ("Toronto, ON, CA", None, "Toronto/ON/CA"),
    ("Berlin, DE", None, "Berlin//"),
    ("Wilmington, DE", None, "Wilmington/DE/US"),
    ("Bengaluru, IN", None, "Bengaluru//"),
    ("Gary, IN", None, "Gary/IN/US"),
    ("Atlanta, Georgia", None, "Atlanta/Georgia/US"),
    ("Tbilisi, Georgia", None, "Tbilisi//GE"),
    ("Georgia", None, "//"),
    ("Washington, D.C.", None, "Washington/D.C./US"),
    ("New York, New York", None, "New York/New York/US"),
    ("Sydney, NSW", None, "Sydney/NSW/AU"),
    ("Perth, WA", "AU", "Perth/WA/AU"),
    ("Munich, Bavaria, Germany", None, "Munich/Bavaria/DE"),
    ("San Juan, PR", None, "San Juan//PR"),
    ("Dublin", None, "Dublin//"),
    ("Depok", "ID", "Depok//ID"),
    ("Tokyo, 日本", None, "Tokyo//JP"),
    ("Singapore", None, "//SG"),
    ("Washington DC", None, "Washington/DC/US"),
    ("Melbourne VIC", None, "Melbourne/VIC/AU"),
    ("Hyderabad, Telangana", None, "Hyderabad/Telangana/IN"),
    ("Austin, TX, US, 78701", None, "Austin/TX/US"),
    ("New York, NY, 10001, United States", None, "New York/NY/US"),
    ("12 Main St, Austin, TX 78701", None, "Austin/TX/US"),
    ("Lebanon, NH", None, "Lebanon/NH/US"),
    ("Peru, IN", None, "Peru/IN/US"),
    ("Georgia, USA", None, "/Georgia/US"),
    ("California", None, "/California/US"),
    ("Korea, Republic of", None, "//KR"),
    ("US", None, "//US"),
    ("CA", None, "//"),
    # country first
    ("US, NC, Durham", None, "Durham/NC/US"),
    ("US, CA, San Jose, Rio Robles", None, "San Jose/CA/US"),
    ("USA.VA.Reston", None, "Reston/VA/US"),
    ("Israel, Yokneam", None, "Yokneam//IL"),
    ("India, Bangalore, RMZ", None, "Bangalore//IN"),
    ("Portugal - Lisbon", None, "Lisbon//PT"),
    ("US-NJ-Matawan", None, "Matawan/NJ/US"),
    ("US-VA-Fairfax Station", None, "Fairfax Station/VA/US"),
    ("US-Washington-Redmond", None, "Redmond/Washington/US"),
    ("USA-CA-San Diego", None, "San Diego/CA/US"),
    ("DE-Berlin", None, "Berlin//DE"),
    ("IND-KA-Bangalore", None, "Bangalore/KA/IN"),
    ("India, KA, Bangalore", None, "Bangalore/KA/IN"),
    ("TX-Austin", None, "Austin/TX/US"),
    ("Texas - Austin", None, "Austin/Texas/US"),
    ("Canada, Ontario, Toronto", None, "Toronto/Ontario/CA"),
    ("US - CA - San Francisco", None, "San Francisco/CA/US"),
    ("FL - Tampa (Store 0412)", None, "Tampa/FL/US"),
    # site codes and addresses
    ("Uxbridge, UK (ZUK131)", None, "Uxbridge//GB"),
    ("Leeds - Wellington Place", "GB", "//GB"),
    ("Wakefield DC2", "GB", "//GB"),
    (
        "Depot Two - 540 W. Madison Street Depot Two, Illinois 60661 United States ",
        None,
        "Depot Two/Illinois/US",
    ),
    # remote
    ("Remote", None, "//*"),
    ("Remote (United States)", None, "//US*"),
    ("Remote, United States", None, "//US*"),
    ("Remote - United Kingdom", None, "//GB*"),
    ("Remote U.S.", None, "//US*"),
    ("Remote-India (PEO)", None, "//IN*"),
    ("Remote in Germany", None, "//DE*"),
    ("Remote (EST)", None, "//*"),
    ("Remote (Canada or US)", None, "//*"),
    ("Remote-Friendly (Travel-Required)", None, "//"),
    ("US-Remote", None, "//US*"),
    ("Austin, TX - Remote", None, "Austin/TX/US*"),
    ("Distributed", None, "//"),
    ("US, TX, Remote", None, "/TX/US*"),
    ("US, IL, Home Office", None, "/IL/US*"),
    ("United Kingdom Offsite (ZUK99)", None, "//GB*"),
    ("Hybrid - London", None, "London//"),
    ("Hybrid (London, UK)", None, "London//GB"),
    # no places
    ("EMEA", None, "//"),
    ("Global", None, "//"),
    ("European Union", None, "//"),
    ("Multiple Locations", None, "//"),
    ("Anywhere", None, "//"),
    ("San Francisco Bay Area", None, "//"),
    ("", None, "//"),
]


def written(place: Place) -> str:
    return f"{place.city or ''}/{place.region or ''}/{place.country or ''}" + "*" * place.remote


@pytest.mark.parametrize(("text", "country", "expected"), TEXTS)
def test_a_place_says_only_what_its_text_makes_certain(text, country, expected):
    """City, region and country in any of the three orders, and nothing from areas and sites."""
    place = places.parse(text, country)
    assert written(place) == expected
    assert place.raw == " ".join(text.split())


LISTS = [
    ("Austin | Chicago | New York City", ["Austin", "Chicago", "New York City"]),
    ("Toronto, ON; San Francisco, CA", ["Toronto, ON", "San Francisco, CA"]),
    ("London, UK or Remote", ["London, UK", "Remote"]),
    ("Remote (Canada or US)", ["Remote - Canada", "Remote - US"]),
    ("Austin, TX • Reno, NV", ["Austin, TX", "Reno, NV"]),
    ("Portland, Oregon", ["Portland, Oregon"]),
    ("Corvallis, OR", ["Corvallis, OR"]),
    (" ; ", []),
]


@pytest.mark.parametrize(("text", "parts"), LISTS)
def test_a_list_of_places_is_parted(text, parts):
    """A comma mostly stands within a place; ";", "|" and " or " stand between places."""
    assert places.split_locations(text) == tuple(parts)


@pytest.mark.parametrize(
    ("text", "count", "cut", "more"),
    [
        ("7 Locations", True, "7 Locations", False),
        ("3 locations", True, "3 locations", False),
        ("Dallas, TX, More...", False, "Dallas, TX", True),
        ("Rugby, UK (ZUK107), More...", False, "Rugby, UK (ZUK107)", True),
        ("Baltimore, MD", False, "Baltimore, MD", False),
        ("4 Mile Run", False, "4 Mile Run", False),
    ],
)
def test_a_count_is_no_place(text, count, cut, more):
    """ "7 Locations" and "More..." tell that there are more places, not where."""
    assert places.is_count(text) is count
    assert places.without_more(text) == (cut, more)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Remote (US)", Workplace.REMOTE),
        ("Hybrid - London", Workplace.HYBRID),
        ("Offsite", Workplace.REMOTE),
        ("On-site, Leeds", Workplace.ONSITE),
        ("Hybrid or Remote", None),
        ("Remotown", None),
        ("London", None),
    ],
)
def test_a_workplace_word_is_a_whole_word(text, found):
    """A location's own word for where the work is done, when it is one."""
    assert places.workplace_word(text) is found


def test_places_are_merged_by_what_they_say():
    """The same text in another case, or the same city said twice, is one place."""
    texts = ["Leeds, UK", "LEEDS, uk", "Leeds, United Kingdom", "York, UK"]
    merged = places.merge(places.parse(text) for text in texts)
    assert [place.raw for place in merged] == ["Leeds, UK", "York, UK"]


@pytest.mark.parametrize(
    ("lat", "lng", "expected"),
    [
        (39.96, -83.0, (39.96, -83.0)),
        ("39.96", "-83", (39.96, -83.0)),
        (0, 0, None),
        (0.0, 12.5, (0.0, 12.5)),
        (None, 4, None),
        ("", "", None),
        (91, 0, False),
        (0, 181, False),
        (float("nan"), 1, False),
        ("north", "west", False),
        ([1], 2, False),
        (10**400, 2, False),
    ],
)
def test_coordinates_are_in_range_or_refused(lat, lng, expected):
    """Zero, zero is absent; what is out of range is no coordinate."""
    assert places.coordinates(lat, lng) == expected


@pytest.mark.parametrize(
    ("name", "stated", "expected"),
    [
        ("San Francisco", Place(raw="", city="San Francisco", country="US"), True),
        ("New York City", Place(raw="", city="New York", country="US"), True),
        ("New York City", Place(raw="", city="Phoenix", country="US"), False),
        ("Remote", Place(raw="", country="GB"), True),
        ("Global", Place(raw="", city="Austin", country="US"), False),
        ("Germany", Place(raw="", city="Austin", country="US"), False),
        ("HQ", Place(raw="", city="Austin", country="US"), True),
    ],
)
def test_a_name_and_an_address_can_be_one_place_or_not(name, stated, expected):
    """An address elsewhere than the named place is a placeholder."""
    assert places.agree(places.parse(name), stated, name) is expected
