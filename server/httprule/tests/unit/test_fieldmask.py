"""Field masks from documents."""

from __future__ import annotations

import pytest

from httprule.errors import InvalidArgument
from httprule.fieldmask import mask_paths
from httprule_harness.store_proto import store_pool

CASES = [
    ({}, []),
    ({"title": "x"}, ["title"]),
    ({"title": None, "itemId": "1"}, ["item_id", "title"]),
    ({"pay": {"minMinor": "1"}, "startTime": "x"}, ["pay.min_minor", "start_time"]),
    ({"pay": {"min_minor": "1", "currency": "EUR"}}, ["pay.currency", "pay.min_minor"]),
    ({"pay": {}}, ["pay"]),
    ({"pay": None}, ["pay"]),
    ({"tags": ["a"]}, ["tags"]),
    ({"labels": {"a": "b"}}, ["labels"]),
    ({"extra": {"a": {"b": 1}}}, ["extra"]),
    ({"unknown": 1, "size": "SMALL"}, ["size"]),
    ("text", []),
]


@pytest.mark.parametrize(("tree", "paths"), CASES)
def test_paths(tree, paths):
    """Paths are sorted, in proto names, and stop at lists, maps and well-known types."""
    assert mask_paths(store_pool().FindMessageTypeByName("store.Item"), tree) == paths


def test_an_object_under_a_scalar_is_refused():
    """What no field can hold is no path."""
    with pytest.raises(InvalidArgument):
        mask_paths(store_pool().FindMessageTypeByName("store.Item"), {"title": {"a": 1}})
