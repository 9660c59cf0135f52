"""Field maps: assign the members of a client's own records to the fields of a job.

    externalJobId: ref            locations: primary, other          $escaped: 1
    pay.min: custom[label=Minimum].value                             $separator: ;

The keys are those of a normalized job. A path names members from the top, separated by dots, with
`[2]` for an item of a list and `[label=Grade]` for the first item that has such a member. Several
paths, separated by commas, give several values, in order. Dots, commas and brackets within a name
are quoted by backslashes. Three of the keys are settings: how often HTML is entity-escaped,
which text separates several values, and whether amounts are minor units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from xaigh_server.ats.providers.text.vocabulary import words

Step: TypeAlias = str | int | tuple[str, str]

TARGETS = words(
    "externalJobId title description requirements employmentType workplaceType locations"
    " locations.city locations.region locations.country locations.postalCode locations.latitude"
    " locations.longitude pay.min pay.max pay.text pay.currency pay.interval pay.label applyUrl"
    " canonicalUrl status listed requisitionId department team language publishedAt updatedAt"
    " validThrough"
)
_ALIASES = {"descriptionHtml": "description"}
_LISTS = ("locations", "employmentType")
_NEEDED = ("externalJobId", "title")
_LONGEST_PATH = 500
_MANY = 20
_COMMA = re.compile(r"(?<!\\),")
_STEP = re.compile(
    r"((?:\\.|[^.\[\]\\])+)|\[(\d{1,4})\]|\[([^\[\]=]{1,80})=([^\[\]]{1,200})\]|(\.)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """A checked map. `paths` has one or more paths for each target that is mapped.

    `escaped` is how often HTML is entity-escaped, `separator` parts several places or types in one
    text, `minor` says that amounts are minor units.
    """

    paths: Mapping[str, tuple[tuple[Step, ...], ...]]
    separator: str | None = None
    escaped: int = 0
    minor: bool = False

    def first(self, payload: object, target: str) -> object:
        """The value at the target's first path that has one."""
        for path in self.paths.get(target, ()):
            value = value_at(payload, path)
            if value is not None and value != "":
                return value
        return None

    def all(self, payload: object, target: str) -> list[object]:
        """Every value at the target's paths: lists opened, and texts of a list target parted."""
        separator = self.separator if target in _LISTS else None
        found: list[object] = []
        for path in self.paths.get(target, ()):
            value = value_at(payload, path)
            for item in value if isinstance(value, list) else [value]:
                if separator and isinstance(item, str):
                    found += [part.strip() for part in item.split(separator)]
                else:
                    found.append(item)
        return [value for value in found if value is not None and value != ""]


def parse_field_map(document: Mapping[str, object]) -> tuple[FieldMap | None, list[str]]:
    """The map of an integration, or None and what is wrong with it, one sentence a fault."""
    faults: list[str] = []
    paths = {}
    for key, written in document.items():
        target = _ALIASES.get(key, key)
        read = parse_paths(written)
        if key.startswith("$"):
            continue
        if target not in TARGETS:
            faults.append(f"{key} is not a member of a normalized job.")
        elif read is None:
            faults.append(f"{key} is not a path, nor a list of paths.")
        else:
            paths[target] = read
    faults += [f"{need} is required." for need in _NEEDED if need not in paths]
    settings = _settings(document, faults)
    if faults:
        return None, faults
    escaped, separator, minor = settings
    return FieldMap(paths=paths, escaped=escaped, separator=separator, minor=minor), []


def _settings(document: Mapping[str, object], faults: list[str]) -> tuple[int, str | None, bool]:
    escaped = document.get("$escaped", "0")
    separator = document.get("$separator")
    minor = document.get("$minorUnits", "false")
    if escaped not in ("0", "1", "2"):
        faults.append("$escaped is 0, 1 or 2.")
        escaped = "0"
    if separator is not None and (type(separator) is not str or not 0 < len(separator) <= 5):
        faults.append("$separator is a text of 1 to 5 characters.")
        separator = None
    if minor not in ("true", "false"):
        faults.append("$minorUnits is true or false.")
    for key in document:
        if key.startswith("$") and key not in ("$escaped", "$separator", "$minorUnits"):
            faults.append(f"{key} is not a setting.")
    return int(str(escaped)), str(separator) if separator else None, minor == "true"


def parse_paths(written: object) -> tuple[tuple[Step, ...], ...] | None:
    """The paths of a text or of a list of texts, or None when one of them is no path."""
    texts = written if isinstance(written, list) else [written]
    named = [text for text in texts if isinstance(text, str)]
    if not named or len(named) != len(texts):
        return None
    parts = [part for text in named for part in _COMMA.split(text)]
    read = [parse_path(part.strip()) for part in parts[:_MANY]]
    return None if None in read else tuple(path for path in read if path)


def parse_path(text: object) -> tuple[Step, ...] | None:
    """The steps of a written path, or None when it isn't one."""
    if type(text) is not str or not text or len(text) > _LONGEST_PATH:
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
