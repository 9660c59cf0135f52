"""Codes and names of several places, and what decides between them."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.places.cities import homes, is_zip_of
from xaigh_server.ats.providers.places.place_codes import UNCLEAR, Meaning, meant

MEANINGS = [
    # part, other parts, postal code, stated country, what is meant
    ("TX", ("Paris",), None, None, Meaning("US", True)),
    ("CA", ("San Diego",), None, None, Meaning("US", True, False)),
    ("CA", ("Toronto",), None, None, UNCLEAR),
    ("CA", ("ON", "Anyville"), None, None, Meaning("CA", False, False)),
    ("CA", ("Anyville",), None, None, UNCLEAR),
    ("CA", ("Ontario",), None, None, UNCLEAR),
    ("CA", ("Anyville",), "94105", None, Meaning("US", True, False)),
    ("CA", ("Anyville",), "10115", None, UNCLEAR),
    ("CA", ("Toronto",), None, "US", Meaning("US", True)),
    ("CA", ("San Diego",), None, "CA", Meaning("CA", False)),
    ("CA", ("San Diego",), None, "FR", None),
    ("MH", ("Mumbai",), None, None, Meaning("IN", True, False)),
    ("MH", ("Majuro",), None, None, Meaning("MH", False)),
    ("KA", ("Anyville",), None, "IN", Meaning("IN", True)),
    ("Georgia", ("Atlanta",), None, None, Meaning("US", True, False)),
    ("Georgia", ("Tbilisi",), None, None, Meaning("GE", False, False)),
    ("Canada", ("Toronto",), None, "US", None),
    ("Downtown", (), None, None, None),
]


@pytest.mark.parametrize(("part", "others", "postal", "stated", "expected"), MEANINGS)
def test_evidence_or_a_statement_decides_what_is_meant(part, others, postal, stated, expected):
    """One reading needs no evidence; of several, exactly one must be proved."""
    assert meant(part, others, postal, stated) == expected


def test_a_city_is_known_by_its_whole_name_or_its_first_word():
    """The first word counts for cities of countries alone: "San" is no city."""
    assert ("DE", None) in homes("München Pasing")
    assert ("DE", None) in homes("MUNCHEN")
    assert ("US", "CA") in homes("San Diego")
    assert homes("San Anywhere") == homes("") == ()


def test_a_zip_lies_in_the_state_that_its_first_digits_say():
    """Delaware has 197 to 199: Schwerin's 19053 is none of it."""
    assert is_zip_of("DE", "19801")
    assert not is_zip_of("DE", "19053")
    assert not is_zip_of("TX", "75001")
