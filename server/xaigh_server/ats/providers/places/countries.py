"""Countries by name, alpha-2 and alpha-3 code (ISO 3166-1), and the states that addresses use.

Names in further languages are in `country_names.txt` (CLDR, written by
tools/make_country_names.py).
"""

from __future__ import annotations

from pathlib import Path

from xaigh_server.ats.providers.places.names import folded, folded_names

_COUNTRIES = """
AD AND Andorra|AE ARE United Arab Emirates;UAE;U.A.E.|AF AFG Afghanistan|AG ATG Antigua and Barbuda
AI AIA Anguilla|AL ALB Albania|AM ARM Armenia|AO AGO Angola|AQ ATA Antarctica|AR ARG Argentina
AS ASM American Samoa|AT AUT Austria;Österreich|AU AUS Australia|AW ABW Aruba|AX ALA Åland Islands
AZ AZE Azerbaijan|BA BIH Bosnia and Herzegovina;Bosnia|BB BRB Barbados|BD BGD Bangladesh
BE BEL Belgium;België;Belgique|BF BFA Burkina Faso|BG BGR Bulgaria|BH BHR Bahrain|BI BDI Burundi
BJ BEN Benin|BL BLM Saint Barthélemy|BM BMU Bermuda|BN BRN Brunei;Brunei Darussalam|BO BOL Bolivia
BQ BES Bonaire, Sint Eustatius and Saba|BR BRA Brazil;Brasil|BS BHS Bahamas;The Bahamas
BT BTN Bhutan|BV BVT Bouvet Island|BW BWA Botswana|BY BLR Belarus|BZ BLZ Belize|CA CAN Canada
CC CCK Cocos (Keeling) Islands|CD COD Democratic Republic of the Congo;DR Congo;DRC
CF CAF Central African Republic|CG COG Congo;Republic of the Congo|CH CHE Switzerland;Schweiz;Suisse
CI CIV Côte d'Ivoire;Ivory Coast|CK COK Cook Islands|CL CHL Chile|CM CMR Cameroon
CN CHN China;People's Republic of China;PRC;Mainland China|CO COL Colombia|CR CRI Costa Rica
CU CUB Cuba|CV CPV Cabo Verde;Cape Verde|CW CUW Curaçao|CX CXR Christmas Island|CY CYP Cyprus
CZ CZE Czechia;Czech Republic;Czech Rep;Česko|DE DEU Germany;Deutschland|DJ DJI Djibouti
DK DNK Denmark;Danmark|DM DMA Dominica|DO DOM Dominican Republic|DZ DZA Algeria|EC ECU Ecuador
EE EST Estonia;Eesti|EG EGY Egypt|EH ESH Western Sahara|ER ERI Eritrea|ES ESP Spain;España
ET ETH Ethiopia|FI FIN Finland;Suomi|FJ FJI Fiji|FK FLK Falkland Islands
FM FSM Micronesia;Federated States of Micronesia|FO FRO Faroe Islands|FR FRA France|GA GAB Gabon
GB GBR United Kingdom;UK;U.K.;U.K;Great Britain;Britain;The United Kingdom;The UK
GB GBR United Kingdom of Great Britain and Northern Ireland
GD GRD Grenada|GE GEO Georgia|GF GUF French Guiana|GG GGY Guernsey|GH GHA Ghana|GI GIB Gibraltar
GL GRL Greenland|GM GMB Gambia;The Gambia|GN GIN Guinea|GP GLP Guadeloupe|GQ GNQ Equatorial Guinea
GR GRC Greece|GS SGS South Georgia and the South Sandwich Islands|GT GTM Guatemala|GU GUM Guam
GW GNB Guinea-Bissau|GY GUY Guyana|HK HKG Hong Kong;Hong Kong SAR;Hong Kong SAR China
HM HMD Heard Island and McDonald Islands|HN HND Honduras|HR HRV Croatia;Hrvatska|HT HTI Haiti
HU HUN Hungary;Magyarország|ID IDN Indonesia|IE IRL Ireland;Republic of Ireland|IL ISR Israel
IM IMN Isle of Man|IN IND India|IO IOT British Indian Ocean Territory|IQ IRQ Iraq
IR IRN Iran;Islamic Republic of Iran|IS ISL Iceland|IT ITA Italy;Italia|JE JEY Jersey
JM JAM Jamaica|JO JOR Jordan|JP JPN Japan;日本|KE KEN Kenya|KG KGZ Kyrgyzstan|KH KHM Cambodia
KI KIR Kiribati|KM COM Comoros|KN KNA Saint Kitts and Nevis|KP PRK North Korea
KR KOR South Korea;Korea;Republic of Korea;Korea, Republic of;대한민국|KW KWT Kuwait
KY CYM Cayman Islands|KZ KAZ Kazakhstan|LA LAO Laos|LB LBN Lebanon|LC LCA Saint Lucia
LI LIE Liechtenstein|LK LKA Sri Lanka|LR LBR Liberia|LS LSO Lesotho|LT LTU Lithuania
LU LUX Luxembourg|LV LVA Latvia|LY LBY Libya|MA MAR Morocco|MC MCO Monaco
MD MDA Moldova;Republic of Moldova|ME MNE Montenegro|MF MAF Saint Martin|MG MDG Madagascar
MH MHL Marshall Islands|MK MKD North Macedonia;Macedonia|ML MLI Mali|MM MMR Myanmar;Burma
MN MNG Mongolia|MO MAC Macao;Macau|MP MNP Northern Mariana Islands|MQ MTQ Martinique
MR MRT Mauritania|MS MSR Montserrat|MT MLT Malta|MU MUS Mauritius|MV MDV Maldives|MW MWI Malawi
MX MEX Mexico;México|MY MYS Malaysia|MZ MOZ Mozambique|NA NAM Namibia|NC NCL New Caledonia
NE NER Niger|NF NFK Norfolk Island|NG NGA Nigeria|NI NIC Nicaragua
NL NLD Netherlands;The Netherlands;Holland;Nederland|NO NOR Norway;Norge|NP NPL Nepal|NR NRU Nauru
NU NIU Niue|NZ NZL New Zealand|OM OMN Oman|PA PAN Panama|PE PER Peru;Perú|PF PYF French Polynesia
PG PNG Papua New Guinea|PH PHL Philippines;The Philippines|PK PAK Pakistan|PL POL Poland;Polska
PM SPM Saint Pierre and Miquelon|PN PCN Pitcairn|PR PRI Puerto Rico
PS PSE Palestine;State of Palestine|PT PRT Portugal|PW PLW Palau|PY PRY Paraguay|QA QAT Qatar
RE REU Réunion|RO ROU Romania;România|RS SRB Serbia|RU RUS Russia;Russian Federation|RW RWA Rwanda
SA SAU Saudi Arabia;KSA;Kingdom of Saudi Arabia|SB SLB Solomon Islands|SC SYC Seychelles
SD SDN Sudan|SE SWE Sweden;Sverige|SG SGP Singapore|SH SHN Saint Helena|SI SVN Slovenia
SJ SJM Svalbard and Jan Mayen|SK SVK Slovakia;Slovak Republic|SL SLE Sierra Leone|SM SMR San Marino
SN SEN Senegal|SO SOM Somalia|SR SUR Suriname|SS SSD South Sudan|ST STP Sao Tome and Principe
SV SLV El Salvador|SX SXM Sint Maarten|SY SYR Syria|SZ SWZ Eswatini;Swaziland
TC TCA Turks and Caicos Islands|TD TCD Chad|TF ATF French Southern Territories|TG TGO Togo
TH THA Thailand|TJ TJK Tajikistan|TK TKL Tokelau|TL TLS Timor-Leste;East Timor|TM TKM Turkmenistan
TN TUN Tunisia|TO TON Tonga|TR TUR Turkey;Türkiye;Turkiye|TT TTO Trinidad and Tobago|TV TUV Tuvalu
TW TWN Taiwan;Taiwan, Province of China|TZ TZA Tanzania;United Republic of Tanzania|UA UKR Ukraine
UG UGA Uganda|UM UMI United States Minor Outlying Islands
US USA United States;United States of America;U.S.;U.S;U.S.A.;U.S.A;The United States;EE.UU.
US USA EEUU;EUA;United States of America (USA);United States (USA);Estados Unidos de América
US USA Vereinigte Staaten von Amerika|UY URY Uruguay
UZ UZB Uzbekistan|VA VAT Holy See;Vatican City|VC VCT Saint Vincent and the Grenadines
VE VEN Venezuela|VG VGB British Virgin Islands|VI VIR U.S. Virgin Islands;US Virgin Islands
VN VNM Vietnam;Viet Nam|VU VUT Vanuatu|WF WLF Wallis and Futuna|WS WSM Samoa|XK XKX Kosovo
YE YEM Yemen|YT MYT Mayotte|ZA ZAF South Africa|ZM ZMB Zambia|ZW ZWE Zimbabwe
"""

