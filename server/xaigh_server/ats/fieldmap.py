"""A field map: which member of a client's own record means what.

    {"fields": {"external_job_id": "Job_ID", "locations": ["Primary", "Additional"]},
     "separator": "; ", "escaped": 1, "statuses": {"Posted": "OPEN"}}

A path names members from the top, parted by dots, with `[2]` for an item of a list and
`[label=Grade]` for the first item that has such a member: `custom[label=Grade].value`. Several
paths give several values, in order. Dots and brackets within a name are quoted by backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .record import Status
from .tables import words

Step: TypeAlias = str | int | tuple[str, str]

TARGETS = words(
    "external_job_id title description requirements employment_type workplace_type locations"
    " city region country postal lat lng pay_min pay_max pay_text currency pay_interval pay_label"
    " apply_url canonical_url status listed requisition_id department team language published_at"
    " updated_at valid_through"
)
_MANY = 20
_STEP = re.compile(
    r"((?:\\.|[^.\[\]\\])+)|\[(\d{1,4})\]|\[([^\[\]=]{1,80})=([^\[\]]{1,200})\]|(\.)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """A checked map. `paths` has one or more paths for each target that is mapped.

    `escaped` is how often HTML is entity-escaped, `separator` parts several values in one text,
    `minor` says that amounts are minor units.
    """

    paths: Mapping[str, tuple[tuple[Step, ...], ...]]
    separator: str | None = None
    escaped: int = 0
    minor: bool = False
    statuses: Mapping[str, Status] = field(default_factory=dict)

    def first(self, payload: object, target: str) -> object:
        """The value at the target's first path that has one."""
        for path in self.paths.get(target, ()):
            value = value_at(payload, path)
            if value is not None and value != "":
                return value
        return None

    def all(self, payload: object, target: str) -> list[object]:
        """Every value at the target's paths: lists opened, texts parted by the separator."""
        found: list[object] = []
        for path in self.paths.get(target, ()):
            value = value_at(payload, path)
            for item in value if isinstance(value, list) else [value]:
                parted = self.separator and isinstance(item, str)
                found += item.split(self.separator) if parted else [item]  # type: ignore[union-attr]  # parted: a str
        return [value for value in found if value is not None and value != ""]


def parse_field_map(document: object) -> tuple[FieldMap | None, list[str]]:
    """The map of an integration's document, or None and what is wrong with it."""
    if not isinstance(document, Mapping) or not isinstance(document.get("fields"), Mapping):
        return None, ['A field map is an object with a member "fields".']
    faults: list[str] = []
    paths = {}
    for target, written in document["fields"].items():
        if target not in TARGETS:
            faults.append(f"fields.{target} is not a field of a job.")
            continue
        texts = written if isinstance(written, list) else [written]
        read = [parse_path(text) for text in texts[:_MANY]]
        if not read or any(path is None for path in read):
            faults.append(f"fields.{target} is not a path, nor a list of paths.")
        else:
            paths[target] = tuple(path for path in read if path is not None)
    needed = ("external_job_id", "title")
    faults += [f"fields.{need} is required." for need in needed if need not in paths]
    statuses = _statuses(document.get("statuses"), faults)
    escaped, separator = document.get("escaped", 0), document.get("separator")
    if type(escaped) is not int or not 0 <= escaped <= 2:
        faults.append("escaped is 0, 1 or 2.")
    if separator is not None and (type(separator) is not str or not 0 < len(separator) <= 5):
        faults.append("separator is a text of 1 to 5 characters.")
    if type(document.get("minor", False)) is not bool:
        faults.append("minor is true or false.")
    if faults:
        return None, faults
    minor = document.get("minor", False)
    return FieldMap(
        paths=paths, separator=separator, escaped=escaped, minor=minor, statuses=statuses
    ), []


def _statuses(document: object, faults: list[str]) -> dict[str, Status]:
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        faults.append("statuses is an object.")
        return {}
    known = {}
    for text, status in document.items():
        if status in Status.__members__:
            known[str(text).strip().casefold()] = Status(status)
        else:
            faults.append(f"statuses.{text} is one of {', '.join(Status)}.")
    return known


def parse_path(text: object) -> tuple[Step, ...] | None:
    """The steps of a written path, or None when it isn't one."""
    if type(text) is not str or not text or len(text) > 500:
        return None
    steps: list[Step] = []
    position = 0
    while position < len(text):
        hit = _STEP.match(text, position)
        if not hit:
            return None
        name, index, key, value, _dot = hit.groups()
        if name:
            steps.append(re.sub(r"\\(.)", r"\1", name))
        elif index:
            steps.append(int(index))
        elif key:
            steps.append((key, value))
        position = hit.end()
    return tuple(steps) or None


def value_at(value: object, path: tuple[Step, ...]) -> object:
    """The value at the end of a path, None wherever it breaks off."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        elif not isinstance(value, list):
            return None
        elif isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            matching = (v for v in value if isinstance(v, Mapping) and v.get(step[0]) == step[1])
            value = next(matching, None)
    return value
