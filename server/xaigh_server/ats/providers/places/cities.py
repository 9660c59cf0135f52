"""Well-known cities: evidence that decides an ambiguous code or name of a place.

"CA" is California or Canada: "San Diego" beside it makes it the first, "Toronto" the second. A city
that both could hold ("Ontario, CA", "Richmond, CA", "Salem, IN") is listed for both or for none, so
that it proves nothing. The table needn't be whole: a city that it lacks leaves the country unknown.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TypeAlias

Home: TypeAlias = tuple[str, str | None]
"""A country, and the code of the state if the city counts as that state's alone."""

_OF_COUNTRIES = """
DE Berlin;Munich;München;Hamburg;Frankfurt;Frankfurt am Main;Cologne;Köln;Stuttgart;Düsseldorf
DE Leipzig;Dresden;Hanover;Hannover;Nuremberg;Nürnberg;Bremen;Bonn;Essen;Dortmund;Duisburg;Mannheim
DE Karlsruhe;Münster;Augsburg;Wiesbaden;Aachen;Kiel;Freiburg;Mainz;Heidelberg;Potsdam;Walldorf
DE Bavaria;Bayern;Hesse;Hessen;Saxony;Sachsen;Baden-Württemberg;North Rhine-Westphalia
DE Nordrhein-Westfalen;Lower Saxony;Niedersachsen;Brandenburg;Rhineland-Palatinate
IN Bangalore;Bengaluru;Mumbai;Delhi;New Delhi;Delhi NCR;Hyderabad;Pune;Chennai;Gurgaon;Gurugram
IN Noida;Greater Noida;Kolkata;Ahmedabad;Jaipur;Kochi;Coimbatore;Chandigarh;Indore;Nagpur;Lucknow
IN Thiruvananthapuram;Trivandrum;Vadodara;Bhubaneswar;Mysore;Mysuru;Mangalore;Visakhapatnam
IN Karnataka;Maharashtra;Tamil Nadu;Telangana;Kerala;Haryana;Uttar Pradesh;Gujarat;West Bengal
IN Rajasthan;Madhya Pradesh;Andhra Pradesh;Punjab;Odisha;Goa;Bihar
IL Tel Aviv;Tel Aviv-Yafo;Tel;Haifa;Jerusalem;Herzliya;Ra'anana;Raanana;Netanya;Yokneam;Petah Tikva
IL Be'er Sheva;Beer Sheva;Ramat Gan;Rehovot;Hod Hasharon
CA Toronto;Vancouver;Montreal;Calgary;Ottawa;Edmonton;Winnipeg;Waterloo;Mississauga;Quebec City
CA Brampton;Markham;Kitchener;Saskatoon;Regina;Gatineau;Laval;Burnaby;Kelowna
ID Jakarta;Bandung;Surabaya;Bali;Denpasar;Medan;Tangerang;Semarang;Yogyakarta;Batam
CO Bogota;Bogotá D.C.;Medellin;Cali;Barranquilla;Cartagena;Bucaramanga;Pereira;Antioquia
AR Buenos Aires;Buenos;Ciudad de Buenos Aires;Cordoba;Rosario;Mendoza;La Plata
MA Casablanca;Rabat;Marrakech;Marrakesh;Tangier;Tanger;Fes;Agadir
PA Panama;Panama City;Ciudad de Panama|GE Tbilisi;Batumi;Kutaisi;Rustavi
NL Amsterdam;Rotterdam;The Hague;Den Haag;Utrecht;Eindhoven;Groningen;Tilburg;Breda;Nijmegen
NL Arnhem;Haarlem;Leiden;Delft;Maastricht;Almere;Amersfoort;Hoofddorp;Schiphol;Enschede;Apeldoorn
PE Lima;Arequipa;Trujillo;Cusco|SK Bratislava;Kosice;Zilina;Nitra;Trnava
SA Riyadh;Jeddah;Dammam;Khobar;Al Khobar;Mecca;Medina;Dhahran;Neom|TN Tunis;Sfax;Sousse
AL Tirana;Durres|AZ Baku|MD Chisinau|ME Podgorica|MN Ulaanbaatar|MT Valletta;Sliema;St. Julian's
KY George Town;Grand Cayman|LA Vientiane|MO Macau;Macao|SC Victoria|SD Khartoum|GA Libreville
NE Niamey|NC Noumea|VA Vatican City|MS Brades
BR Sao Paulo;Rio de Janeiro;Curitiba;Porto Alegre;Belo Horizonte;Manaus;Florianopolis;Recife;Belem
BR Fortaleza;Vitoria;Salvador;Brasilia;Goiania;Joinville;Campinas
CH Geneva;Genève;Bern;Basel;St. Gallen;Zurich;Lausanne
MX Monterrey;Guadalajara;Saltillo;Chihuahua;Tijuana"""

