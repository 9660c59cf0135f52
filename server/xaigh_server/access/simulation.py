"""Simulation of a narrower grant: the calls of the last days, put to the checks of a call.

Nothing here decides by itself: `read_keys_under` says which key would still work, `check_rights`
and `check_scope` what it could call, `GrantFacts.covers` which employers it could reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from xaigh_server.errors import DomainError, NotFound
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ScopeNotGranted
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.keys.credential_lookup import KeyUnder
from xaigh_server.keys.grants import GrantTerms
from xaigh_server.rpc.interceptors.authorize import check_rights, check_scope
from xaigh_server.rpc.method import Method

MOST_ENTRIES = 200
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSum:
    """Answered calls of one key to one method about the same employers.

    `needs` are employers without which the calls were refused, `lists` those by which they listed;
    `cut` says that they needed more than are known.
    """

    key_id: str
    method: str
    needs: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cut: bool = False
    calls: int
    first_time: datetime
    last_time: datetime


class PastCalls(NamedTuple):
    """The answered calls of a grant's keys. `cut`: there were more, older ones."""

    sums: Sequence[CallSum]
    cut: bool


class CallHistory(Protocol):
    """The request log, as simulations read it."""

    @property
    def days(self) -> int:
        """For how many days calls are kept; 0 where none are."""

    async def read(
        self, environment: Environment, organization_id: str, key_ids: Sequence[str]
    ) -> PastCalls:
        """Returns the answered calls of the keys, up to now."""

    async def last(
        self, environment: Environment, organization_id: str, sums: Sequence[CallSum], limit: int
    ) -> list[str]:
        """Returns the request ids of the last calls of these sums, the latest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedScope:
    """How often other services asked whether a key has a scope, and were told that it has."""

    key_id: str
    scope: str
    calls: int


@dataclass(slots=True, kw_only=True)
class RefusedCalls:
    """Calls of one method that would be refused for one reason. `method` None: other services'."""

    method: Method | None
    reason: str
    missing: tuple[str, ...]
    calls: int = 0
    sums: list[CallSum] = field(default_factory=list)
    key_ids: set[str] = field(default_factory=set)
    request_ids: list[str] = field(default_factory=list)

    @property
    def last_time(self) -> datetime | None:
        """When the last of them ended; None for those of other services."""
        return max((each.last_time for each in self.sums), default=None)


@dataclass(slots=True, kw_only=True)
class Findings:
    """What a simulation found."""

    calls: int = 0
    start_time: datetime | None = None
    emptied: int = 0
    cut: int = 0
    """Calls that needed more employers than are known."""
    unnamed: int = 0
    """Calls that name no employer, such as lists over all of them."""
    refused: list[RefusedCalls] = field(default_factory=list)
    used_scopes: set[str] = field(default_factory=set)
    used_employers: set[str] = field(default_factory=set)

    @property
    def refused_calls(self) -> int:
        """How many calls would be refused."""
        return sum(each.calls for each in self.refused)


def simulate(
    past: Iterable[CallSum],
    verified: Iterable[VerifiedScope],
    keys: Mapping[str, KeyUnder],
    methods: Mapping[str, Method],
) -> Findings:
    """Puts past calls to the checks, with keys as they would be. `methods` are by full name."""
    found = Findings()
    entries: dict[tuple[str, str, tuple[str, ...]], RefusedCalls] = {}
    for each in past:
        method, key = methods.get(each.method), keys.get(each.key_id)
        if method is None or key is None:
            continue
        _count(found, each, method)
        verdict = _judge(key, each, method)
        if verdict is not None:
            entry = _entry(entries, method, verdict)
            entry.sums.append(each)
            entry.calls += each.calls
            entry.key_ids.add(each.key_id)
        elif isinstance(key, KeyPrincipal) and not key.grant.covers(each.lists):
            found.emptied += each.calls
    for asked in verified:
        if asked.key_id in keys:
            _judge_verified(found, entries, keys[asked.key_id], asked)
    found.refused = sorted(entries.values(), key=lambda entry: -entry.calls)
    return found


