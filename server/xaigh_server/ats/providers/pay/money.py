"""Amounts and currencies: ISO 4217 exponents, decimal arithmetic, and what a "$" may mean."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from xaigh_server.ats.providers.text.vocabulary import keyed

MAX_MINOR = 10**12
"""The largest amount that is taken for pay, in minor units."""

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

SYMBOLS: dict[str, str] = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "S$": "SGD",
    "SG$": "SGD",
    "HK$": "HKD",
    "NT$": "TWD",
    "R$": "BRL",
    "MX$": "MXN",
    "£": "GBP",
    "€": "EUR",
    "₹": "INR",
    "₩": "KRW",
    "₪": "ILS",
    "₱": "PHP",
    "₫": "VND",
    "₦": "NGN",
    "₴": "UAH",
    "₺": "TRY",
    "₽": "RUB",
    "zł": "PLN",
}
"""Symbols of one currency only. A bare "$", "¥" or "kr" is none of them."""

_OF_COUNTRY = keyed(
    "USD US PR GU VI AS MP|EUR AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
    "|GBP GB|CAD CA|AUD AU|NZD NZ|JPY JP|INR IN|CHF CH LI|SEK SE|NOK NO|DKK DK|PLN PL|CZK CZ"
    "|HUF HU|RON RO|BRL BR|MXN MX|SGD SG|HKD HK|KRW KR|CNY CN|TWD TW|ILS IL|ZAR ZA|AED AE|IDR ID"
    "|MYR MY|PHP PH|THB TH|VND VN|TRY TR|SAR SA|KWD KW|CLP CL|COP CO|ARS AR"
)
_SPACED_NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:\.\d{1,4})?\Z")
_COMMA_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,4})?\Z")
_PLAIN_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?\Z")


def currency_code(text: str) -> str | None:
    """The ISO 4217 code that a text names without doubt: "usd", "US$", "£". Not "$"."""
    code = text.strip().upper()
    if code in EXPONENTS:
        return code
    return SYMBOLS.get(text.strip()) or SYMBOLS.get(code)


def currency_of_country(country: str | None) -> str | None:
    """The currency wages are paid in, for countries where there is one answer."""
    return _OF_COUNTRY.get(country) if country else None


def currency_of_dollar(country: str | None) -> str | None:
    """A bare "$" is the US dollar in the United States; elsewhere it could be two currencies."""
    currency = currency_of_country(country)
    return currency if currency == "USD" else None


def amount(value: object) -> Decimal | None:
    """A finite, exact decimal of a number or of a text that is one; None for anything else.

    Texts may group thousands by comma, space or apostrophe, and end in "k". A comma as the
    decimal sign is not read: "1,234" would be ambiguous.
    """
    if type(value) is int:
        return Decimal(value) if value.bit_length() < 64 else None
    if type(value) is float:
        return Decimal(repr(value)) if value - value == 0 else None
    if type(value) is str:
        return _amount_of_text(value.strip())
    return value if isinstance(value, Decimal) and value.is_finite() else None


def _amount_of_text(text: str) -> Decimal | None:
    thousands = text[-1:] in ("k", "K")
    digits = text[:-1].rstrip() if thousands else text
    negative = digits.startswith("-")
    digits = digits.removeprefix("-")
    if _COMMA_NUMBER.match(digits) or _SPACED_NUMBER.match(digits):
        digits = re.sub(r"[^\d.]", "", digits)
    elif not _PLAIN_NUMBER.match(digits):
        return None
    try:
        read = Decimal(digits) * (1000 if thousands else 1)
    except InvalidOperation:
        return None
    return -read if negative else read


def exponent(currency: str | None) -> int:
    """How many decimals a currency has; 2 for one that isn't known."""
    return EXPONENTS.get(currency, 2) if currency else 2


def to_minor(major: Decimal, currency: str | None) -> tuple[int, bool]:
    """Minor units, and whether they had to be rounded (half to even)."""
    scaled = major.scaleb(exponent(currency))
    minor = round(scaled)
    return minor, minor != scaled
