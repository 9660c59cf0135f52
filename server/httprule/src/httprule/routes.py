"""Router: finds the route of a path. A literal wins over `*`, and `*` over `**`, in any order.

Paths are routed as they were sent: an encoded slash never splits a segment, an encoded colon never
starts a verb, and literals are compared after decoding. Segments of variables are decoded after the
match. `*` takes exactly one segment that is not empty; `**` takes any number of them, also none. A
trailing slash is significant.

The text after the last ":" of the last segment is tried as a verb first; it is data where no route
with that verb answers. A branch that lacks the HTTP method never hides another one that has it. An
explicit method wins over `custom: {kind: "*"}`; GET answers HEAD where no route says HEAD.

A template without variables is one access to a dictionary. The automaton finds all others, in time
linear in the length of the path, whatever the number of routes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from httprule.errors import MALFORMED_ESCAPE, MALFORMED_PATH, InvalidArgument, RouteCollision
from httprule.percent import Unescape, decode, decode_multi, is_malformed
from httprule.route_automaton import Leaf, Node, determinize, matching_ends
from httprule.template import DEEP, STAR, Template

ANY_METHOD: Final = "*"


class Routable(Protocol):
    """What the router needs of a route. `Rule` of `http_rules` is one."""

    @property
    def name(self) -> str:
        """The name of the route in errors of the start, e.g. `/pkg.Service/Method`."""

    @property
    def http_method(self) -> str:
        """An upper-case HTTP method, or "*" for any."""

    @property
    def template(self) -> Template:
        """The parsed path template."""


R = TypeVar("R", bound=Routable)


class Match(NamedTuple, Generic[R]):
    """A route and the decoded values of its variables, in the order of `template.variables`.

    A named tuple and no dataclass: each request makes one, and it is three times as fast.
    """

    route: R
    values: tuple[str, ...]

    def bindings(self) -> dict[str, str]:
        """The values by dotted field path."""
        variables = self.route.template.variables
        names = (".".join(variable.field_path) for variable in variables)
        return dict(zip(names, self.values, strict=True))


class NoRoute(NamedTuple):
    """No template matches the path, under any HTTP method."""


class MethodNotAllowed(NamedTuple):
    """The path exists for other methods. `allow` is sorted and has HEAD wherever it has GET."""

    allow: tuple[str, ...]


class _SplitPath(NamedTuple):
    """A path as decoded segments, and a verb where it has one."""

    segments: list[str]
    verb: str | None


class _VariableSpan(NamedTuple):
    """The segments of a variable in a path; a negative `start` or `end` counts from the end."""

    name: str
    start: int
    end: int | None
    is_multi: bool


class Router(Generic[R]):
    """The routes of some services, resolved at the start. Immutable."""

    def __init__(
        self,
        routes: Iterable[R],
        *,
        unescape: Unescape = Unescape.ALL_EXCEPT_RESERVED,
        colon_always_verb: bool = False,
        head_from_get: bool = True,
    ) -> None:
        self._unescape = unescape
        self._colon_always_verb = colon_always_verb
        self._head_from_get = head_from_get
        self._flat: dict[str, dict[str, Match[R]]] = {}
        root = Node()
        for route in routes:
            self._add(root, route)
        self._start = determinize(root)

    @classmethod
    def build(
        cls,
        rules: Iterable[R],
        *,
        unescape: Unescape = Unescape.ALL_EXCEPT_RESERVED,
        colon_always_verb: bool = False,
        head_from_get: bool = True,
    ) -> Router[R]:
        """Makes a router. Raises `RouteCollision` where two routes answer the same requests.

        `unescape` says how values of several segments are decoded. With `colon_always_verb`, a
        colon in the last segment is never data. With `head_from_get`, a GET route answers HEAD too.
        """
        return cls(
            rules,
            unescape=unescape,
            colon_always_verb=colon_always_verb,
            head_from_get=head_from_get,
        )

    def match(self, http_method: str, raw_path: str) -> Match[R] | MethodNotAllowed | NoRoute:
        """The route of a path as it was sent, without the query string.

        Raises `InvalidArgument` for a malformed path: no leading "/", characters that must be
        percent-encoded, a malformed escape, or a variable whose bytes are not UTF-8.
        """
        flat = self._flat.get(raw_path)
        if flat is not None and (known := flat.get(http_method)) is not None:
            return known
        segments = _split(raw_path)
        if "%" in raw_path or ":" in raw_path:
            split_paths = self._split_paths(segments, is_encoded="%" in raw_path)
        else:
            split_paths = [_SplitPath(segments, None)]
        leaf = self._best(split_paths, http_method)
        if leaf is None and http_method == "HEAD" and self._head_from_get:
            leaf = self._best(split_paths, "GET")
        if leaf is None:
            allow = self._allowed(split_paths)
            return MethodNotAllowed(allow) if allow else NoRoute()
        route, cuts, has_verb = leaf.payload
        if not cuts:
            return Match(route, ())
        if has_verb:
            segments = _without_verb(segments)[0]
        return Match(route, self._values(segments, cuts))

    def allow(self, raw_path: str) -> tuple[str, ...]:
        """The sorted HTTP methods of a path; empty where it has none. Raises as `match` does."""
        return self._allowed(self._split_paths(_split(raw_path), is_encoded="%" in raw_path))

    def _add(self, root: Node, route: R) -> None:
        template = route.template
        node, rank = root.place(template.segments)
        verb = None if template.verb is None else decode(template.verb)
        methods = node.ends.setdefault(verb, {})
        known = methods.get(route.http_method)
        if known is not None:
            raise RouteCollision(
                known.payload[0].name, route.name, f"{route.http_method} {template.source}"
            )
        payload = (route, _variable_spans(template), verb is not None)
        methods[route.http_method] = Leaf(rank, payload)
        if not payload[1] and STAR not in template.segments and DEEP not in template.segments:
            self._flat.setdefault(template.source, {})[route.http_method] = Match(route, ())

    def _split_paths(self, segments: list[str], *, is_encoded: bool) -> list[_SplitPath]:
        """The ways to split a path: with a verb where its last segment has a colon, and without."""
        whole = _SplitPath(_decoded(segments) if is_encoded else segments, None)
        if not segments or ":" not in segments[-1]:
            return [whole]
        head, verb = _without_verb(segments)
        if is_encoded:
            head, verb = _decoded(head), _decoded([verb])[0]
        with_verb = _SplitPath(head, verb)
        return [with_verb] if self._colon_always_verb else [with_verb, whole]

    def _best(self, split_paths: list[_SplitPath], http_method: str) -> Leaf | None:
        for segments, verb in split_paths:
            best: Leaf | None = None
            for methods in matching_ends(self._start, segments, verb):
                leaf = methods.get(http_method) or methods.get(ANY_METHOD)
                if leaf is not None and (best is None or leaf.rank < best.rank):
                    best = leaf
            if best is not None:
                return best
        return None

    def _allowed(self, split_paths: list[_SplitPath]) -> tuple[str, ...]:
        methods: set[str] = set()
        for segments, verb in split_paths:
            methods.update(*matching_ends(self._start, segments, verb))
        if "GET" in methods and self._head_from_get:
            methods.add("HEAD")
        return tuple(sorted(methods))

    def _values(self, segments: list[str], cuts: tuple[_VariableSpan, ...]) -> tuple[str, ...]:
        values = [
            decode_multi("/".join(segments[start:end]), self._unescape, name)
            if is_multi
            else decode(segments[start], name)
            for name, start, end, is_multi in cuts
        ]
        return tuple(values)


def _split(raw_path: str) -> list[str]:
    """The segments as they were sent; "/" alone has none."""
    if not raw_path.startswith("/"):
        raise InvalidArgument.of("", "the path must start with '/'", MALFORMED_PATH)
    if not raw_path.isascii():
        raise InvalidArgument.of("", "the path must be percent-encoded", MALFORMED_PATH)
    if "%" in raw_path and is_malformed(raw_path):
        raise InvalidArgument.of("", "the path holds a malformed percent-escape", MALFORMED_ESCAPE)
    return raw_path[1:].split("/") if len(raw_path) > 1 else []


def _without_verb(segments: list[str]) -> tuple[list[str], str]:
    """The segments without the text after the last colon, and that text."""
    head, _, verb = segments[-1].rpartition(":")
    if not head and len(segments) == 1:
        return [], verb
    return [*segments[:-1], head], verb


def _decoded(segments: list[str]) -> list[str]:
    """The segments decoded, to compare them with literals; raw where they are not UTF-8."""
    try:
        return [decode(segment) if "%" in segment else segment for segment in segments]
    except InvalidArgument:
        return segments


def _variable_spans(template: Template) -> tuple[_VariableSpan, ...]:
    """The spans of a template's variables; those after `**` count from the end of the path."""
    count = len(template.segments)
    deep = template.segments.index(DEEP) if DEEP in template.segments else count
    cuts = []
    for variable in template.variables:
        start = variable.start if variable.start <= deep else variable.start - count
        end: int | None = variable.end
        if variable.end > deep:
            end = None if variable.end == count else variable.end - count
        cuts.append(_VariableSpan(".".join(variable.field_path), start, end, variable.is_multi))
    return tuple(cuts)
