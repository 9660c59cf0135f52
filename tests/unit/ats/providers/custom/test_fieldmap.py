"""Field maps and their paths."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.custom.fieldmap import parse_field_map, parse_path, value_at

DOCUMENT = {
    "a": {"b": {"c": 7}},
    "list": [{"label": "x", "value": 1}, {"label": "y", "value": 2}],
    "odd.name": "dotted",
    "Job Title": "spaced",
    "com,ma": "comma",
}

PATHS = [
    ("a.b.c", 7),
    ("a.b", {"c": 7}),
    ("a.x.c", None),
    ("list[1].value", 2),
    ("list[9].value", None),
    ("list[label=y].value", 2),
    ("list[label=z].value", None),
    ("a[0]", None),
    (r"odd\.name", "dotted"),
    ("Job Title", "spaced"),
    (r"com\,ma", "comma"),
]


@pytest.mark.parametrize(("text", "value"), PATHS)
def test_a_path_leads_to_a_value_or_breaks_off(text, value):
    """Members, items by number, items by a member of theirs."""
    path = parse_path(text)
    assert path is not None
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize("text", ["", "a[", "a[]", "a[=x]", "a[b=]", None, 7, "x" * 501])
def test_what_is_no_path_is_refused(text):
    """Before any record is read through it."""
    assert parse_path(text) is None


FAULTY = [
    ({}, ["externalJobId is required.", "title is required."]),
    ({"externalJobId": "id"}, ["title is required."]),
    (
        {"externalJobId": "id", "title": "t", "colour": "c"},
        ["colour is not a member of a normalized job."],
    ),
    (
        {"externalJobId": "id", "title": "t["},
        ["title is not a path, nor a list of paths.", "title is required."],
    ),
    ({"externalJobId": "id", "title": "t", "$escaped": "9"}, ["$escaped is 0, 1 or 2."]),
    (
        {"externalJobId": "id", "title": "t", "$separator": ""},
        ["$separator is a text of 1 to 5 characters."],
    ),
    (
        {"externalJobId": "id", "title": "t", "$minorUnits": "yes"},
        ["$minorUnits is true or false."],
    ),
    ({"externalJobId": "id", "title": "t", "$x": "1"}, ["$x is not a setting."]),
]


@pytest.mark.parametrize(("document", "faults"), FAULTY)
def test_a_faulty_map_names_each_fault(document, faults):
    """An id and a title are needed, and every key must be known."""
    found, named = parse_field_map(document)
    assert found is None
    assert named == faults


def test_several_paths_give_several_values_in_order():
    """Lists are opened, texts parted by the separator, blanks left out."""
    found, _ = parse_field_map(
        {
            "externalJobId": "id",
            "title": "x, t",
            "locations": "one, two",
            "$separator": ";",
        }
    )
    assert found is not None
    record = {"id": 1, "t": "T", "one": "a; b;", "two": ["c", None, "d;e"]}
    assert found.all(record, "locations") == ["a", "b", "c", "d", "e"]
    assert found.first(record, "title") == "T"
    assert found.first(record, "team") is None
