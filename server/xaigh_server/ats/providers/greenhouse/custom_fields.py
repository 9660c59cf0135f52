"""Reader of Harvest's custom fields: keyed values, plain or as `{name, type, value}`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xaigh_server.ats.providers.fields import Fields
from xaigh_server.ats.providers.record import Employment, WarningCode, Workplace
from xaigh_server.ats.providers.text import vocabulary, workplace_fields

__all__ = ["Employment", "employment", "salary_range", "value", "workplace"]

_SALARY = re.compile(r"\b(?:salary|pay|compensation|base|wage)\b", re.I)


def value(fields: Fields, key: str) -> object:
    """The value of a custom field: `keyed_custom_fields` first, then `custom_fields`."""
    for holder in ("keyed_custom_fields", "custom_fields"):
        found = _bare(fields.child(holder).payload.get(key))
        if found is not None:
            return found
    return None


def employment(fields: Fields) -> Employment | None:
    """The employment type among the custom fields; warns about words that are unknown."""
    stated = _texts(value(fields, "employment_type"))
    if not stated:
        return None
    found = vocabulary.employment_of(stated)
    if found is None:
        message = "The employment type is unknown or ambiguous."
        fields.notes.warn(WarningCode.EMPLOYMENT_TYPE_UNKNOWN, "custom_fields", message)
    return found


def workplace(fields: Fields) -> Workplace | None:
    """The workplace type of the custom fields with such a name."""
    named = ((name, _texts(stated) or stated) for name, stated in _named(fields))
    return workplace_fields.workplace(named, "custom_fields", fields.notes)


def salary_range(fields: Fields) -> tuple[Mapping[str, object], bool] | None:
    """A range `{min_value, max_value, unit}`, and whether its field's name had to be guessed by.

    It is guessed where exactly one range of money has a name of pay.
    """
    stated = value(fields, "salary_range")
    if isinstance(stated, Mapping):
        return stated, False
    found = [
        range_
        for name, range_ in _named(fields)
        if isinstance(range_, Mapping)
        and "min_value" in range_
        and _SALARY.search(name[:200].replace("_", " "))
    ]
    return (found[0], True) if len(found) == 1 else None


def _bare(stated: object) -> object:
    if isinstance(stated, Mapping) and "value" in stated:
        return stated["value"]
    return stated


def _named(fields: Fields) -> Iterator[tuple[str, object]]:
    """Names and values of all custom fields."""
    for holder in ("keyed_custom_fields", "custom_fields"):
        members = fields.payload.get(holder)
        for key, stated in members.items() if isinstance(members, Mapping) else ():
            name = stated.get("name") if isinstance(stated, Mapping) else None
            yield (name if isinstance(name, str) else key), _bare(stated)


def _texts(stated: object) -> list[str]:
    """The texts of a value: one, a list of them, or options by name."""
    found = []
    for each in stated if isinstance(stated, list) else [stated]:
        text = each.get("name") if isinstance(each, Mapping) else each
        if isinstance(text, str) and text.strip():
            found.append(text)
    return found
