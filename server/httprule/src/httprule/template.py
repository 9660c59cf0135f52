"""Parser of the path templates of google.api.http. An error names the column of the fault.

    Template  = "/" [ Segments ] [ Verb ] ;
    Segments  = Segment { "/" Segment } ;
    Segment   = "*" | "**" | LITERAL | Variable ;
    Variable  = "{" FieldPath [ "=" Segments ] "}" ;
    FieldPath = IDENT { "." IDENT } ;
    Verb      = ":" LITERAL ;

A LITERAL is one or more characters of a URL path segment (RFC 3986 pchar), except
":" and "*"; other characters are written percent-encoded. IDENT is a protobuf field name.

Beyond the grammar: variables do not nest, no variable occurs twice, "**" is followed by literals
only, and "/" alone is the root. `{var}` is short for `{var=*}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from httprule.errors import TemplateError

STAR: Final = "*"
DEEP: Final = "**"

_IDENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERAL: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+")
_IDENT_LIKE: Final = re.compile(r"[^.=}/{]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A field path bound to the segments `[start, start + len(segments))` of its template."""

    field_path: tuple[str, ...]
    start: int
    segments: tuple[str, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.segments)

    @property
    def is_multi(self) -> bool:
        """Whether the value can hold "/", and so is decoded only in part."""
        return len(self.segments) != 1 or self.segments[0] == DEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A parsed template. Variables are expanded in place; literals stay as they were written.

    `verb` is None where there is none. `str()` returns the source.
    """

    source: str
    segments: tuple[str, ...]
    verb: str | None
    variables: tuple[Variable, ...]

    def __str__(self) -> str:
        return self.source


def parse(source: str) -> Template:
    """Parses a template. Raises `TemplateError` with the column of the first fault."""
    return _Parser(source).template()


class _Parser:
    """Recursive descent parser of one template; `at` is the offset of the next character."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.segments: list[str] = []
        self.variables: list[Variable] = []

    def template(self) -> Template:
        self.expect("/", "a template starts with '/'")
        if not self.done():
            self.sequence(inside=False)
        verb = self.verb()
        if not self.done():
            raise self.error(f"unexpected {self.source[self.at]!r}")
        return Template(
            source=self.source,
            segments=tuple(self.segments),
            verb=verb,
            variables=tuple(self.variables),
        )

    def sequence(self, *, inside: bool) -> None:
        self.segment(inside=inside)
        while self.take("/"):
            self.segment(inside=inside)

    def segment(self, *, inside: bool) -> None:
        if self.peek("{"):
            if inside:
                raise self.error("variables cannot be nested")
            self.variable()
        elif self.peek("*"):
            self.wildcard()
        else:
            self.segments.append(self.literal("a segment"))

    def wildcard(self) -> None:
        start = self.at
        token = DEEP if self.source.startswith(DEEP, start) else STAR
        if DEEP in self.segments:
            raise self.error("only literals may follow '**'")
        self.at += len(token)
        self.segments.append(token)

    def variable(self) -> None:
        opening = self.at
        self.at += 1
        start = len(self.segments)
        path = self.field_path()
        if self.take("="):
            self.sequence(inside=True)
        else:
            if DEEP in self.segments:
                raise self.error("only literals may follow '**'")
            self.segments.append(STAR)
        self.expect("}", "expected '}' after the variable")
        if any(known.field_path == path for known in self.variables):
            self.at = opening
            raise self.error(f"variable {'.'.join(path)!r} occurs twice")
        self.variables.append(
            Variable(field_path=path, start=start, segments=tuple(self.segments[start:]))
        )

    def field_path(self) -> tuple[str, ...]:
        names = [self.identifier()]
        while self.take("."):
            names.append(self.identifier())
        return tuple(names)

    def identifier(self) -> str:
        found = _IDENT.match(self.source, self.at)
        if found is None:
            text = _IDENT_LIKE.match(self.source, self.at)
            shown = text.group() if text else ""
            raise self.error(f"{shown!r} is not a field name" if shown else "expected a field name")
        self.at = found.end()
        return found.group()

    def verb(self) -> str | None:
        return self.literal("a verb") if self.take(":") else None

    def literal(self, what: str) -> str:
        found = _LITERAL.match(self.source, self.at)
        if found is None:
            if self.peek("%"):
                raise self.error("a '%' must be followed by two hexadecimal digits")
            raise self.error(f"expected {what}")
        self.at = found.end()
        return found.group()

    def done(self) -> bool:
        return self.at == len(self.source)

    def peek(self, token: str) -> bool:
        return self.source.startswith(token, self.at)

    def take(self, token: str) -> bool:
        if not self.peek(token):
            return False
        self.at += len(token)
        return True

    def expect(self, token: str, problem: str) -> None:
        if not self.take(token):
            raise self.error(problem)

    def error(self, problem: str) -> TemplateError:
        return TemplateError(self.source, self.at + 1, problem)
