"""`xaigh ats pull` and `xaigh ats agent`: the client's side of a sync.

A pull reads a board whole and sends it as one run that closes what is gone. A board that couldn't
be read whole sends nothing, so it closes nothing. The agent pulls again and again, and puts the
applications that it receives into the ATS, with a credential that stays on the client's machine.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType
from typing import Annotated, Any

import typer

from xaigh.applications.v1.applications_service_pb2 import ReceivedApplication
from xaigh.ats.v1.sync_run_pb2 import MissingClose, SyncRun
from xaigh_client.cli import ats_integrations, ats_report, output, times
from xaigh_client.cli.boards import READERS
from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.greenhouse_applications import GreenhouseApplications, Sent
from xaigh_client.cli.boards.model import Board, BoardSource, BoardUnreadable
from xaigh_client.cli.commands import DryRun, command
from xaigh_client.cli.problems import PARTIAL, UNREADABLE, UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, words
from xaigh_client.errors import ApiError, ConflictError, FailedPreconditionError

CREDENTIAL = "XAIGH_ATS_KEY"
_FEED_SECONDS = 600.0
_REPORT_SECONDS = 120.0
_RECONNECT = 5.0

Provider = Annotated[
    str, typer.Option("--provider", "-p", help="Greenhouse, lever, ashby, workday or icims.")
]
BoardName = Annotated[
    str,
    typer.Option(
        "--board",
        metavar="BOARD",
        help="As acme; of Workday acme.wd5/External, of iCIMS the host.",
    ),
]
Url = Annotated[str, typer.Option("--url", help="Base of the API, if not the provider's.")]
Integration = Annotated[str, typer.Option("--integration", help="Where there are several.")]
KeepMissing = Annotated[bool, typer.Option("--keep-missing", help="Close nothing.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What to pull, and for which integration."""

    provider: str
    source: BoardSource
    integration: str
    close_missing: bool


def add_to(app: typer.Typer) -> None:
    """Adds both commands to the group `ats`."""
    command(app, "pull")(pull)
    command(app, "agent")(agent)


def pull(
    session: Session,
    provider: Provider,
    board: BoardName,
    url: Url = "",
    integration: Integration = "",
    keep_missing: KeepMissing = False,
    dry_run: DryRun = False,
) -> int:
    """Read a board whole, and sync it as one run that closes the roles that are gone.

    Exit code 12 where the board couldn't be read whole: then nothing was sent, and nothing closed.

    Example: xaigh ats pull --provider greenhouse --board acme
    """
    order = _order(session, provider, board, url, integration, close_missing=not keep_missing)
    try:
        began = session.now()
        found = _read(order)
    except BoardUnreadable as unreadable:
        _say_unreadable(session, unreadable)
        return UNREADABLE
    if dry_run:
        session.out.print(f"Read {count(len(found.records), 'role')}: {found.proof}. Nothing sent.")
        return 0
    run = _send(session, order, found, began)
    if session.as_json:
        output.emit_json(session, run)
    else:
        _show(session, found, run)
    waits = run.close.state in (MissingClose.HELD, MissingClose.SKIPPED)
    return PARTIAL if waits or run.counts.rejected else 0


def agent(
    session: Session,
    provider: Provider,
    board: BoardName,
    url: Url = "",
    integration: Integration = "",
    keep_missing: KeepMissing = False,
    every: Annotated[str, typer.Option("--every", help="Time between two pulls, as 15m.")] = "15m",
    forward: Annotated[
        bool, typer.Option("--forward", help="Also put applications into Greenhouse.")
    ] = False,
) -> int:
    """Pull a board again and again, and put applications into the ATS, until Ctrl-C or SIGTERM.

    The credential of the ATS stays on this machine: XAIGH_ATS_KEY, Greenhouse's job board API key.

    Example: xaigh ats agent --provider greenhouse --board acme --every 15m

    Example: XAIGH_ATS_KEY=… xaigh ats agent -p greenhouse --board acme --forward
    """
    order = _order(session, provider, board, url, integration, close_missing=not keep_missing)
    pause = times.parse_span(every)
    if pause < timedelta(seconds=1):
        raise UsageProblem("--every: at least 1s")
    sender = _sender(session, order) if forward else None
    running = _Agent(session, order, pause, sender)
    return running.run()


