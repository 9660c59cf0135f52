"""`xaigh rehearse`: plays the drills of an integration in the sandbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from xaigh.keys.v1.self_service_pb2 import DESCRIPTOR as SELF
from xaigh.keys.v1.self_service_pb2 import Identity, WhoAmIRequest
from xaigh.rehearsals.v1.rehearsal_pb2 import Drill
from xaigh_client.cli import output, profiles
from xaigh_client.cli.drills import DRILLS
from xaigh_client.cli.problems import PARTIAL, UsageProblem
from xaigh_client.cli.rehearsal import Failed, Stage, Waits
from xaigh_client.cli.session import Session, tls_of
from xaigh_client.cli.text import count, plain, words
from xaigh_client.client import Client
from xaigh_client.errors import ApiError, NotFoundError

_WHO_AM_I = SELF.services_by_name["SelfService"].methods_by_name["WhoAmI"]
_STYLES = {"passed": "green", "waits": "yellow", "failed": "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """How a drill ended: `passed` with what the server saw, `waits` or `failed` with why."""

    drill: str
    result: str
    why: str = ""
    seen: Drill | None = None

    def members(self) -> dict[str, Any]:
        """The result as JSON has it."""
        found: dict[str, Any] = {"drill": self.drill, "result": self.result}
        if self.seen is not None:
            found["facts"] = {fact.name: fact.value for fact in self.seen.facts}
        return {**found, "why": self.why} if self.why else found


def rehearse(
    session: Session,
    drill: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DRILL]...", help=f"{', '.join(DRILLS)}. None: all of them."),
    ] = None,
    employer: Annotated[
        str, typer.Option("--employer", help="Whose jobs are made. Left out: the grant's first.")
    ] = "",
    operator: Annotated[
        str,
        typer.Option(
            "--operator", metavar="PROFILE", help="An operator's, for rotation and rollback."
        ),
    ] = "",
    show: Annotated[
        bool, typer.Option("--list", help="Show what was passed before, and play nothing.")
    ] = False,
) -> int:
    """Play drills in the sandbox; the server records those that it saw, for the review.

    Jobs, integrations and keys that a drill makes are closed, retired and revoked at its end.
    Rotation and rollback each spend one key of the grant's allowance. Keys of production are
    refused.

    Exit code 11 where a drill waits for somebody, 1 where one failed.

    Example: xaigh rehearse replay time-out

    Example: xaigh rehearse --operator ops
    """
    chosen = _chosen(drill or [])
    if show:
        _list(session)
        return 0
    stage = _stage(session, employer, operator)
    try:
        results = [_play(session, stage, name) for name in chosen]
    finally:
        if stage.operator is not None:
            stage.operator.close()
    for left in stage.left_behind:
        session.warn(f"Left behind: {plain(left)}")
    if session.as_json:
        output.emit_json(session, [one.members() for one in results])
    else:
        _sum_up(session, results)
    return _exit_code(results, stage)


def _chosen(names: list[str]) -> list[str]:
    for name in names:
        if name not in DRILLS:
            raise UsageProblem(f"no drill {name!r}; there are: {', '.join(DRILLS)}")
    return [name for name in DRILLS if name in names] if names else [*DRILLS]


def _stage(session: Session, employer: str, operator: str) -> Stage:
    chosen = session.resolve_profile()
    reply = session.client.call(_WHO_AM_I, WhoAmIRequest())
    identity = reply.message
    assert isinstance(identity, Identity)
    if not identity.HasField("key"):
        raise UsageProblem("an integrator rehearses, with a key of the sandbox: test_sk_…")
    if identity.key.environment != "sandbox":
        raise UsageProblem("drills are of the sandbox: use a key that begins with test_")
    granted = sorted(identity.employer_user_ids)
    if employer and employer not in granted:
        raise UsageProblem(f"--employer {employer}: the grant has {', '.join(granted) or 'none'}")
    if not granted:
        raise UsageProblem("the grant has no employer to make jobs for")

    def connect(key: str) -> Client:
        return Client(api_key=key, address=chosen.address or None, tls=tls_of(chosen.ca_file))

    return Stage(
        client=session.client,
        identity=identity,
        employer=employer or granted[0],
        connect=connect,
        say=(lambda _: None) if session.as_json else lambda text: _say(session, text),
        operator=_operator(session, operator) if operator else None,
        since=_server_time(session, reply.request_id),
        now=session.now(),
    )


def _operator(session: Session, profile: str) -> Client:
    found = profiles.load(session.config_file).get(profile)
    if not found.api_key.startswith("xop_"):
        raise UsageProblem(f"--operator {profile}: its credential isn't an operator's (xop_…)")
    return Client(api_key=found.api_key, address=found.address or None, tls=tls_of(found.ca_file))


def _server_time(session: Session, request_id: str) -> datetime | None:
    """The server's time by its log; None where it keeps none. Its clock may differ from ours."""
    try:
        logged = session.client.request_log.get_request_log(request_id=request_id)
    except NotFoundError:
        return None
    return logged.end_time.ToDatetime(tzinfo=UTC)