_STATES = {
    "US": """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut
        DE Delaware|DC District of Columbia;D.C.|FL Florida|GA Georgia|HI Hawaii|ID Idaho
        IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland
        MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
        NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York
        NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania
        RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont
        VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming""",
    "CA": """AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick
        NL Newfoundland and Labrador;Newfoundland|NS Nova Scotia|NT Northwest Territories
        NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec;Québec|SK Saskatchewan|YT Yukon""",
    "AU": """NSW New South Wales|QLD Queensland|SA South Australia|TAS Tasmania|VIC Victoria
        WA Western Australia|ACT Australian Capital Territory|NT Northern Territory""",
    "GB": "ENG England|SCT Scotland|WLS Wales|NIR Northern Ireland",
}


_REGIONS = """
BR Acre;Alagoas;Amapá;Bahia;Ceará;Distrito Federal;Espírito Santo;Goiás;Maranhão;Mato Grosso
BR Mato Grosso do Sul;Minas Gerais;Pará;Paraíba;Paraná;Pernambuco;Piauí;Rio Grande do Norte
BR Rio Grande do Sul;Rondônia;Roraima;Santa Catarina;Sergipe;Tocantins;São Paulo;Rio de Janeiro
MX Jalisco;Nuevo León;Quintana Roo;Baja California;Baja California Sur;Coahuila;Estado de México
MX CDMX;Ciudad de México;Mexico City;Nayarit;Sinaloa;Sonora;Tabasco;Tamaulipas;Yucatán;Chiapas
MX Michoacán;Hidalgo;Morelos;Querétaro;Guanajuato;San Luis Potosí;Aguascalientes;Edo. de México
IN Karnataka;Maharashtra;Tamil Nadu;Telangana;Kerala;Haryana;Uttar Pradesh;Gujarat;West Bengal
IN Rajasthan;Madhya Pradesh;Andhra Pradesh;Odisha;Orissa;Bihar;Assam;Jharkhand;Chhattisgarh
IN Uttarakhand;Himachal Pradesh;Jammu and Kashmir;Delhi NCR;New Delhi;Delhi;Manipur;Meghalaya
DE Bayern;Bavaria;Hessen;Hesse;Sachsen;Saxony;Baden-Württemberg;Nordrhein-Westfalen;Niedersachsen
DE North Rhine-Westphalia;Lower Saxony;Brandenburg;Rhineland-Palatinate;Rheinland-Pfalz;Thüringen
DE Thuringia;Schleswig-Holstein;Saarland;Sachsen-Anhalt;Saxony-Anhalt;Mecklenburg-Vorpommern
GB Bedfordshire;Berkshire;Buckinghamshire;Cambridgeshire;Cheshire;Cornwall;Cumbria;Derbyshire
GB Devon;Dorset;County Durham;East Sussex;West Sussex;East Riding of Yorkshire;Gloucestershire
GB Greater London;Greater Manchester;Hampshire;Herefordshire;Hertfordshire;Isle of Wight
GB Lancashire;Leicestershire;Lincolnshire;Merseyside;Northamptonshire;Northumberland
GB North Yorkshire;South Yorkshire;West Yorkshire;Nottinghamshire;Oxfordshire;Rutland;Shropshire
GB Somerset;Staffordshire;Tyne and Wear;Tyne & Wear;Warwickshire;West Midlands;Wiltshire
GB Worcestershire;Aberdeenshire;Lanarkshire;Midlothian;County Antrim;County Down;Surrey;Kent
GB Essex;Norfolk;Suffolk;Herts;Bucks;Berks;Oxon;Lancs
IE County Dublin;County Cork;County Galway;County Limerick;County Kildare;Co. Dublin;Co. Cork
IE Co. Kildare;Co. Galway;Co. Limerick;Leinster;Munster
FR Île-de-France;Auvergne-Rhône-Alpes;Occitanie;Nouvelle-Aquitaine;Hauts-de-France;Grand Est
FR Provence-Alpes-Côte d'Azur;Normandie;Bretagne;Pays de la Loire
ES Comunidad de Madrid;Community of Madrid;Cataluña;Catalunya;Catalonia;Andalucía;Andalusia
ES País Vasco;Basque Country;Comunidad Valenciana
IT Lombardia;Lombardy;Piemonte;Piedmont;Lazio;Veneto;Toscana;Tuscany;Emilia-Romagna;Campania
PL Mazowieckie;Małopolskie;Dolnośląskie;Masovian Voivodeship;Lesser Poland
NL Noord-Holland;North Holland;Zuid-Holland;South Holland;Noord-Brabant;North Brabant;Gelderland
JP Tokyo-to;Kanagawa;Osaka Prefecture;Aichi
AT Oberösterreich;Niederösterreich;Steiermark;Upper Austria;Lower Austria;Styria
CO Antioquia;Cundinamarca;Valle del Cauca
US Ariz;Calif;Colo;Conn;Fla;Mass;Mich;Minn;Okla;Penn;Penna;Tenn;Tex;Wash;Wisc
CA Ont;Que;PEI;P.E.I.
"""
"""Names of parts of further countries. Not those of a large city elsewhere ("Córdoba")."""

