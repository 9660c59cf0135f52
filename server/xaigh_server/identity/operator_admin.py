"""Administration of operators, for `xaigh-server operator`: add, list, rotate and revoke.

The command needs read access to the pepper and write access to the control database. No call over
the network creates an operator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from xaigh_server.audit.model import AuditEvent
from xaigh_server.audit.repository import AuditLog
from xaigh_server.db.session import Session
from xaigh_server.errors import AlreadyExists, FieldInvalid, IllegalTransition, NotFound
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.identity.operator_repository import Operators
from xaigh_server.identity.operators import (
    Operator,
    OperatorCredential,
    OperatorState,
    check_name,
    replaced,
)
from xaigh_server.identity.peppers import PepperRing
from xaigh_server.identity.scopes import ROLE_SCOPES, Role

NewId = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCredential:
    """A new credential with its text, which is shown once and never stored."""

    operator: Operator
    credential: OperatorCredential
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorStatus:
    """An operator, its current credential if any, and its state."""

    operator: Operator
    credential: OperatorCredential | None
    state: OperatorState


class OperatorAdmin:
    """Commands on operators. Each method takes a session of the control database.

    `actor` is the account on the machine, for the audit log.
    """

    def __init__(
        self,
        *,
        peppers: PepperRing,
        random: RandomBytes,
        new_id: NewId,
        clock: Callable[[], datetime],
        actor: str = "",
    ) -> None:
        self._peppers = peppers
        self._tags = KeyTags(peppers)
        self._random = random
        self._new_id = new_id
        self._clock = clock
        self._actor = actor

    def list(self, session: Session) -> list[OperatorStatus]:
        """Every operator, by name."""
        operators, now = Operators(session), self._clock()
        return [
            _status_of(operator, operators.credentials_of(operator.operator_id), now)
            for operator in operators.all()
        ]

    def is_empty(self, session: Session) -> bool:
        """Whether no operator was ever added."""
        return not Operators(session).all()

    def add(
        self,
        session: Session,
        name: str,
        role: Role,
        *,
        person: str = "",
        lifetime: timedelta | None = None,
    ) -> IssuedCredential:
        """A new operator with a credential. Raises FieldInvalid and AlreadyExists.

        A name that was ever given is never given again, so that audit logs stay unambiguous.
        `person` is who that is, by a name that all operators of one person share; empty: the
        operator's own name.
        """
        check_name(name)
        check_name(person or name, path="person")
        _check_lifetime(lifetime)
        operators, now = Operators(session), self._clock()
        if operators.named(name) is not None:
            raise AlreadyExists("operator", f"There is, or was, an operator named {name}.")
        operator = Operator(
            operator_id=self._new_id("opr"),
            name=name,
            person=person or name,
            role=role,
            create_time=now,
        )
        operators.add(operator)
        made = self._mint(operators, operator, now, lifetime)
        self._audit(session, "operator.added", made, now, after=_facts(made))
        return made

    def rotate(
        self,
        session: Session,
        name: str,
        *,
        grace: timedelta = timedelta(),
        lifetime: timedelta | None = None,
    ) -> IssuedCredential:
        """A new credential; the old one ends now, or after the grace.

        An expired credential can be rotated: that is how an operator comes back. Raises NotFound
        and IllegalTransition.
        """
        _check_lifetime(lifetime)
        operators, now = Operators(session), self._clock()
        operator = _active(operators, name)
        made = self._mint(operators, operator, now, lifetime)
        for old in operators.credentials_of(operator.operator_id):
            if old.credential_id != made.credential.credential_id and not old.replaced_by:
                by = made.credential.credential_id
                operators.replace_credential(replaced(old, by=by, ends=now + grace, now=now))
        self._audit(session, "operator.rotated", made, now, after=_facts(made))
        return made

    def revoke(self, session: Session, name: str, *, reason: str = "") -> Operator:
        """Ends an operator and its credentials for good. Raises NotFound. Done before: nothing."""
        operators, now = Operators(session), self._clock()
        operator = operators.named(name)
        if operator is None:
            raise NotFound("operator", name)
        if operator.revoke_time is None:
            operators.revoke(operator.operator_id, at=now, reason=reason)
            self._log(session, "operator.revoked", operator.operator_id, now, reason=reason)
        return operators.named(name) or operator

    def _mint(
        self, operators: Operators, operator: Operator, now: datetime, lifetime: timedelta | None
    ) -> IssuedCredential:
        minted = keys.mint_operator(self._random, self._tags.make)
        credential = OperatorCredential(
            credential_id=minted.id,
            operator_id=operator.operator_id,
            last_four=minted.last4,
            create_time=now,
            expire_time=None if lifetime is None else now + lifetime,
        )
        operators.add_credential(credential, self._peppers.digest(minted.text))
        return IssuedCredential(operator=operator, credential=credential, text=minted.text)

    def _audit(
        self,
        session: Session,
        action: str,
        made: IssuedCredential,
        now: datetime,
        after: dict[str, Any],
    ) -> None:
        self._log(session, action, made.operator.operator_id, now, after=after)

    def _log(
        self,
        session: Session,
        action: str,
        operator_id: str,
        now: datetime,
        *,
        after: dict[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        event = AuditEvent(
            time=now,
            actor_type="system",
            actor_id=self._actor,
            action=action,
            targets=(operator_id,),
            after=after,
            reason=reason,
        )
        AuditLog(session, "control").append(event)


def _facts(made: IssuedCredential) -> dict[str, Any]:
    ends = made.credential.expire_time
    return {
        "name": made.operator.name,
        "person": made.operator.person,
        "role": made.operator.role.value,
        "scopes": sorted(ROLE_SCOPES[made.operator.role]),
        "credentialId": made.credential.credential_id,
        "lastFour": made.credential.last_four,
        "expireTime": "" if ends is None else ends.isoformat(),
    }


def _check_lifetime(lifetime: timedelta | None) -> None:
    if lifetime is not None and lifetime <= timedelta():
        raise FieldInvalid.at("lifetime", "Must be longer than nothing.")


def _active(operators: Operators, name: str) -> Operator:
    operator = operators.named(name)
    if operator is None:
        raise NotFound("operator", name)
    if operator.revoke_time is not None:
        raise IllegalTransition(
            f"Operator {name}", state=OperatorState.REVOKED, step="rotate", allowed=()
        )
    return operator


def _status_of(
    operator: Operator, credentials: list[OperatorCredential], now: datetime
) -> OperatorStatus:
    newest = credentials[0] if credentials else None
    if operator.revoke_time is not None or newest is None:
        return OperatorStatus(operator=operator, credential=newest, state=OperatorState.REVOKED)
    return OperatorStatus(operator=operator, credential=newest, state=newest.state_at(now))
