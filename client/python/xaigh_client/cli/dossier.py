"""Access requests and their dossiers on the terminal, for reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from xaigh.access.v1.access_request_pb2 import AccessRequest, ThreadMessage
from xaigh.access.v1.dossier_pb2 import CallbackCheck, Dossier, SandboxReadiness, ScopeReview
from xaigh.access.v1.ownership_pb2 import OwnershipProof
from xaigh_client.cli import names, output, proposal_sheet, rehearse, simulations, times
from xaigh_client.cli.approval_form import OPTION_NAMES
from xaigh_client.cli.output import Cell
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain, with_options, words

_WARNING = "yellow"


def show_request(session: Session, request: AccessRequest) -> None:
    """Prints the form, the decisions and the thread of a request."""
    form = request.form
    output.facts(
        session,
        f"{form.company_name} · {request.ticket_id}",
        [
            ("ticket", request.ticket_id),
            ("state", output.state(output.enum_name(request, "state"))),
            ("denied because", request.denial_reason),
            ("contact", f"{form.contact_name} <{form.contact_email}>"),
            ("use case", form.use_case),
            ("scopes", ", ".join(form.requested_scopes)),
            ("environments", ", ".join(form.environments) or "both"),
            ("key types", ", ".join(form.key_types) or "sk"),
            ("employers", ", ".join(form.employer_user_ids)),
            ("calls a month", f"{form.monthly_volume_estimate:,} as they guess"),
            ("callback", form.callback_url),
            ("sandbox callback", form.sandbox_callback_url),
            ("when it fails", form.failure_mode),
            ("data", ", ".join(form.data_classes)),
            ("seal keys to", form.seal_to),
            ("organization", names.of(session, request)),
            ("assignee", request.assignee),
            ("submitted", output.when_both(session, request, "submitted_time")),
            ("expires", output.when_both(session, request, "expire_time")),
            ("revision", f"{request.revision} ({request.etag})"),
            *_decisions(request),
        ],
    )
    for review in request.reviews:
        if review.HasField("proposal"):
            proposal_sheet.show(session, review.proposal)
    show_thread(session, request.thread)
    for note in request.internal_notes:
        written = output.when(session, note, "create_time")
        _line(session, f"{note.operator}, internal", note.text, written)


def show_thread(session: Session, thread: Iterable[ThreadMessage]) -> None:
    """Prints what applicant and reviewers wrote to each other, oldest first."""
    for message in thread:
        _line(session, _author(message), message.text, output.when(session, message, "create_time"))


def show(session: Session, dossier: Dossier) -> None:
    """Prints a request, and the checks and facts that the server collected about it."""
    show_request(session, dossier.access_request)
    authority = dossier.employer_authority
    readiness = dossier.readiness
    output.facts(
        session,
        "What is known",
        [
            ("waits for", times.format_span(dossier.age.ToTimedelta())),
            ("mail domain", _flagged(dossier.email_domain, "free mail", dossier.free_mail)),
            ("claims employers", ", ".join(authority.claimed_employer_user_ids)),
            ("held by others", Text(", ".join(authority.held_by_others), style=_WARNING)),
            ("held already", ", ".join(authority.held_already)),
            *_callback("callback", dossier, "callback"),
            *_callback("sandbox callback", dossier, "sandbox_callback"),
            ("volume", _volume(dossier)),
            ("sandbox traffic", count(readiness.calls, "call")),
            ("replays", str(readiness.idempotent_replays)),
            ("recovered errors", str(readiness.recovered_errors)),
            ("rollback rehearsed", _rehearsal(session, readiness)),
            ("evidence", "sufficient" if readiness.sufficient else Text("missing", style=_WARNING)),
        ],
    )
    output.facts(session, "Ownership", proofs(session, dossier.proofs))
    output.facts(session, "Scopes", [(plain(s.scope), _scope(s)) for s in dossier.scopes])
    _show_others(session, dossier)
    if dossier.drills:
        output.facts(session, "Drills in the sandbox", rehearse.drills(session, dossier.drills))
    if dossier.HasField("last_simulation"):
        last = dossier.last_simulation
        title = f"Last simulation · {last.grant_id}, {plain(last.environment)}"
        output.facts(session, title, simulations.facts(session, last))
    missing = [
        ("", Text(plain(with_options(line, OPTION_NAMES)), style=_WARNING))
        for line in dossier.missing_for_production
    ]
    if missing:
        output.facts(session, "Missing for production", missing)


def proofs(session: Session, found: Iterable[OwnershipProof]) -> list[tuple[str, Cell]]:
    """Formats proofs of ownership: what is proven since when, and why the rest isn't."""
    lines: list[tuple[str, Cell]] = []
    for proof in found:
        text = output.state(output.enum_name(proof, "state"))
        facts = [
            f"by {words(output.enum_name(proof, 'method'))}" if proof.method else "",
            output.when(session, proof, "prove_time"),
        ]
        if shown := " ".join(filter(None, facts)):
            text.append(f"  {shown}", style="dim")
        if proof.finding:
            text.append(f"\n{plain(proof.finding)}", style=_WARNING)
        name = f"{words(output.enum_name(proof, 'kind'))} {plain(proof.subject)}"
        lines.append((name, text))
    return lines