CITY_STATES = folded_names(
    """New York;Washington;Quebec;São Paulo;Rio de Janeiro;Mexico City;Ciudad de México;CDMX
    New Delhi;Delhi;Delhi NCR;Querétaro;Guanajuato;San Luis Potosí;Aguascalientes;Hidalgo
    Norfolk;Kent;Surrey;Brandenburg;Campania;Sonora;Tabasco;Morelos;Hesse;Tuscany;Bretagne
    Victoria;Paraná;Santa Catarina;Acre;New Brunswick;Cheshire
    Somerset;Northumberland;Cornwall;Munster;Berkshire;Hampshire;Suffolk;Essex;Devon;Dorset"""
)
"""Folded names of states that a city has, too: alone, such a name says no country."""


def _entries(table: str) -> list[list[str]]:
    rows = (row.strip() for row in table.split("\n"))
    return [entry.split(" ", 1) for row in rows for entry in row.split("|") if entry]


ALPHA_2: dict[str, str] = {}
"""Alpha-2 and alpha-3 codes, upper-case, to alpha-2."""
COUNTRY_NAMES: dict[str, str] = {"usa": "US"}
"""Case-folded names and aliases to alpha-2."""
for _code, _rest in _entries(_COUNTRIES):
    _alpha_3, _names = _rest.split(" ", 1)
    ALPHA_2[_code] = ALPHA_2[_alpha_3] = _code
    for _name in _names.split(";"):
        COUNTRY_NAMES[_name.casefold()] = _code
