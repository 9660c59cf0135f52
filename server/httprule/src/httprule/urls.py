"""A request message to the URL that would carry it: the way back, for clients, links and tests.

Path variables are written into the template, and every other field that is set becomes a query
parameter, except what the body carries. What cannot be put into a URL is a `ValueError`: an empty
or repeated path variable, a value that does not fit its sub-template, a map, a list of messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import jiter
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule.codec import Codec
from httprule.fields import LIST_VALUE, OPAQUE, STRUCT, VALUE, field_named, is_map
from httprule.http_rules import WHOLE, Rule
from httprule.template import DEEP, STAR, Variable

_AS_JSON: Final = frozenset({STRUCT, LIST_VALUE, VALUE})
_UNRESERVED: Final = "-._~"
_SLASH: Final = re.compile(r"%2[Ff]")


class Url(NamedTuple):
    """A percent-encoded path and the query parameters, not encoded yet, in field order."""

    path: str
    query: tuple[tuple[str, str], ...]


class UrlBuilder:
    """Builds the URLs of one rule. Raises `ValueError` where its body names no field."""

    def __init__(self, rule: Rule, codec: Codec) -> None:
        if rule.body not in ("", WHOLE) and rule.body not in rule.request.fields_by_name:
            raise ValueError(f"{rule}: body {rule.body!r} is no field of the request")
        self._rule = rule
        self._codec = codec.of(rule.request)
        self._names = {v.field_path: _json_path(rule, v) for v in rule.template.variables}

    def build(self, message: Message) -> Url:
        """The URL of a request. Raises `ValueError` for what a URL cannot hold."""
        tree: Any = jiter.from_json(self._codec.encode(message))
        path = self._path(tree)
        if self._rule.body == WHOLE:
            return Url(path, ())
        taken = {".".join(names) for names in self._names.values()}
        if self._rule.body:
            taken.add(self._rule.request.fields_by_name[self._rule.body].json_name)
        return Url(path, tuple(_parameters(self._rule.request, tree, "", taken)))

    def _path(self, tree: Any) -> str:
        template = self._rule.template
        parts = list(template.segments)
        for variable in reversed(template.variables):
            text = _lookup(tree, self._names[variable.field_path])
            parts[variable.start : variable.end] = [_written(variable, text)]
        verb = "" if template.verb is None else f":{template.verb}"
        return "/" + "/".join(parts) + verb


def _json_path(rule: Rule, variable: Variable) -> tuple[str, ...]:
    names: list[str] = []
    at: Descriptor | None = rule.request
    for name in variable.field_path:
        field = None if at is None else field_named(at, name)
        if field is None:
            raise ValueError(f"{rule}: the request has no field {'.'.join(variable.field_path)!r}")
        if field.is_repeated:
            raise ValueError(f"{rule}: path variable {field.name!r} is repeated")
        names.append(field.json_name)
        at = field.message_type
    return tuple(names)


def _lookup(tree: Any, names: tuple[str, ...]) -> str:
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    if tree is None or tree == "":
        raise ValueError(f"path variable {'.'.join(names)!r} is empty")
    return _text(tree)


def _written(variable: Variable, text: str) -> str:
    """A value as path text; one of several segments keeps its slashes, and encoded ones encoded."""
    if not variable.is_multi:
        return quote(text, safe=_UNRESERVED)
    segments = text.split("/")
    if not _fits(variable.segments, segments):
        raise ValueError(f"{text!r} does not fit {'/'.join(variable.segments)!r}")
    return "/".join("%2F".join(quote(p, safe=_UNRESERVED) for p in _SLASH.split(segment))
                    for segment in segments)  # fmt: skip


def _fits(pattern: tuple[str, ...], segments: list[str]) -> bool:
    if DEEP in pattern:
        at = pattern.index(DEEP)
        tail = pattern[at + 1 :]
        if len(segments) < at + len(tail):
            return False
        ends = segments[len(segments) - len(tail) :]
        return _fits(pattern[:at], segments[:at]) and _fits(tail, ends)
    return len(pattern) == len(segments) and all(
        (given != "" if wanted == STAR else given == wanted)
        for wanted, given in zip(pattern, segments, strict=True)
    )


def _parameters(
    owner: Descriptor, tree: dict[str, Any], prefix: str, taken: set[str]
) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        field = field_named(owner, name)
        full = f"{prefix}{name}"
        if field is None or full in taken:
            continue
        kind = field.message_type
        if is_map(field):
            raise ValueError(f"{full!r} is a map, which a URL cannot hold")
        if kind is None or kind.full_name in OPAQUE:
            yield from ((full, _scalar(field, each)) for each in _elements(field, value))
        elif field.is_repeated:
            raise ValueError(f"{full!r} is a list of messages, which a URL cannot hold")
        else:
            yield from _parameters(kind, value, f"{full}.", taken)


def _elements(field: FieldDescriptor, value: Any) -> list[Any]:
    return value if field.is_repeated else [value]


def _scalar(field: FieldDescriptor, value: Any) -> str:
    kind = field.message_type
    as_json = kind is not None and kind.full_name in _AS_JSON
    return json.dumps(value) if as_json else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
