"""Error reports on stderr, and the exit codes of the command.

0   done
1   failed
2   wrong usage or settings
3   the credential isn't valid
4   not allowed
5   no such object
6   the request, or the object's state, doesn't allow it
7   somebody else was first
8   too many calls
9   the server can't be reached, or was too slow
10  you said no
11  done in part: see what it printed
12  the board couldn't be read whole: nothing was sent
"""

from __future__ import annotations

import re

from rich.text import Text

from xaigh_client import errors, failures
from xaigh_client.address import DEFAULT_ADDRESS
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, with_options
from xaigh_client.errors import ApiError

USAGE = 2
DECLINED = 10
PARTIAL = 11
UNREADABLE = 12
INTERRUPTED = 130

_CODES: dict[type[ApiError], int] = {
    errors.UnauthenticatedError: 3,
    errors.InsufficientScopeError: 4,
    errors.PermissionDeniedError: 4,
    errors.NotFoundError: 5,
    errors.InvalidArgumentError: 6,
    errors.FailedPreconditionError: 6,
    errors.OutOfRangeError: 6,
    errors.IdempotencyKeyReusedError: 6,
    errors.ConflictError: 7,
    errors.RateLimitedError: 8,
    errors.UnavailableError: 9,
    errors.DeadlineExceededError: 9,
}


class Declined(Exception):
    """The user answered a confirmation with no."""


class UsageProblem(Exception):
    """The arguments contradict each other, or miss something. The message says what."""


def exit_code(error: ApiError) -> int:
    """Returns the exit code for a failed call."""
    return _CODES.get(type(error), 1)


def show(session: Session, error: ApiError) -> None:
    """Prints a failed call: message, violations, cause, cure, reason and request id."""
    block = Text()
    block.append(f"{_title(session, error)}\n", style="bold red")
    for violation in error.violations:
        block.append(f"  {plain(_named(session, violation.path))}", style="bold")
        said = with_options(violation.description, session.option_names)
        block.append(f"  {plain(said)}\n")
    for name, value in error.metadata.items():
        if name != "requestId" and value:
            block.append(f"  {plain(name)}: {plain(value)}\n", style="dim")
    cause = error.failure.cause
    if cause.rstrip(".") not in error.message:
        block.append(f"Why: {cause}\n")
    if error.retry_after is not None:
        block.append(f"Cure: wait {error.retry_after:.0f} s and try again.\n")
    elif cure := _cure(session, error):
        block.append(f"Cure: {cure}\n")
    facts = " · ".join(fact for fact in (error.reason, error.request_id) if fact)
    if facts:
        block.append(facts, style="dim")
    session.err.print(block, soft_wrap=True)


def _named(session: Session, path: str) -> str:
    """The option that sets a field, where the command has one; otherwise the field."""
    field = re.split(r"[.\[]", path, maxsplit=1)[0]
    return session.option_names.get(field, path)


def _title(session: Session, error: ApiError) -> str:
    if isinstance(error, errors.UnavailableError) and not error.reason:
        address = session.resolve_profile().address or DEFAULT_ADDRESS
        if _untrusted(error):
            return f"The certificate of the server at {address} isn't trusted."
        return f"The server at {address} can't be reached."
    if isinstance(error, errors.DeadlineExceededError) and not error.reason:
        return "The server didn't answer in time."
    return plain(error.message)


def _untrusted(error: ApiError) -> bool:
    """True where no server answered, since its certificate isn't trusted."""
    return not error.reason and error.cure == failures.UNTRUSTED_CURE


def _cure(session: Session, error: ApiError) -> str:
    if _untrusted(error):
        return (
            "name the certificates that you trust: XAIGH_CA_FILE=FILE, or "
            "`xaigh login NAME --ca-file FILE`; the address must be in them."
        )
    if error.cure:
        return error.cure
    if isinstance(error, errors.UnavailableError):
        if not session.resolve_profile().address:
            return "name your own server: `xaigh login NAME --address HOST:PORT`, or XAIGH_ADDR."
        return "check the address (`xaigh profiles`) and that the server runs."
    return ""