def _rehearsal(session: Session, readiness: SandboxReadiness) -> Cell:
    if not readiness.HasField("rollback_rehearsal_time"):
        return Text("never in the sandbox", style=_WARNING)
    held = count(readiness.rollback_rehearsal_jobs, "job")
    return f"{output.when(session, readiness, 'rollback_rehearsal_time')}, {held} held"


def _show_others(session: Session, dossier: Dossier) -> None:
    if dossier.changes:
        pairs = [(c.field, f"{c.before} → {c.after}") for c in dossier.changes]
        output.facts(session, "Changed by the last amendment", pairs)
    if dossier.earlier_requests:
        earlier = [
            (e.ticket_id, f"{e.company_name}, {words(output.enum_name(e, 'state'))}")
            for e in dossier.earlier_requests
        ]
        output.facts(session, "Earlier requests from this domain", earlier)
    if dossier.organizations:
        alike = [(o.organization_id, f"{o.display_name}: {o.why}") for o in dossier.organizations]
        output.facts(session, "Organizations that may be theirs", alike)


def _decisions(request: AccessRequest) -> Iterator[tuple[str, Cell]]:
    for review in request.reviews:
        text = output.state(output.enum_name(review, "decision"))
        facts = " ".join(
            part
            for part in (review.decided_by and f"by {review.decided_by}", review.grant_id)
            if part
        )
        yield review.environment, text.append(f"  {plain(facts)}", style="dim") if facts else text


def _author(message: ThreadMessage) -> str:
    if message.author == ThreadMessage.APPLICANT:
        return "applicant"
    return message.operator or "reviewer"


def _line(session: Session, author: str, text: str, time: str) -> None:
    head = Text(f"  {plain(author)}", style="bold").append(f"  {time}", style="dim")
    session.out.print(head)
    session.out.print(Text(plain(text)), style="", soft_wrap=False, width=session.out.width)


def _callback(name: str, dossier: Dossier, field: str) -> Iterator[tuple[str, Cell]]:
    if not dossier.HasField(field):  # type: ignore[arg-type]  # One of two literal names.
        return
    check: CallbackCheck = getattr(dossier, field)
    text = Text(plain(check.url)).append(
        "  fine" if check.ok else "  look", "" if check.ok else _WARNING
    )
    for finding in check.findings:
        text.append(f"\n{plain(finding)}", style=_WARNING)
    if check.addresses:
        text.append(f"\n{', '.join(check.addresses)}", style="dim")
    if check.probe_status:
        text.append(f"\nanswers {check.probe_status}", style="dim")
    yield name, text


def _flagged(text: str, flag: str, raised: bool) -> Text:
    cell = Text(plain(text))
    return cell.append(f"  {flag}", style=_WARNING) if raised else cell


def _volume(dossier: Dossier) -> str:
    volume = dossier.volume
    if not volume.suggested_tier:
        return f"{volume.monthly_volume_estimate:,} a month"
    return (
        f"{volume.monthly_volume_estimate:,} a month as they guess; the tier "
        f"{volume.suggested_tier} carries {volume.tier_monthly_capacity:,} in 30 days"
    )


def _scope(review: ScopeReview) -> Text:
    if not review.known:
        return Text("not in the catalogue", style="red")
    text = Text(plain(review.summary))
    if not review.mintable:
        text.append("  can't be granted", style="red")
    if review.high_risk:
        text.append("  high risk: two operators in production", style=_WARNING)
    for route in review.routes:
        text.append(f"\n{plain(route.route)}", style="dim").append(
            f"  {words(route.risk)}", style="dim"
        )
    return text
