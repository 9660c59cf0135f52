"""External ids and mirror ids."""

from __future__ import annotations

import base64
import hashlib

import pytest

from xaigh_server.ats.mirror_ids import external_id, mirror_id

IDS = [
    # value, id
    ("4426096007", "4426096007"),
    (4426096007, "4426096007"),
    (4426096007.0, "4426096007"),
    ("  R0136150\n", "R0136150"),
    ("r0136150", "r0136150"),
    (0, "0"),
    (-3, "-3"),
    ("0042", "0042"),
    ("a:b", "a:b"),
    ("a b", "a b"),
    ("求人-7", "求人-7"),
    ("x" * 255, "x" * 255),
    ("x" * 256, None),
    ("", None),
    ("   ", None),
    (None, None),
    (True, None),
    (1.5, None),
    (float("nan"), None),
    (float("inf"), None),
    (2.0**53, None),
    (10**40, None),
    ("a\x00b", None),
    ("a\tb", None),
    ("a\u202eb", None),
    ("a\ud800", None),
    (["7"], None),
    ({"id": 7}, None),
]


@pytest.mark.parametrize(("value", "identity"), IDS)
def test_an_id_is_trimmed_and_keeps_its_case(value, identity):
    """Numbers and their texts are one id; what can't be told apart by eye is none."""
    assert external_id(value) == identity


MIRRORS = [
    # organization, provider, external id, mirror id
    ("org_1", "GREENHOUSE", "42", "ats_i3uca7ox6idfh2xzaqy5rmbjqe"),
    ("org_1", "WORKDAY", "R0136150", "ats_bp2lfh6ztmcs2tcqz2okf5n64y"),
    (
        "org_northdepot",
        "LEVER",
        "1f0c2a44-6d1e-4b63-9a55-0c9f0d3b7e21",
        "ats_mjy3rty5xiibikptgndovsg5n4",
    ),
    ("a:b", "LEVER", "c", "ats_su4md7yrjszwtudvabetqnvl4u"),
    ("a", "LEVER", "b:c", "ats_aernyofcji2wk6v6ifdb5avjgu"),
    ("org", "CUSTOM", "求人-7", "ats_ktvrhy53wugsekf2g7irbzrxdu"),
]


@pytest.mark.parametrize(("organization", "provider", "external", "expected"), MIRRORS)
def test_a_mirror_id_never_changes(organization, provider, external, expected):
    """The same on every run, machine and version: these vectors are fixed."""
    assert mirror_id(organization, provider, external) == expected


def test_mirror_ids_of_shifted_separators_differ():
    """The tuple keeps apart what joining by a colon would not."""
    assert mirror_id("a:b", "LEVER", "c") != mirror_id("a", "LEVER", "b:c")


def test_mirror_ids_tell_case_and_provider_apart():
    """Identity is the organization, the provider and the id as it is spelled."""
    ids = {
        mirror_id("org", provider, external)
        for provider in ("LEVER", "ASHBY")
        for external in ("R1", "r1")
    }
    assert len(ids) == 4
    assert all(len(identity) == 30 for identity in ids)


@pytest.mark.parametrize(
    ("external", "canonical"),
    [
        ('quote" and \\', b'["o","LEVER","quote\\" and \\\\"]'),
        ("ünïcode/7", '["o","LEVER","ünïcode/7"]'.encode()),
        ("\u2028", b'["o","LEVER","\xe2\x80\xa8"]'),
    ],
)
def test_the_tuple_is_written_as_rfc_8785_says(external, canonical):
    """Only what JSON must escape is escaped, and the bytes are UTF-8."""
    digest = hashlib.sha256(canonical).digest()[:16]
    expected = base64.b32encode(digest).decode().rstrip("=").lower()
    assert mirror_id("o", "LEVER", external) == f"ats_{expected}"