def _play(session: Session, stage: Stage, name: str) -> _Result:
    if not session.as_json:
        session.out.print(Text(name, style="bold"))
    try:
        result = _Result(drill=name, result="passed", seen=DRILLS[name](stage))
    except Waits as waiting:
        result = _Result(drill=name, result="waits", why=str(waiting))
    except Failed as failed:
        result = _Result(drill=name, result="failed", why=str(failed))
    except ApiError as error:
        cure = f" {error.cure}" if error.cure else ""
        result = _Result(drill=name, result="failed", why=f"{error.message}{cure}")
    if not session.as_json:
        _tell(session, result)
    return result


def _say(session: Session, text: str) -> None:
    session.out.print(Padding(Text(plain(text), style="dim"), (0, 0, 0, 2)))


def _tell(session: Session, result: _Result) -> None:
    """Prints how a drill ended; below it, indented, what the server saw, or why it didn't pass."""
    line = Text(f"  {result.result}", style=_STYLES[result.result])
    below = result.why
    if result.seen is not None:
        line.append(": the server saw", style="not dim default")
        below = _facts(result.seen)
    session.out.print(line)
    session.out.print(Padding(Text(plain(below)), (0, 0, 0, 4)))


def _facts(drill: Drill) -> str:
    return " · ".join(f"{fact.name} {fact.value}" for fact in drill.facts)


def _sum_up(session: Session, results: list[_Result]) -> None:
    passed = sum(one.result == "passed" for one in results)
    waits = [one.drill for one in results if one.result == "waits"]
    failed = [one.drill for one in results if one.result == "failed"]
    text = f"{passed} of {count(len(results), 'drill')} passed; reviewers see them in the dossier."
    session.out.print(Text(text, style="bold"))
    if waits:
        session.out.print(f"Waiting: {', '.join(waits)}.", style="yellow")
    if failed:
        session.out.print(f"Failed: {', '.join(failed)}.", style="red")


def _exit_code(results: list[_Result], stage: Stage) -> int:
    if stage.left_behind or any(one.result == "failed" for one in results):
        return 1
    return PARTIAL if any(one.result == "waits" for one in results) else 0


def _list(session: Session) -> None:
    found = session.client.rehearsal.list_drills()
    if session.as_json:
        output.emit_json(session, list(found.drills))
        return
    output.facts(session, "Drills", [(_name(one), _passed(session, one)) for one in found.drills])


def _name(drill: Drill) -> str:
    return words(output.enum_name(drill, "kind"))


def _passed(session: Session, drill: Drill) -> Text:
    if not drill.HasField("pass_time"):
        return Text("not yet", style="yellow").append(f"  {plain(drill.wants)}", style="dim")
    text = Text("passed", style="green").append(f"  {output.when(session, drill, 'pass_time')}")
    return text.append(f"\n{plain(_facts(drill))}", style="dim")


def drills(session: Session, found: Iterable[Drill]) -> list[tuple[str, output.Cell]]:
    """Formats drills for a dossier."""
    return [(_name(one), _passed(session, one)) for one in found]
