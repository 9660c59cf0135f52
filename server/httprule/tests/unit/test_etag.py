"""Entity tags: parsing, comparison, and the fields for them."""

from __future__ import annotations

from typing import Any

import pytest

from httprule import etag
from httprule.failures import HttpError
from httprule_harness.protos import compile_pool, new_type

POOL = compile_pool(
    {
        "tags.proto": """
        syntax = "proto3";
        message Thing { string etag = 1; }
        message Numbered { int32 etag = 1; }
        message Many { repeated string etag = 1; }
        message Update { Thing thing = 1; Numbered numbered = 2; string name = 3; }
        message Delete { string etag = 1; Thing thing = 2; }
        """
    }
)


def _new(name: str, **fields: Any) -> Any:
    return new_type(POOL, name)(**fields)


@pytest.mark.parametrize(
    ("name", "has"), [("Thing", True), ("Numbered", False), ("Many", False), ("Update", False)]
)
def test_has_etag(name: str, has: bool) -> None:
    """A version is a single string field of that name."""
    assert etag.has_etag(POOL.FindMessageTypeByName(name)) is has


@pytest.mark.parametrize(
    ("name", "body", "path"),
    [
        ("Delete", None, ("etag",)),
        ("Delete", "thing", ("etag",)),
        ("Update", "thing", ("thing", "etag")),
        ("Update", "numbered", None),
        ("Update", "name", None),
        ("Update", "*", None),
        ("Update", None, None),
    ],
)
def test_etag_path(name: str, body: str | None, path: tuple[str, ...] | None) -> None:
    """`If-Match` goes into the request's own field first, then into the body's."""
    assert etag.etag_path(POOL.FindMessageTypeByName(name), body) == path


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("*", None),
        (" * ", None),
        ('"a"', ["a"]),
        ('W/"a"', ["a"]),
        ('"a", W/"b,c" ,"d"', ["a", "b,c", "d"]),
        ('""', [""]),
    ],
)
def test_parse_tags(header: str, tags: list[str] | None) -> None:
    """Tags stand in quotes, strong or weak, several with commas between."""
    assert etag.parse_tags(header) == tags


@pytest.mark.parametrize("header", ["a", '"a', '"a" "b"', 'w/"a"', '"a b"', ', "a"'])
def test_tags_that_are_none(header: str) -> None:
    """Anything else is refused."""
    with pytest.raises(HttpError):
        etag.parse_tags(header)


@pytest.mark.parametrize(
    ("value", "tag"), [("v7", "v7"), ("", None), ('a"b', None), ("a b", None), ("é", None)]
)
def test_tag_of_a_message(value: str, tag: str | None) -> None:
    """A value that cannot stand in a header is no tag."""
    assert etag.of_message(_new("Thing", etag=value)) == tag


def test_if_match_and_the_body_may_agree() -> None:
    """The same tag twice says the same thing."""
    message = _new("Update", thing=_new("Thing", etag="a"))
    etag.apply_if_match(message, ("thing", "etag"), '"a"')
    assert message.thing.etag == "a"


def test_star_asks_nothing_of_the_version() -> None:
    """`If-Match: *` leaves the request as it is, and is allowed everywhere."""
    message = _new("Update")
    etag.apply_if_match(message, None, "*")
    assert message == _new("Update")


@pytest.mark.parametrize(
    ("path", "header", "reason"),
    [
        (None, '"a"', "NO_ETAG"),
        (("thing", "etag"), '"b"', "ETAG_CONFLICT"),
        (("thing", "etag"), '"a","b"', "INVALID_ENTITY_TAG"),
        (("thing", "etag"), "a", "INVALID_ENTITY_TAG"),
    ],
)
def test_if_match_that_cannot_hold(path: tuple[str, ...] | None, header: str, reason: str) -> None:
    """A precondition that would not be checked is refused, with its reason."""
    message = _new("Update", thing=_new("Thing", etag="a"))
    with pytest.raises(HttpError) as refused:
        etag.apply_if_match(message, path, header)
    assert refused.value.reason == reason