_OF_STATES = """
US AL Birmingham;Montgomery;Mobile;Huntsville;Tuscaloosa;Auburn;Hoover;Dothan;Decatur
US AZ Phoenix;Tucson;Mesa;Scottsdale;Tempe;Chandler;Gilbert;Glendale;Peoria;Surprise;Flagstaff;Yuma
US AZ Goodyear;Avondale;Buckeye
US AR Little Rock;Fayetteville;Bentonville;Rogers;Springdale;Fort Smith;Jonesboro;Conway
US CA San Francisco;South San Francisco;Los Angeles;San Diego;San Jose;Oakland;Sacramento;Fresno
US CA Palo Alto;Menlo Park;Mountain View;Sunnyvale;Santa Clara;Cupertino;Redwood City;San Mateo
US CA Foster City;Burlingame;San Bruno;Brisbane;Fremont;Milpitas;Pleasanton;Livermore;Emeryville
US CA Berkeley;San Ramon;Walnut Creek;Hayward;Long Beach;Santa Monica;Culver City;Burbank;Pasadena
US CA El Segundo;Torrance;Irvine;Anaheim;Santa Ana;Costa Mesa;Newport Beach;Huntington Beach
US CA Carlsbad;Oceanside;Chula Vista;Riverside;San Bernardino;Rancho Cucamonga;Bakersfield;Stockton
US CA Modesto;Santa Barbara;Santa Cruz;Santa Rosa;Thousand Oaks;West Hollywood;Beverly Hills
US CA Hawthorne;Inglewood;Fontana;Ontario;Roseville;Folsom;Los Gatos;Campbell;Playa Vista;Cerritos
US CO Denver;Boulder;Colorado Springs;Aurora;Fort Collins;Lakewood;Broomfield;Englewood;Golden
US CO Louisville;Littleton;Westminster;Greenwood Village;Centennial;Longmont;Pueblo;Lafayette
US DE Wilmington;Dover;Newark;New Castle;Middletown
US GA Atlanta;Savannah;Augusta;Columbus;Macon;Athens;Alpharetta;Marietta;Roswell;Sandy Springs
US GA Norcross;Duluth;Smyrna;Johns Creek;Peachtree Corners;Lawrenceville;Kennesaw;Decatur
US ID Boise;Meridian;Nampa;Idaho Falls;Coeur d'Alene;Pocatello;Twin Falls
US IL Chicago;Aurora;Naperville;Springfield;Peoria;Rockford;Schaumburg;Evanston;Oak Brook;Joliet
US IL Deerfield;Northbrook;Rosemont;Elgin;Champaign;Bloomington;Downers Grove;Hoffman Estates
US IN Indianapolis;Fort Wayne;Evansville;South Bend;Carmel;Bloomington;Gary;Lafayette;Columbus;Peru
US IN West Lafayette;Muncie;Terre Haute;Plainfield;Whitestown;Elkhart;Kokomo
US KY Louisville;Lexington;Bowling Green;Florence;Covington;Owensboro;Hebron;Frankfort
US LA New Orleans;Baton Rouge;Shreveport;Lafayette;Metairie;Lake Charles;Monroe
US MA Boston;Cambridge;Worcester;Springfield;Waltham;Burlington;Lexington;Somerville;Newton;Quincy
US MA Framingham;Marlborough;Needham;Wilmington;Chelmsford;Lowell;Watertown;Woburn;Andover;Bedford
US MD Baltimore;Bethesda;Rockville;Gaithersburg;Columbia;Annapolis;Silver Spring;Frederick
US MD Germantown;College Park;Annapolis Junction;Towson;Hanover;Fort Meade;Chevy Chase;Hagerstown
US ME Portland;Bangor;Augusta;Lewiston;South Portland
US MN Minneapolis;St. Paul;Saint Paul;Bloomington;Rochester;Duluth;Eden Prairie;Plymouth;Eagan
US MN Minnetonka;Maple Grove;Brooklyn Park;Burnsville
US MO St. Louis;Saint Louis;Kansas City;Springfield;Columbia;Independence;Chesterfield;O'Fallon
US MS Jackson;Gulfport;Biloxi;Hattiesburg;Southaven;Olive Branch;Byhalia;Tupelo
US MT Billings;Missoula;Bozeman;Great Falls;Helena;Butte
US NC Charlotte;Raleigh;Durham;Greensboro;Winston-Salem;Cary;Morrisville;Wilmington;Asheville
US NC Fayetteville;High Point;Chapel Hill;Concord;Huntersville;Research Triangle Park;Mooresville
US NE Omaha;Lincoln;Bellevue;Grand Island;La Vista
US PA Philadelphia;Pittsburgh;Harrisburg;Allentown;King of Prussia;Malvern;Wayne;Conshohocken;Erie
US PA Lancaster;Reading;Scranton;Bethlehem;York;State College;Exton;Plymouth Meeting;West Chester
US SC Charleston;Columbia;Greenville;Spartanburg;North Charleston;Fort Mill;Rock Hill;Myrtle Beach
US SD Sioux Falls;Rapid City;Brookings
US TN Nashville;Memphis;Knoxville;Chattanooga;Franklin;Brentwood;Murfreesboro;Clarksville;La Vergne
US VA Arlington;Reston;McLean;Richmond;Alexandria;Herndon;Norfolk;Virginia Beach;Chantilly;Ashburn
US VA Vienna;Tysons;Fairfax;Chesapeake;Newport News;Hampton;Roanoke;Charlottesville;Blacksburg
US VA Sterling;Dulles;Manassas;Leesburg;Fredericksburg;Springfield;Falls Church;Lynchburg
US WA Seattle;Bellevue;Redmond;Kirkland;Tacoma;Spokane;Everett;Renton;Kent;Bothell;Vancouver
US WA Issaquah;Olympia;Camas;Kennewick;Richland;Tukwila;Yakima;Bellingham;Lynnwood;SeaTac
US NH Lebanon|US NY Cuba|US PA Lebanon|US OH Lebanon;Poland|US ME Norway;Poland|US TN Lebanon
US IN Brazil;Lebanon|US MO Mexico;Cuba;Lebanon|US MN Jordan|US OR Lebanon
CA NL St. John's;St. Johns;Saint John's;Mount Pearl;Corner Brook;Gander;Paradise;Labrador City
CA NL Happy Valley-Goose Bay;Stephenville;Clarenville|CA NT Yellowknife;Inuvik;Hay River
CA NU Iqaluit;Rankin Inlet|CA PE Charlottetown;Summerside;Stratford
CA SK Saskatoon;Regina;Prince Albert;Moose Jaw;Swift Current|CA YT Whitehorse;Dawson City
AU NT Darwin;Alice Springs;Palmerston;Katherine
AU SA Adelaide;Mount Gambier;Whyalla;Port Augusta;Elizabeth
AU WA Perth;Fremantle;Bunbury;Karratha;Kalgoorlie;Port Hedland;Mandurah;Joondalup;Geraldton
AU WA Broome;Welshpool;Rockingham;Osborne Park;West Perth;Albany
IT MI Milan;Milano|IT TO Turin;Torino|IT BO Bologna|IT GE Genoa;Genova|IT NA Naples;Napoli
IT VE Venice;Venezia|IT BA Bari|IT BG Bergamo|IT BS Brescia|IT CA Cagliari|IT CT Catania
IT PA Palermo|IT PD Padova;Padua|US MI Milan"""

