"""Route automaton: a trie of URI templates, made deterministic so that a match never backtracks.

Ranks turn the order of a backtracking search (literal, then `*`, then `**`) into a comparison. A
rank has one number a step: 0 for a literal, 1 for `*`, 2 for `**`, then 0 for each literal of the
tail. An exact template ends with 0 and one with `**` ends with 9, so that a longer tail is smaller.
Every leaf that fits the path is a candidate; the smallest rank wins.

A state represents the set of trie nodes that a prefix of segments can reach. Only literals follow
`**` in the grammar, so tails are looked up backwards from the end of the path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from httprule.percent import decode
from httprule.template import DEEP, STAR

MAX_STATES: Final = 100_000

Rank = tuple[int, ...]


class Leaf:
    """The end of one route in the automaton. `payload` belongs to the router."""

    __slots__ = ("payload", "rank")

    def __init__(self, rank: Rank, payload: Any) -> None:
        self.rank = rank
        self.payload = payload


# verb (None: no verb) -> HTTP method -> leaf
Ends = dict[str | None, dict[str, Leaf]]


class Node:
    """A node of the trie. `tails` is the trie of reversed literal tails after `**`."""

    __slots__ = ("ends", "literals", "star", "tails")

    def __init__(self) -> None:
        self.literals: dict[str, Node] = {}
        self.star: Node | None = None
        self.tails: Node | None = None
        self.ends: Ends = {}

    def place(self, segments: tuple[str, ...]) -> tuple[Node, Rank]:
        """Adds a template: the node at which it ends, and its rank."""
        node: Node = self
        rank: list[int] = []
        for index, segment in enumerate(segments):
            if segment == DEEP:
                return node._place_tail(segments[index + 1 :], (*rank, 2))
            rank.append(1 if segment == STAR else 0)
            node = node._child(segment)
        return node, (*rank, 0)

    def _place_tail(self, tail: tuple[str, ...], rank: Rank) -> tuple[Node, Rank]:
        if self.tails is None:
            self.tails = Node()
        node = self.tails
        for segment in reversed(tail):
            node = node.literals.setdefault(decode(segment), Node())
        return node, (*rank, *(0 for _ in tail), 9)

    def _child(self, segment: str) -> Node:
        if segment != STAR:
            return self.literals.setdefault(decode(segment), Node())
        if self.star is None:
            self.star = Node()
        return self.star


class State:
    """A deterministic state: one dictionary access leads to the next state.

    `next` maps known literals, `other` is the state after every other segment that is not empty.
    `ends` holds the leaves of a path that ends here, `deep` the tails of the `**` that start here.
    """

    __slots__ = ("deep", "ends", "next", "other")

    def __init__(self, ends: Ends, deep: tuple[Node, ...]) -> None:
        self.ends = ends
        self.deep = deep
        self.next: dict[str, State | None] = {}
        self.other: State | None = None


def determinize(root: Node) -> State:
    """Makes the automaton of a trie. Raises ValueError where it would exceed `MAX_STATES`."""
    states: dict[tuple[Node, ...], State] = {}
    start = _state_of((root,), states)
    pending: list[tuple[Node, ...]] = [(root,)]
    while pending:
        nodes = pending.pop()
        state = states[nodes]
        stars = tuple(node.star for node in nodes if node.star is not None)
        literals = {key for node in nodes for key in node.literals}
        # Only `**` matches an empty segment, and it needs no transition.
        state.next[""] = None
        for key in literals:
            found = (*(n.literals[key] for n in nodes if key in n.literals), *stars)
            state.next[key] = _reach(found, states, pending)
        state.other = _reach(stars, states, pending) if stars else None
        if len(states) > MAX_STATES:
            raise ValueError(f"the templates overlap in more than {MAX_STATES} ways")
    return start


def _reach(
    nodes: tuple[Node, ...],
    states: dict[tuple[Node, ...], State],
    pending: list[tuple[Node, ...]],
) -> State:
    known = states.get(nodes)
    if known is None:
        pending.append(nodes)
        known = _state_of(nodes, states)
    return known


def _state_of(nodes: tuple[Node, ...], states: dict[tuple[Node, ...], State]) -> State:
    deep = tuple(node.tails for node in nodes if node.tails is not None)
    state = states[nodes] = State(_merge(node.ends for node in nodes), deep)
    return state


def _merge(many: Iterable[Ends]) -> Ends:
    merged: Ends = {}
    for ends in many:
        for verb, methods in ends.items():
            into = merged.setdefault(verb, {})
            for method, leaf in methods.items():
                if method not in into or leaf.rank < into[method].rank:
                    into[method] = leaf
    return merged


def matching_ends(start: State, segments: list[str], verb: str | None) -> list[Mapping[str, Leaf]]:
    """The HTTP methods of every template that fits all of `segments`, in no order."""
    found: list[Mapping[str, Leaf]] = []
    deep: list[tuple[int, tuple[Node, ...]]] = []
    state: State | None = start
    for index, segment in enumerate(segments):
        if state is None:
            break
        if state.deep:
            deep.append((index, state.deep))
        state = state.next.get(segment, state.other)
    if state is not None:
        if state.deep:
            deep.append((len(segments), state.deep))
        if methods := state.ends.get(verb):
            found.append(methods)
    for index, tails in deep:
        for tail in tails:
            _collect_tails(tail, segments, index, verb, found)
    return found


def _collect_tails(
    node: Node, segments: list[str], start: int, verb: str | None, found: list[Mapping[str, Leaf]]
) -> None:
    at = len(segments)
    while True:
        if methods := node.ends.get(verb):
            found.append(methods)
        if at == start:
            return
        at -= 1
        child = node.literals.get(segments[at])
        if child is None:
            return
        node = child