def unused(terms: GrantTerms, found: Findings) -> tuple[list[str], list[str]]:
    """Returns the scopes and the employers of a grant that no call used."""
    return (
        [each for each in terms.scopes if each not in found.used_scopes],
        [each for each in terms.employer_user_ids if each not in found.used_employers],
    )


def unknowns(found: Findings, past: PastCalls, days: int) -> list[str]:
    """Returns what the log can't tell, in sentences."""
    if not days:
        return ["The server records no calls (request_log_days is 0), so nothing was replayed."]
    said = [
        f"The log keeps calls for {days} days: what a client does more rarely isn't in it.",
        "A crash loses the last second of calls, and calls are dropped where the database can't "
        "keep up.",
        "Other services that check keys here are counted by day, without request ids and "
        "employers.",
        "Webhook events that a key would no longer hear or read aren't counted.",
        "Tier, allowance and end of the grant aren't replayed.",
    ]
    if past.cut:
        said.append(f"Only the newest {found.calls:,} calls were looked at; older ones are there.")
    if found.unnamed:
        said.append(
            f"{found.unnamed:,} calls name no employer, such as lists over all of them: an "
            "employer that looks unused may have been read by these."
        )
    if found.cut:
        said.append(f"{found.cut:,} calls needed more employers than the log keeps of one call.")
    return said


def _count(found: Findings, each: CallSum, method: Method) -> None:
    found.calls += each.calls
    found.start_time = min(found.start_time or each.first_time, each.first_time)
    found.cut += each.calls if each.cut else 0
    found.used_employers.update(each.needs, each.lists)
    if method.rule.scope is not None:
        found.used_scopes.add(method.rule.scope)
        found.unnamed += 0 if each.needs or each.lists else each.calls


def _judge(key: KeyUnder, each: CallSum, method: Method) -> tuple[str, tuple[str, ...]] | None:
    """The reason for which such calls would be refused, and what they lack; None: they pass."""
    return _verdict(key, lambda principal: _check(principal, each, method))


def _check(principal: KeyPrincipal, each: CallSum, method: Method) -> None:
    check_rights(principal, method.rule)
    if not principal.grant.covers(each.needs):
        raise _EmployersMissing(sorted(set(each.needs) - principal.grant.employer_ids))


def _judge_verified(
    found: Findings,
    entries: dict[tuple[str, str, tuple[str, ...]], RefusedCalls],
    key: KeyUnder,
    asked: VerifiedScope,
) -> None:
    found.calls += asked.calls
    found.used_scopes.add(asked.scope)
    verdict = _verdict(key, lambda principal: check_scope(principal, asked.scope))
    if verdict is not None:
        entry = _entry(entries, None, verdict)
        entry.calls += asked.calls
        entry.key_ids.add(asked.key_id)


class _EmployersMissing(NotFound):
    """An object of employers off the grant answers as a missing one."""

    def __init__(self, employers: Sequence[str]) -> None:
        super().__init__("employer")
        self.employers = tuple(employers)


def _verdict(
    key: KeyUnder, check: Callable[[KeyPrincipal], None]
) -> tuple[str, tuple[str, ...]] | None:
    if not isinstance(key, KeyPrincipal):
        return key.reason, ("the key's type",)
    try:
        check(key)
    except _EmployersMissing as refusal:
        return refusal.reason, refusal.employers
    except ScopeNotGranted as refusal:
        return refusal.reason, (refusal.metadata["scope"],)
    except DomainError as refusal:
        return refusal.reason, ()
    return None


def _entry(
    entries: dict[tuple[str, str, tuple[str, ...]], RefusedCalls],
    method: Method | None,
    verdict: tuple[str, tuple[str, ...]],
) -> RefusedCalls:
    reason, missing = verdict
    place = (method.full_name if method else "", reason, missing)
    if place not in entries:
        entries[place] = RefusedCalls(method=method, reason=reason, missing=missing)
    return entries[place]