_SUBDIVISIONS = """
BR AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO
CH BE BS GE LU SG TI VD ZH|CO ANT DC|DE BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH
IN AP AS BR CG CH DL GJ HP HR JH JK KA KL MH MP OD PB PY RJ TG TN TS UK UP WB
IT AL BA BG BO BS CA CT GE MI NA PA PD RM TO VE VR
MX AG BC BS CH CO CS DF GR GT HG JA MO NL OA PU QR SI SL SO TB TM VE YU ZA"""
"""Codes of the parts of further countries, but those that would mislead: Geneva, NE is Nebraska."""

_ZIPS = """AL 35 36|AZ 85 86|AR 71 72|CA 90 91 92 93 94 95 96|CO 80 81|DE 197 198 199
GA 30 31 398 399|ID 832 833 834 835 836 837 838|IL 60 61 62|IN 46 47|KY 40 41 42|LA 70 71
MA 01 02|MD 20 21|ME 039 04|MN 55 56|MO 63 64 65|MS 38 39|MT 59|NC 27 28|NE 68 69
PA 15 16 17 18 19|SC 29|SD 57|TN 37 38|VA 201 22 23 24|WA 98 99"""
"""How the five-digit postal codes of a state begin; states whose code means nothing else lack."""


def _rows(table: str) -> list[str]:
    return [row for line in table.split("\n") for row in line.split("|") if row]


def folded(name: str) -> str:
    """A name without case and accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


HOMES: dict[str, set[Home]] = {}
"""Folded name of a city or region to where it is known to be."""
for _row in _rows(_OF_COUNTRIES):
    _country, _names = _row.split(" ", 1)
    for _name in _names.split(";"):
        HOMES.setdefault(folded(_name), set()).add((_country, None))
for _row in _rows(_OF_STATES):
    _country, _state, _names = _row.split(" ", 2)
    for _name in _names.split(";"):
        HOMES.setdefault(folded(_name), set()).add((_country, _state))
_REGIONS: dict[str, set[str]] = {}
for _row in _rows(_SUBDIVISIONS):
    _country, _names = _row.split(" ", 1)
    _REGIONS.setdefault(_country, set()).update(_names.split())
_ZIP_STARTS = {row.split()[0]: tuple(row.split()[1:]) for row in _rows(_ZIPS)}


@lru_cache(maxsize=4_096)
def homes(name: str) -> frozenset[Home]:
    """Where a city of that name is known to be; its first word counts where the name doesn't."""
    key = folded(name)
    found = HOMES.get(key)
    if found is None:
        found = {home for home in HOMES.get(key.split(" ")[0], ()) if home[1] is None}
    return frozenset(found)


def has_subdivision(country: str, code: str) -> bool:
    """Whether a code is known to be of a part of that country."""
    return code in _REGIONS.get(country, ())


def is_zip_of(state: str, postal: str) -> bool:
    """Whether a postal code of the United States lies in that state."""
    return postal.startswith(_ZIP_STARTS.get(state, ())) if _ZIP_STARTS.get(state) else False
