"""Known cities: evidence that decides an ambiguous code or name of a place.

"CA" is California or Canada: "San Diego" beside it makes it the first. A city that both have
("Windsor, CA", "Salem, IN") proves nothing. The table needn't be whole: a city that it lacks leaves
the country unknown. `cities.txt` holds names of GeoNames (https://www.geonames.org, CC BY 4.0),
written by tools/make_cities.py.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from xaigh_server.ats.providers.places.names import folded

Home: TypeAlias = tuple[str, str | None]
"""A country, and the code of the state if the city counts as that state's alone."""

_OF_COUNTRIES = """
DE Munich;München;Frankfurt;Cologne;Köln;Hanover;Nuremberg;Nürnberg;Münster;Freiburg;Walldorf
DE Frankfurt am Main|IN Bangalore;Gurgaon;Delhi NCR;Trivandrum;Mysore;Mangalore;Cochin;Bombay
IN Calcutta;Madras;Vizag;Baroda
IL Tel Aviv;Tel Aviv-Yafo;Ra'anana;Raanana;Yokneam;Petah Tikva;Be'er Sheva;Beer Sheva;Hod Hasharon
CA Montreal;Quebec City|ID Bali;Jakarta|CO Bogotá D.C.;Cali;Cartagena
AR Buenos Aires;Ciudad de Buenos Aires|MA Casablanca;Marrakesh;Tangier;Tanger;Fes
PA Panama;Panama City;Ciudad de Panama|GE Tbilisi;Batumi;Kutaisi;Rustavi
NL The Hague;Den Haag;Hoofddorp;Schiphol|PE Lima|SK Kosice|SA Khobar;Al Khobar;Mecca;Medina;Neom
AL Tirana;Durres|AZ Baku|MD Chisinau|ME Podgorica|MN Ulaanbaatar|MT Valletta;Sliema;St. Julian's
KY George Town;Grand Cayman|LA Vientiane|MO Macau;Macao|SC Victoria|SD Khartoum|GA Libreville
NE Niamey|NC Noumea|VA Vatican City|MS Brades|TN Tunis;Sousse
BR Sao Paulo;Brasilia|CH Geneva;Genève;Bern;Basel;St. Gallen;Zurich;Lausanne
MX Querétaro;Mérida;León;Puebla;Toluca;Cancún
ES Vitoria|CZ Prague;Praha|PL Warsaw;Warszawa;Krakow|AT Vienna;Wien|PT Lisbon;Lisboa|IT Rome;Roma
GR Athens|DK Copenhagen|UA Kyiv;Kiev|JP Tokyo;Osaka|CN Beijing;Shanghai"""
"""Names that the table lacks or has in another spelling."""

_OF_STATES = """
US NY New York;NYC;New York City;Brooklyn;Manhattan;Queens|US DC Washington
US NC Research Triangle Park|US CA South San Francisco;Playa Vista;La Jolla
US MD Annapolis Junction;Fort Meade|US PA Plymouth Meeting;Conshohocken|US WA SeaTac
US VA Dulles;Tysons;Tysons Corner|US AL Redstone Arsenal|US GA Peachtree Corners
CO DC Bogota;Bogotá D.C.
CA QC Quebec;Québec;Montreal|CA NL St. Johns;Saint John's;Happy Valley-Goose Bay
AU WA Welshpool;Osborne Park;West Perth;Port Hedland
IT MI Milan;Milano|IT TO Turin;Torino|IT GE Genoa;Genova|IT NA Naples;Napoli
IT VE Venice;Venezia|IT BO Bologna|IT BA Bari|IT BG Bergamo|IT BS Brescia|IT CA Cagliari
IT CT Catania|IT PA Palermo|IT PD Padova;Padua|IN KL Cochin|IN KA Bangalore|IN HR Gurgaon"""

_SUBDIVISIONS = """
BR AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO
CH BE BS GE LU SG TI VD ZH|CO ANT DC|DE BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH
IN AP AS BR CG CH DL GJ HP HR JH JK KA KL MH MP OD PB PY RJ TG TN TS UK UP WB
IT AL BA BG BO BS CA CT GE MI NA PA PD RM TO VE VR
MX AG BC BS CH CO CS DF GR GT HG JA MO NL OA PU QR SI SL SO TB TM VE YU ZA JAL CMX CDMX QRO NLE"""
"""Codes of the parts of further countries, but those that would mislead: Geneva, NE is Nebraska."""

_ZIPS = """AL 35 36|AZ 85 86|AR 71 72|CA 90 91 92 93 94 95 96|CO 80 81|DE 197 198 199
GA 30 31 398 399|ID 832 833 834 835 836 837 838|IL 60 61 62|IN 46 47|KY 40 41 42|LA 70 71
MA 01 02|MD 20 21|ME 039 04|MN 55 56|MO 63 64 65|MS 38 39|MT 59|NC 27 28|NE 68 69
PA 15 16 17 18 19|SC 29|SD 57|TN 37 38|VA 201 22 23 24|WA 98 99"""
"""How the five-digit postal codes of a state begin; states whose code means nothing else lack."""


def _rows(table: str) -> list[str]:
    return [row for line in table.split("\n") for row in line.split("|") if row]


def _homes() -> dict[str, tuple[Home, ...]]:
    """The table's names and those listed here, each with all its homes."""
    found: dict[str, tuple[Home, ...]] = {}
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()]
    for where, names in rows if TABLE.exists() else ():
        country, _, state = where.partition("-")
        home = ((country, state or None),)
        for name in names.split(";"):
            found[name] = found[name] + home if name in found else home
    listed = [(row.split(" ", 1)[0], None, row.split(" ", 1)[1]) for row in _rows(_OF_COUNTRIES)]
    listed += [tuple(row.split(" ", 2)) for row in _rows(_OF_STATES)]  # type: ignore[misc]
    for country, code, names in listed:
        for name in map(folded, names.split(";")):
            known = found.get(name, ())
            if not any(land == country and code in (None, state) for land, state in known):
                found[name] = (*known, (country, code))
    return found


TABLE = Path(__file__).with_name("cities.txt")
HOMES = _homes()
"""Folded name of a city to where it is known to be."""
_REGIONS: dict[str, set[str]] = {}
for _row in _rows(_SUBDIVISIONS):
    _country, _names = _row.split(" ", 1)
    _REGIONS.setdefault(_country, set()).update(_names.split())
_STATED = ("US", "CA", "AU")
_ZIP_STARTS = {row.split()[0]: tuple(row.split()[1:]) for row in _rows(_ZIPS)}


@lru_cache(maxsize=4_096)
def homes(name: str) -> tuple[Home, ...]:
    """Where a city of that name is known to be.

    Of a name that isn't known the words before the last, or its first, may be ("München Pasing").
    """
    key = folded(name)
    found = HOMES.get(key)
    first = key.split(" ")[0]
    if found is None and first != key and len(first) > 4:
        found = tuple(home for home in HOMES.get(first, ()) if home[0] not in _STATED)
    return found or ()


def is_known(name: str) -> bool:
    """Whether a whole name is a known city's ("South Jordan")."""
    return folded(name) in HOMES


def has_subdivision(country: str, code: str) -> bool:
    """Whether a code is known to be of a part of that country."""
    return code in _REGIONS.get(country, ())


def is_zip_of(state: str, postal: str) -> bool:
    """Whether a postal code of the United States lies in that state."""
    return postal.startswith(_ZIP_STARTS.get(state, ())) if _ZIP_STARTS.get(state) else False