ALPHA_2["UK"] = "GB"
NAMES = Path(__file__).with_name("country_names.txt")
for _line in NAMES.read_text(encoding="utf-8").splitlines() if NAMES.exists() else ():
    _code, _names = _line.split("\t")
    for _name in _names.split(";"):
        COUNTRY_NAMES.setdefault(_name, _code)

STATE_CODES: dict[str, dict[str, str]] = {}
"""Country to its state codes, upper-case, to their names."""
STATE_NAMES: dict[str, str] = {}
"""Folded state names to the one country that has such a state."""
for _row in _REGIONS.strip().split("\n"):
    _country, _names = _row.split(" ", 1)
    for _name in _names.split(";"):
        STATE_NAMES[folded(_name)] = _country
for _country, _table in _STATES.items():
    STATE_CODES[_country] = {}
    for _code, _names in _entries(_table):
        STATE_CODES[_country][_code] = _names.split(";")[0]
        for _name in _names.split(";"):
            STATE_NAMES[folded(_name)] = _country

TERRITORIES: dict[str, str] = {
    **dict.fromkeys(("PR", "GU", "VI", "AS", "MP"), "US"),
    **dict.fromkeys(("HK", "MO", "TW"), "CN"),
    **dict.fromkeys(("GG", "JE", "IM", "GI", "BM", "KY", "VG"), "GB"),
    **dict.fromkeys(("GP", "MQ", "GF", "RE", "YT", "NC", "PF"), "FR"),
    **dict.fromkeys(("AW", "CW", "SX", "BQ"), "NL"),
    **dict.fromkeys(("FO", "GL"), "DK"),
}
"""Codes of territories that addresses also write under another country."""


def are_compatible(one: str, other: str) -> bool:
    """Whether two codes can be of one place: the same, or a territory and its country."""
    return one == other or TERRITORIES.get(one) == other or TERRITORIES.get(other) == one


def country_code(text: object) -> str | None:
    """Alpha-2 of a country's name or code in any case; None for "European Union" and the like."""
    if type(text) is not str:
        return None
    name = text.strip()
    if name in ALPHA_2:
        return ALPHA_2[name]
    if len(name) <= 3:
        return ALPHA_2.get(name.upper())
    return COUNTRY_NAMES.get(name.casefold())
