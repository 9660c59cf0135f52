"""Currencies: what a sign or a word names, which one a country pays in, and what one is worth.

A sign that several currencies share names none of them by itself. The stated country of a role
decides where its currency is one of those that share the sign.
"""

from __future__ import annotations

from decimal import Decimal

from xaigh_server.ats.providers.text.vocabulary import keyed

_EXPONENT_0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_EXPONENT_3 = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENT_4 = "CLF UYW"
_EXPONENT_2 = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
    PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"""

EXPONENTS: dict[str, int] = {
    code: exponent
    for exponent, codes in ((0, _EXPONENT_0), (2, _EXPONENT_2), (3, _EXPONENT_3), (4, _EXPONENT_4))
    for code in codes.split()
}

_OWN = keyed(
    "USD US$ USD$ U$S U$D|CAD CA$ CAD$|AUD A$ AU$ AUD$|NZD NZ$ NZD$|SGD S$ SG$ SGD$|HKD HK$ HKD$"
    "|TWD NT$ NTD|BRL R$|MXN MX$ MXN$|ARS AR$|CLP CLP$|COP COL$ COP$"
    "|EUR € euro euros|INR ₹|KRW ₩ 원|ILS ₪ NIS|PHP ₱ Php|VND ₫ VNĐ|NGN ₦|UAH ₴ грн|TRY ₺ TL"
    "|RUB ₽ руб|PLN zł zl|CZK kč|HUF ft|THB ฿|GHS ₵ gh₵ gh¢|KZT ₸|GEL ₾|AMD ֏|PYG ₲|CRC ₡"
    "|IDR Rp|MYR RM|ZAR R rand|KES KSh KES.|PEN S/ S/.|CHF sfr fr. chf.|CNY 元 RMB|JPY 円|BGN лв"
    "|AED dh dhs|SAR SR|QAR QR"
)
_BY_FOLDED = {sign.casefold(): code for sign, code in _OWN.items()}

_SHARED: dict[str, frozenset[str]] = {
    sign: frozenset(codes.split())
    for signs, codes in (
        (
            "$ dollar dollars",
            "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BBD BSD BZD BMD BND FJD GYD JMD"
            " KYD LRD NAD SBD SRD TTD XCD",
        ),
        ("C$", "CAD NIO"),
        ("¥ ￥", "JPY CNY"),
        ("kr kr.", "SEK NOK DKK ISK"),
        ("£ pound pounds", "GBP EGP GIP FKP SHP SDG SSP SYP LBP"),
        ("rs rs. rupee rupees", "INR PKR LKR NPR MUR SCR"),
        ("lei leu", "RON MDL"),
        ("fr", "CHF XOF XAF XPF"),
        ("peso pesos", "MXN ARS CLP COP UYU DOP PHP CUP"),
        ("lakh", "INR PKR BDT NPR LKR"),
    )
    for sign in signs.split()
}
_USUAL = {"£": "GBP", "C$": "CAD"}
"""What a shared sign means unless the country of the role has another currency of that sign."""

_OF_COUNTRY = keyed(
    "USD US PR GU VI AS MP EC SV|EUR AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
    " AD MC SM VA ME XK|GBP GB IM JE GG|CAD CA|AUD AU KI NR TV|NZD NZ CK NU|JPY JP|INR IN"
    "|CHF CH LI|SEK SE|NOK NO SJ|DKK DK FO GL|ISK IS|PLN PL|CZK CZ|HUF HU|RON RO|BRL BR|MXN MX"
    "|SGD SG|HKD HK|MOP MO|KRW KR|CNY CN|TWD TW|ILS IL|ZAR ZA|AED AE|IDR ID|MYR MY|PHP PH|THB TH"
    "|VND VN|TRY TR|SAR SA|KWD KW|QAR QA|BHD BH|OMR OM|JOD JO|IQD IQ|CLP CL|COP CO|ARS AR|PEN PE"
    "|UYU UY|PYG PY|BOB BO|CRC CR|DOP DO|GTQ GT|HNL HN|NIO NI|JMD JM|TTD TT|BBD BB|BSD BS|BZD BZ"
    "|GYD GY|SRD SR|XCD AG DM GD KN LC VC|KYD KY|BMD BM|EGP EG|MAD MA|TND TN|DZD DZ|LYD LY|NGN NG"
    "|KES KE|GHS GH|UGX UG|TZS TZ|RWF RW|ETB ET|ZMW ZM|BWP BW|MZN MZ|AOA AO|MUR MU|NAD NA|MGA MG"
    "|XOF BJ BF CI GW ML NE SN TG|XAF CM CF CG GA GQ TD|XPF NC PF WF|PKR PK|BDT BD|LKR LK|NPR NP"
    "|MVR MV|MMK MM|LAK LA|MNT MN|BND BN|FJD FJ|PGK PG|UAH UA|RSD RS|BAM BA|MKD MK|ALL AL|MDL MD"
    "|GEL GE|AMD AM|AZN AZ|KZT KZ|KGS KG|TJS TJ|UZS UZ|TMT TM|BYN BY|RUB RU|GIP GI|FKP FK"
)

_UNITS = keyed(
    "0.01 CLF|0.2 BHD KWD OMR|0.5 AZN BAM BGN JOD LYD PAB SGD BND"
    "|1 AUD AWG ANG BMD BSD BYN BZD CAD CHE CHF CHW EUR FKP GBP GEL GIP KYD NZD SHP TND USD USN XCG"
    "|2 AED BBD BOB BOV BRL FJD MYR PEN PGK PLN QAR RON SAR TMT TOP WST XCD"
    "|5 BWP CNY DKK ERN GHS GTQ HKD ILS LSL MAD MDL MOP MVR NAD SBD SCR SVC SZL TJS TTD UYW ZAR ZMW"
    "|10 CZK EGP HNL MRU MXN NIO NOK SEK SLE SRD STN THB TWD UAH ZWG"
    "|20 AFN BTN CUP DOP GMD INR KGS MKD MUR MZN PHP RUB TRY UYU"
    "|50 ALL BDT CVE DZD ETB HTG KES NPR RSD|100 DJF GYD ISK JMD JPY LKR LRD PKR VES VED VUV XPF"
    "|200 AMD AOA HUF KMF KZT XAF XOF|500 ARS CLP CRC IQD NGN RWF SDG SOS YER"
    "|1000 BIF CDF COP KHR KRW MGA MMK MNT MWK TZS UGX|2000 PYG SSP|5000 GNF IDR LAK SYP UZS VND"
    "|20000 LBP|100000 IRR"
)
UNITS: dict[str, Decimal] = {code: Decimal(units) for code, units in _UNITS.items()}
"""Units that buy about what a dollar buys in the United States: the order of magnitude, no more.

After the World Bank's conversion factors of purchasing power (indicator PA.NUS.PPP), rounded to 1,
2 or 5; for currencies that have lost much since, rounded up. Funds and other codes have none.
"""


def currency_code(text: str) -> str | None:
    """The ISO 4217 code that a text names without doubt: "usd", "US$", "€". Not "$"."""
    sign = text.strip()
    code = sign.upper()
    if code in EXPONENTS:
        return code
    if sign in _USUAL:
        return _USUAL[sign]
    return _OWN.get(sign) or _BY_FOLDED.get(sign.casefold())


def currency_of_country(country: str | None) -> str | None:
    """The currency wages are paid in, for countries where there is one answer."""
    return _OF_COUNTRY.get(country) if country else None


def currency_of_sign(text: str, country: str | None) -> str | None:
    """What a shared sign means in a country: its currency, if that is one of the sign's."""
    sign = text.strip()
    shared = _SHARED.get(sign) or _SHARED.get(sign.casefold())
    own = currency_of_country(country)
    return own if shared is not None and own in shared else None


def is_shared(text: str) -> bool:
    """Whether several currencies share a sign."""
    sign = text.strip()
    return sign in _SHARED or sign.casefold() in _SHARED