class _Agent:
    """Pulls in one thread and forwards in another, until it is told to stop."""

    def __init__(
        self,
        session: Session,
        order: _Order,
        pause: timedelta,
        sender: GreenhouseApplications | None,
    ) -> None:
        self._session = session
        self._order = order
        self._pause = pause.total_seconds()
        self._sender = sender
        self._stopped = threading.Event()
        self._stream: Any = None

    def run(self) -> int:
        """Runs until SIGINT or SIGTERM. What is being sent then is finished and reported."""
        former = {each: signal.signal(each, self._stop) for each in (signal.SIGINT, signal.SIGTERM)}
        puller = threading.Thread(target=self._pull_always, name="pull")
        forwarder = threading.Thread(target=self._forward_always, name="forward")
        threads = [puller, *([forwarder] if self._sender else [])]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
        return 0

    def _stop(self, _: int, __: FrameType | None) -> None:
        self._stopped.set()
        if self._stream is not None:
            self._stream.close()

    def _pull_always(self) -> None:
        while not self._stopped.is_set():
            self._pull()
            self._stopped.wait(self._pause)

    def _pull(self) -> None:
        """Pulls once. Whatever goes wrong is said, and the next pull comes."""
        try:
            began = self._session.now()
            found = _read(self._order, stopped=self._stopped)
            run = _send(self._session, self._order, found, began)
            if not self._session.as_json:
                _show(self._session, found, run)
            else:
                output.emit_json(self._session, run)
        except BoardUnreadable as unreadable:
            if not self._stopped.is_set():
                _say_unreadable(self._session, unreadable)
        except ApiError as error:
            self._session.warn(f"The run wasn't taken: {error.message}")

    def _forward_always(self) -> None:
        while not self._stopped.is_set():
            try:
                self._forward()
            except ApiError as error:
                if not self._stopped.is_set():
                    self._session.warn(f"Applications can't be received: {error.message}")
            self._stopped.wait(_RECONNECT)

    def _forward(self) -> None:
        receive = self._session.client.applications.receive_applications
        with receive(integration_id=self._order.integration) as stream:
            self._stream = stream
            for message in stream:
                if message.HasField("application"):
                    self._forward_one(message)
                if self._stopped.is_set():
                    return

    def _forward_one(self, message: ReceivedApplication) -> None:
        """Posts one application and reports what became of it. No personal data is printed."""
        assert self._sender is not None  # else nothing is received
        application = message.application
        board = message.board or self._order.source.board
        sent = self._sender.send(board, application.external_job_id, message.content)
        self._report(message, sent)
        why = f": {sent.why}" if sent.why else ""
        status = f" ({sent.status})" if sent.status else ""
        self._session.out.print(
            f"{application.application_id}  {words(sent.outcome)}{status}{why}", soft_wrap=True
        )

    def _report(self, message: ReceivedApplication, sent: Sent) -> None:
        try:
            self._session.client.applications.report_application(
                application_id=message.application.application_id,
                attempt=message.attempt,
                outcome=sent.outcome,  # type: ignore[arg-type]  # one of the enum's names
                target_status=sent.status or None,
                timeout=_REPORT_SECONDS,
            )
        except ConflictError:
            self._session.warn(
                f"{message.application.application_id} was settled before this report came."
            )


def _order(
    session: Session,
    provider: str,
    board: str,
    url: str,
    integration: str,
    *,
    close_missing: bool,
) -> _Order:
    name = provider.upper()
    if name not in READERS:
        known = ", ".join(READERS).lower()
        raise UsageProblem(f"--provider {provider!r} can't be pulled; there are: {known}")
    if not board.strip():
        raise UsageProblem("--board: name the board as the provider does")
    return _Order(
        provider=name,
        source=BoardSource(board=board.strip(), url=url),
        integration=integration or ats_integrations.only_one(session, name),
        close_missing=close_missing,
    )


def _sender(session: Session, order: _Order) -> GreenhouseApplications:
    if order.provider != "GREENHOUSE":
        raise UsageProblem("--forward: only Greenhouse takes applications from here")
    key = session.environ.get(CREDENTIAL, "")
    if not key:
        raise UsageProblem(f"--forward: set {CREDENTIAL} to Greenhouse's job board API key")
    try:
        return GreenhouseApplications(key, url=order.source.url)
    except BoardUnreadable as refused:
        raise UsageProblem(f"--url: {refused}") from None


def _read(order: _Order, stopped: threading.Event | None = None) -> Board:
    http = BoardHttp() if stopped is None else BoardHttp(sleep=lambda s: _sleep(stopped, s))
    return READERS[order.provider](http, order.source)


def _sleep(stopped: threading.Event, seconds: float) -> None:
    """Waits, unless the agent is to stop: then the reading ends. Raises BoardUnreadable."""
    if stopped.wait(seconds):
        raise BoardUnreadable("the agent stops")


def _send(session: Session, order: _Order, board: Board, began: datetime) -> SyncRun:
    """Sends a board as one run, and returns its end."""
    try:
        replies = session.client.ats.sync_feed(_feed(order, board, began), timeout=_FEED_SECONDS)
        summaries = [reply.summary for reply in replies if reply.HasField("summary")]
    except FailedPreconditionError as error:
        if error.reason == "INTEGRATION_INACTIVE":
            session.warn(ats_integrations.WAITS)
        raise
    return summaries[-1]


def _feed(order: _Order, board: Board, began: datetime) -> Iterator[dict[str, Any]]:
    yield {
        "open": {
            "provider": order.provider,
            "integration_id": order.integration,
            "generated_at": began,
            "close_missing": order.close_missing,
        }
    }
    for record in board.records:
        yield {"job": dict(record)}
    yield {"complete": {"expected_total": len(board.records)}}


def _show(session: Session, board: Board, run: SyncRun) -> None:
    counts = run.counts
    names = ("created", "updated", "unchanged", "reopened", "closed", "rejected", "stale_skipped")
    said = ", ".join(f"{getattr(counts, n)} {words(n)}" for n in names if getattr(counts, n))
    session.out.print(
        f"Read {count(len(board.records), 'role')} ({board.proof}). "
        f"Run {run.sync_run_id}: {said or 'no roles'}.",
        soft_wrap=True,
    )
    if run.close.state == MissingClose.HELD:
        session.warn(f"{count(run.close.count, 'role')} would close: that waits for a person.")
        ats_report.show_missing(session.err, run.close)
        session.warn(f"xaigh ats confirm-close {run.sync_run_id} --count {run.close.count}")
    elif run.close.state == MissingClose.SKIPPED:
        why = words(MissingClose.Reason.Name(run.close.reason))
        session.warn(f"Nothing was closed: {why}.")
    elif run.close.count:
        session.out.print(f"Closed {count(run.close.count, 'role')} that are gone.")


def _say_unreadable(session: Session, unreadable: BoardUnreadable) -> None:
    session.warn(f"The board couldn't be read whole: {unreadable}.")
    session.warn("Nothing was sent, so nothing closes.")
