"""The merged templates: a trie, made deterministic, so that matching never backtracks.

Ranks make the outcome of a backtracking search (literal, then `*`, then `**`) a plain comparison.
A rank has one number per step: 0 for a literal, 1 for `*`, 2 for `**`, then 0 for each literal of
the tail. An exact template closes with 0 and one with `**` closes with 9, so that a longer tail is
smaller. Every leaf that fits the path is a candidate and the smallest rank wins.

A state stands for the set of all trie nodes that a prefix of segments can reach. What follows `**`
is literal (the grammar says so), so tails are looked up backwards from the end of the path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from httprule.percent import decode
from httprule.template import DEEP, STAR

MAX_STATES: Final = 100_000

Rank = tuple[int, ...]


class Leaf:
    """One route's place in the automaton. `payload` belongs to the router."""

    __slots__ = ("payload", "rank")

    def __init__(self, rank: Rank, payload: Any) -> None:
        self.rank = rank
        self.payload = payload


# verb (None: no verb) -> HTTP method -> leaf
Ends = dict[str | None, dict[str, Leaf]]


class Node:
    """A place in the trie. `tails` is the trie of reversed literal tails after `**`."""

    __slots__ = ("ends", "literals", "star", "tails")

    def __init__(self) -> None:
        self.literals: dict[str, Node] = {}
        self.star: Node | None = None
        self.tails: Node | None = None
        self.ends: Ends = {}

    def place(self, segments: tuple[str, ...]) -> tuple[Node, Rank]:
        """The node at which a template ends, made on the way, and the template's rank."""
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
    """A deterministic state: one dictionary access leads to the next one.

    `next` maps the literals that matter, `other` is for every other segment that is not empty.
    `ends` answers a path that stops here; `deep` holds the tails of the `**` that start here.
    """

    __slots__ = ("deep", "ends", "next", "other")

    def __init__(self, ends: Ends, deep: tuple[Node, ...]) -> None:
        self.ends = ends
        self.deep = deep
        self.next: dict[str, State | None] = {}
        self.other: State | None = None


def determinize(root: Node) -> State:
    """The automaton of a trie. Raises ValueError if the templates overlap beyond all reason."""
    states: dict[tuple[Node, ...], State] = {}
    start = _state_of((root,), states)
    pending: list[tuple[Node, ...]] = [(root,)]
    while pending:
        nodes = pending.pop()
        state = states[nodes]
        stars = tuple(node.star for node in nodes if node.star is not None)
        literals = {key for node in nodes for key in node.literals}
        # An empty segment is only ever matched by `**`, which needs no transition.
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
    """The methods at every place where a template fits all of `segments`, in no order."""
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
