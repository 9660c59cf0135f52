"""Exceptions of the transcoder: one for requests, three for the start.

A request that cannot become a message raises `InvalidArgument`, whether the path, the query string
or the body is wrong. It carries every fault that was found, each under the name that the client
used. This module has no HTTP status codes: `status.py` maps codes to them.

The errors of the start mean that a rule is wrong. They are `ValueError`s with a text for the
developer who wrote the annotation; no client sees them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One fault of a request.

    `field` is the path as the client spelled it (`requestedScopes[2]`, `labels["a.b"].size`); it is
    empty where the whole document is at fault. `description` is an English sentence without
    secrets. `reason` is one of the constants below, in UPPER_SNAKE_CASE.
    """

    field: str
    description: str
    reason: str


# Reasons of `Violation`. Clients must accept values that they do not know.
MALFORMED_JSON = "MALFORMED_JSON"
DUPLICATE_MEMBER = "DUPLICATE_MEMBER"
UNKNOWN_FIELD = "UNKNOWN_FIELD"
UNKNOWN_PARAMETER = "UNKNOWN_PARAMETER"
REPEATED_PARAMETER = "REPEATED_PARAMETER"
UNBINDABLE_PARAMETER = "UNBINDABLE_PARAMETER"
INVALID_VALUE = "INVALID_VALUE"
INVALID_TYPE = "INVALID_TYPE"
OUT_OF_RANGE = "OUT_OF_RANGE"
ONEOF_CONFLICT = "ONEOF_CONFLICT"
CONFLICTING_VALUE = "CONFLICTING_VALUE"
TOO_DEEP = "TOO_DEEP"
TOO_LARGE = "TOO_LARGE"
MALFORMED_QUERY = "MALFORMED_QUERY"
MALFORMED_ESCAPE = "MALFORMED_ESCAPE"
MALFORMED_PATH = "MALFORMED_PATH"
UNEXPECTED_BODY = "UNEXPECTED_BODY"


class InvalidArgument(Exception):
    """The request cannot become a message. `violations` is never empty and names every fault."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        if not violations:
            raise ValueError("InvalidArgument needs at least one violation")
        super().__init__("; ".join(_sentence(v) for v in violations))
        self.violations = violations

    @classmethod
    def of(cls, field: str, description: str, reason: str) -> InvalidArgument:
        """Makes the error of exactly one fault."""
        return cls((Violation(field=field, description=description, reason=reason),))


class TemplateError(ValueError):
    """A path template breaks the grammar. `column` counts characters from 1."""

    def __init__(self, template: str, column: int, problem: str) -> None:
        super().__init__(f"{template!r}, column {column}: {problem}")
        self.template = template
        self.column = column
        self.problem = problem


class RuleError(ValueError):
    """A rule does not fit the messages of its method. `rule` names the method and the route."""

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__(f"{rule}: {problem}")
        self.rule = rule
        self.problem = problem


class RouteCollision(ValueError):
    """Two rules answer the same requests, so one could never be reached."""

    def __init__(self, first: str, second: str, route: str) -> None:
        super().__init__(f"{first} and {second} both answer {route}")
        self.first = first
        self.second = second
        self.route = route


def _sentence(violation: Violation) -> str:
    if not violation.field:
        return violation.description
    return f"{violation.field}: {violation.description}"
