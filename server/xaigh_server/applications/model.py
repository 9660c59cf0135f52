"""Model of applications: the states of an application, and its steps from one to another.

    RECEIVED -> SENDING -> FORWARDED | REFUSED | UNCERTAIN | FAILED

SENDING is stored before a connection is made. From there only an attempt that failed before the
first byte of its request leads back to RECEIVED; where nobody can tell whether the client has the
application, it is UNCERTAIN until a person decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from xaigh_server.applications.errors import ApplicationErased, AttemptSettled
from xaigh_server.errors import IllegalTransition
from xaigh_server.rpc.etags import etag_of

GIVE_UP_AFTER = timedelta(days=1)
"""How long an application waits for an attempt that reaches its target."""
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 900.0
_JITTER = 0.1


class ApplicationState(StrEnum):
    """State of an application."""

    RECEIVED = "RECEIVED"
    SENDING = "SENDING"
    FORWARDED = "FORWARDED"
    REFUSED = "REFUSED"
    UNCERTAIN = "UNCERTAIN"
    FAILED = "FAILED"


FINAL = frozenset({ApplicationState.FORWARDED, ApplicationState.REFUSED, ApplicationState.FAILED})


class Cause(StrEnum):
    """Why an application is in its state."""

    TARGET_REFUSED = "TARGET_REFUSED"
    TARGET_REDIRECTED = "TARGET_REDIRECTED"
    TARGET_FAILED = "TARGET_FAILED"
    NO_ANSWER = "NO_ANSWER"
    SENDER_LOST = "SENDER_LOST"
    TARGET_UNREACHABLE = "TARGET_UNREACHABLE"
    TARGET_INVALID = "TARGET_INVALID"
    ERASED = "ERASED"
    SETTLED = "SETTLED"
    REPORTED_BY_AGENT = "REPORTED_BY_AGENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an attempt came to. `state` is where it leads; RECEIVED: nothing was sent."""

    state: ApplicationState
    cause: Cause | None = None
    status: int = 0
    remote_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application, without its personal data.

    `due_time` is set while it waits: when the next attempt begins. `lease_time` is set while it is
    sent: until when its sender has to record the result. `queued_time` is since when it waits,
    repeats included. `erased_time` is when its personal data was erased.
    """

    number: int
    application_id: str
    organization_id: str
    employer_user_id: str
    job_id: str
    external_job_id: str
    integration_id: str
    state: ApplicationState = ApplicationState.RECEIVED
    cause: Cause | None = None
    status: int = 0
    remote_id: str = ""
    note: str = ""
    attempts: int = 0
    failures: int = 0
    due_time: datetime | None = None
    lease_time: datetime | None = None
    queued_time: datetime
    created_time: datetime
    updated_time: datetime
    final_time: datetime | None = None
    erased_time: datetime | None = None
    revision: int = 1

    @property
    def etag(self) -> str:
        return etag_of(self.application_id, self.revision)

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    def sending(self, now: datetime, until: datetime) -> Application:
        """The application that is being sent. IllegalTransition: it doesn't wait."""
        if self.state is not ApplicationState.RECEIVED:
            raise self._illegal("send")
        return self._stepped(
            ApplicationState.SENDING,
            now,
            attempts=self.attempts + 1,
            due_time=None,
            lease_time=until,
        )

    def ended(
        self, attempt: int, result: Result, now: datetime, random: Callable[[], float]
    ) -> Application:
        """The application after an attempt.

        A result counts also after the lease ran out, as long as nobody has settled the attempt:
        its sender knows what became of it. AttemptSettled: another one is the newest.
        """
        lost = self.state is ApplicationState.UNCERTAIN and self.cause is Cause.SENDER_LOST
        if self.attempts != attempt or not (self.state is ApplicationState.SENDING or lost):
            raise AttemptSettled(self.application_id, attempt)
        if result.state is ApplicationState.RECEIVED:
            return self._unsent(result, now, random)
        return self._stepped(
            result.state, now, cause=result.cause, status=result.status, remote_id=result.remote_id
        )

    def abandoned(self, now: datetime) -> Application:
        """The application whose sender is lost. IllegalTransition: its lease still runs."""
        if self.lease_time is None or self.lease_time > now:
            raise self._illegal("abandon")
        return self._stepped(ApplicationState.UNCERTAIN, now, cause=Cause.SENDER_LOST)

    def postponed(self, now: datetime, random: Callable[[], float]) -> Application:
        """The application that waits for a valid target."""
        if self.state is not ApplicationState.RECEIVED:
            raise self._illegal("postpone")
        return self._unsent(
            Result(state=ApplicationState.RECEIVED, cause=Cause.TARGET_INVALID), now, random
        )

    def given_up(self, now: datetime) -> Application:
        """The application that waited for a day. IllegalTransition: it hasn't."""
        if self.state is not ApplicationState.RECEIVED or now - self.queued_time < GIVE_UP_AFTER:
            raise self._illegal("give up")
        cause = self.cause or Cause.TARGET_UNREACHABLE
        return self._stepped(ApplicationState.FAILED, now, cause=cause, status=self.status)

    def resent(self, now: datetime, note: str) -> Application:
        """The application that waits again. IllegalTransition, ApplicationErased."""
        if self.state not in (
            ApplicationState.UNCERTAIN,
            ApplicationState.REFUSED,
            ApplicationState.FAILED,
        ):
            raise self._illegal("resend")
        if self.erased_time is not None:
            raise ApplicationErased(self.application_id)
        return self._stepped(
            ApplicationState.RECEIVED, now, note=note, due_time=now, queued_time=now
        )

    def settled(
        self, state: ApplicationState, now: datetime, *, note: str, remote_id: str
    ) -> Application:
        """The application whose fate a person knows. IllegalTransition: it isn't UNCERTAIN."""
        if self.state is not ApplicationState.UNCERTAIN:
            raise self._illegal("settle")
        return self._stepped(
            state, now, cause=Cause.SETTLED, note=note, remote_id=remote_id, status=self.status
        )

    def erased(self, now: datetime) -> Application:
        """The application without personal data; one that waited is FAILED."""
        if self.erased_time is not None:
            return self
        if self.state is ApplicationState.RECEIVED:
            return replace(
                self._stepped(ApplicationState.FAILED, now, cause=Cause.ERASED), erased_time=now
            )
        return replace(self, erased_time=now, updated_time=now, revision=self.revision + 1)

    def _unsent(self, result: Result, now: datetime, random: Callable[[], float]) -> Application:
        """Waits for the next attempt."""
        if self.erased_time is not None:
            return self._stepped(ApplicationState.FAILED, now, cause=Cause.ERASED)
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(self.failures, 30))
        due = now + timedelta(seconds=pause * (1 + _JITTER * random()))
        waiting = self._stepped(
            ApplicationState.RECEIVED, now, cause=result.cause, status=result.status, due_time=due
        )
        return replace(waiting, failures=self.failures + 1)

    def _stepped(
        self,
        state: ApplicationState,
        now: datetime,
        *,
        cause: Cause | None = None,
        status: int = 0,
        remote_id: str = "",
        note: str | None = None,
        attempts: int | None = None,
        due_time: datetime | None = None,
        lease_time: datetime | None = None,
        queued_time: datetime | None = None,
    ) -> Application:
        return replace(
            self,
            state=state,
            cause=cause,
            status=status,
            remote_id=remote_id,
            note=self.note if note is None else note,
            attempts=self.attempts if attempts is None else attempts,
            failures=0 if queued_time is not None else self.failures,
            due_time=due_time,
            lease_time=lease_time,
            queued_time=queued_time or self.queued_time,
            updated_time=now,
            final_time=now if state in FINAL else None,
            revision=self.revision + 1,
        )

    def _illegal(self, step: str) -> IllegalTransition:
        allowed = {
            ApplicationState.UNCERTAIN: ["resend", "settle"],
            ApplicationState.REFUSED: ["resend"],
            ApplicationState.FAILED: ["resend"],
        }
        return IllegalTransition(
            "The application", state=self.state, step=step, allowed=allowed.get(self.state, [])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardSecret:
    """The sealed secret of an integration's target, and for a day the one before it."""

    integration_id: str
    organization_id: str
    sealed: bytes
    previous: bytes | None = None
    previous_expire_time: datetime | None = None
    created_time: datetime

    def signing(self, now: datetime) -> tuple[bytes, ...]:
        """The sealed secrets that sign now, the current one first."""
        if self.previous is None or self.previous_expire_time is None:
            return (self.sealed,)
        return (self.sealed, self.previous) if now < self.previous_expire_time else (self.sealed,)
