"""`xaigh keys`: issues, rotates and revokes keys; checks, scans and opens keys offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from xaigh.keys.v1.key_pb2 import IssuedKey, Key
from xaigh_client import keyformat
from xaigh_client.cli import kept_tickets, key_destination, names, output, prompts, sealed, times
from xaigh_client.cli.commands import Limit, OfOrganization, Repeated, Yes, command, group, limited
from xaigh_client.cli.output import Cell, Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain

app = group("keys", "Issue, rotate and revoke keys; check and open them offline.")

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="The public id, ten characters.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the audit log.")]
_COLUMNS = (
    Column(title="Key"),
    Column(title="State"),
    Column(title="Name", wraps=True),
    Column(title="Prefix", keep=2),
    Column(title="Organization", keep=3, wraps=True),
    Column(title="Scopes", keep=5, wraps=True),
    Column(title="Issued", keep=4),
    Column(title="Last used", keep=1),
)


@command(app, "issue")
def issue(
    session: Session,
    grant: Annotated[str, typer.Argument(metavar="GRANT", help="The grant, grt_…")],
    name: Annotated[str, typer.Option("--name", help="A name for people.")],
    key_type: Annotated[str, typer.Option("--type", help="sk or pk.")] = "sk",
    scope: Annotated[Repeated, typer.Option("--scope", help="Only these; repeatable.")] = None,
    expires: Annotated[
        str, typer.Option("--expires", metavar="WHEN", help="2027-01-31, or 90d from now.")
    ] = "",
    origin: Annotated[Repeated, typer.Option("--origin", help="For pk; repeatable.")] = None,
    cidr: Annotated[Repeated, typer.Option("--cidr", help="Only from there; repeatable.")] = None,
    label: Annotated[Repeated, typer.Option("--label", metavar="NAME=VALUE")] = None,
    clear_reason: Annotated[
        str, typer.Option("--clear-reason", help="Why in clear although it could be sealed.")
    ] = "",
    out: key_destination.Out = "",
    pipe: key_destination.Pipe = "",
) -> None:
    """Issue a key from a grant. It is shown once, or goes straight to a file or a command.

    Example: xaigh keys issue grt_1 --name "Northline staging" --out northline.key

    Example: xaigh keys issue grt_1 --name ci --pipe "vault kv put secret/xaigh key=-"
    """
    destination = key_destination.prepare(out, pipe)
    try:
        issued = session.client.keys.issue_key(
            grant_id=grant,
            name=name,
            key_type=key_type,
            scopes=scope,
            expire_time=times.parse_time(expires, session.now()) if expires else None,
            allowed_origins=origin,
            allowed_cidrs=cidr,
            labels=dict(_label(text) for text in label or ()),
            clear_reason=clear_reason or None,
        )
    except BaseException:
        destination.discard()
        raise
    _write_key(session, issued, destination)


@command(app, "list")
def list_(
    session: Session,
    organization: OfOrganization = "",
    grant: Annotated[str, typer.Option("--grant", help="Only of this grant.")] = "",
    environment: Annotated[str, typer.Option("--environment", "-e", help="Only in this one.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only in this state.")] = "",
    key_type: Annotated[str, typer.Option("--type", help="Only sk, or only pk.")] = "",
    limit: Limit = 50,
) -> None:
    """List keys, newest first. Never the keys themselves.

    Example: xaigh keys list --organization org_1 --state active
    """
    pager = session.client.keys.list_keys(
        organization_id=names.organization_id(session, organization) or None,
        grant_id=grant or None,
        environment=environment or None,
        state=Key.State.Value(state.upper()) if state else None,
        key_type=key_type or None,
        page_size=min(limit, 200),
    )
    found = limited(pager, limit)
    if session.as_json:
        output.emit_json(session, found)
        return
    output.table(session, _COLUMNS, [_row(session, key) for key in found], empty="No keys.")


@command(app, "show")
def show(session: Session, key_id: KeyId) -> None:
    """Show the record of a key."""
    show_key(session, session.client.keys.get_key(key_id=key_id))


@command(app, "rotate")
def rotate(
    session: Session,
    key_id: KeyId,
    grace: Annotated[
        str, typer.Option("--grace", metavar="SPAN", help="How long the old one goes on, as 24h.")
    ] = "",
    reason: Reason = "",
    clear_reason: Annotated[
        str, typer.Option("--clear-reason", help="Why in clear although it could be sealed.")
    ] = "",
    out: key_destination.Out = "",
    pipe: key_destination.Pipe = "",
    yes: Yes = False,
) -> None:
    """Replace a key. Without --grace the old one ends at once.

    Example: xaigh keys rotate 4fT0aQ9xZb --grace 24h --out northline.key
    """
    span = times.parse_span(grace) if grace else None
    key = session.client.keys.get_key(key_id=key_id)
    if span is None:
        _warn_about(session, key, "The old key ends at once.")
        prompts.confirm(session, f"Rotate {key.key_id} without a grace?", yes=yes)
    destination = key_destination.prepare(out, pipe)
    try:
        issued = session.client.keys.rotate_key(
            key_id=key_id,
            grace=span,
            reason=reason or None,
            clear_reason=clear_reason or None,
            etag=key.etag,
        )
    except BaseException:
        destination.discard()
        raise
    _write_key(session, issued, destination)


@command(app, "revoke")
def revoke(
    session: Session,
    key_id: KeyId,
    reason: Reason = "",
    leaked: Annotated[
        bool,
        typer.Option("--leaked", help="Somebody else may have it: disable its endpoints too."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Revoke a key for good. No call that starts afterwards succeeds.

    With --leaked the webhook endpoints that the key made are disabled as well.

    Example: xaigh keys revoke 4fT0aQ9xZb --leaked --reason "found in a public repository" --yes
    """
    key = session.client.keys.get_key(key_id=key_id)
    _warn_about(session, key, "This can't be undone, and takes effect at once.")
    reason = reason or prompts.ask(session, "Reason")
    if not reason:
        raise UsageProblem("a revocation needs --reason: it is kept in the audit log")
    prompts.confirm(session, f"Revoke {key.key_id}?", yes=yes)
    key = session.client.keys.revoke_key(key_id=key_id, reason=reason, leaked=leaked)
    if session.as_json:
        output.emit_json(session, key)
    else:
        session.out.print(f"Revoked {key.key_id}. It never works again.")
        if leaked:
            session.out.print("The webhook endpoints that it made are disabled within a second.")


@command(app, "check")
def check(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Holds the key; - or nothing: ask for it.")
    ] = "-",
) -> int:
    """Check the form of a key offline: is it complete, and what kind is it?

    The key is typed without an echo, or comes from a pipe or a file, so that it stays out of the
    shell's history. Exit code 1 where it is no key.

    Example: xaigh keys check < northline.key
    """
    text = prompts.secret(session, "Key") if file == "-" else Path(file).read_text().strip()
    facts = keyformat.check(text)
    if session.as_json:
        found = {} if facts is None else {"keyId": facts.key_id, "prefix": facts.prefix}
        output.emit_json(session, {"valid": facts is not None, **found})
    elif facts is None:
        session.out.print("This is no key: a character is wrong or missing.", style="red")
    else:
        where = f" of {facts.environment}" if facts.environment else ""
        key_id = f", id {facts.key_id}" if facts.key_id else ""
        session.out.print(f"A complete {facts.kind}{where}{key_id}.", style="green")
        session.note("Whether it exists and works only the server knows: `xaigh whoami`.")
    return 0 if facts is not None else 1


@command(app, "scan")
def scan(
    session: Session,
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files to look into.")],
) -> int:
    """Look for keys and other credentials in files. Exit code 1 where there are any.

    Example: git ls-files -z | xargs -0 xaigh keys scan
    """
    hits = [
        {"file": str(path), "line": number, "keyId": facts.key_id, "kind": facts.kind}
        for path in paths
        if path.is_file()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        for key in keyformat.find(line)
        if (facts := keyformat.check(key)) is not None
    ]
    if session.as_json:
        output.emit_json(session, hits)
    else:
        for hit in hits:
            place = f"{plain(str(hit['file']))}:{hit['line']}"
            session.out.print(
                Text(f"{place}: {hit['kind']} {hit['keyId']}".rstrip()), soft_wrap=True
            )
    return 1 if hits else 0


@command(app, "open")
def open_(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="The sealed text; - or nothing: stdin.")
    ] = "-",
    identity: Annotated[
        str, typer.Option("--identity", "-i", metavar="FILE", help="Your age identity.")
    ] = "",
    ticket: Annotated[str, typer.Option("--ticket", help="Fetch it from this ticket.")] = "",
    key_id: Annotated[str, typer.Option("--key", help="Which key of the ticket.")] = "",
    out: key_destination.Out = "",
    pipe: key_destination.Pipe = "",
) -> None:
    """Open a key that was sealed to you. No operator has seen it.

    With --ticket the sealed text is fetched; the ticket's status token is the kept one, comes from
    XAIGH_STATUS_TOKEN, or is asked for.

    Example: xaigh keys open --ticket tkt_1 --identity me.agekey --out northline.key
    """
    if not identity:
        raise UsageProblem("--identity FILE: the age identity that the key was sealed to")
    kept = kept_tickets.find(session, ticket) if ticket else None
    destination = key_destination.prepare(out, pipe)
    try:
        text = (
            sealed.fetch(session, kept.ticket_id, key_id, token=kept.status_token)
            if kept
            else sealed.read(session, file)
        )
        key = sealed.unseal(text, identity)
    except BaseException:
        destination.discard()
        raise
    facts = keyformat.check(key)
    destination.write(session, key, key_id=facts.key_id if facts else "KEY_ID")


def show_key(session: Session, key: Key) -> None:
    """Prints the record of a key."""
    if session.as_json:
        output.emit_json(session, key)
        return
    output.facts(
        session,
        f"{key.name} · {key.prefix}{key.key_id}…{key.last_four}",
        [
            ("id", key.key_id),
            ("state", output.state(output.enum_name(key, "state"))),
            ("environment", key.environment),
            ("organization", names.of(session, key)),
            ("grant", key.grant_id),
            ("scopes", ", ".join(key.scopes)),
            ("origins", ", ".join(key.allowed_origins)),
            ("networks", ", ".join(key.allowed_cidrs)),
            ("labels", ", ".join(f"{name}={key.labels[name]}" for name in sorted(key.labels))),
            ("issued", output.when_both(session, key, "create_time")),
            ("issued by", key.created_by),
            ("expires", output.when_both(session, key, "expire_time")),
            ("last used", output.when_both(session, key, "last_used_time")),
            ("last refused", output.when_both(session, key, "last_refused_time")),
            ("seen in a browser", Text(output.when_both(session, key, "flagged_time"), "red")),
            ("revoked", output.when_both(session, key, "revoke_time")),
            ("because", key.revoke_reason),
            ("replaced by", key.replaced_by),
        ],
    )


def _row(session: Session, key: Key) -> list[Cell]:
    return [
        key.key_id,
        output.state(output.enum_name(key, "state")),
        key.name,
        key.prefix,
        names.of(session, key),
        ", ".join(key.scopes),
        output.when(session, key, "create_time"),
        output.when(session, key, "last_used_time") or "never",
    ]


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageProblem(f"--label {text!r}: write NAME=VALUE")
    return name, value


def _warn_about(session: Session, key: Key, consequence: str) -> None:
    used = output.when(session, key, "last_used_time") or "never"
    session.err.print(
        Text(f"{plain(key.name)} ({key.prefix}{key.key_id}…), {key.environment}, last used {used}.")
    )
    session.warn(consequence)


def _write_key(
    session: Session, issued: IssuedKey, destination: key_destination.Destination
) -> None:
    """Writes the key to its destination, and prints the record."""
    if issued.disclosure != IssuedKey.SHOWN:
        destination.discard()
    if session.as_json and destination.is_screen:
        output.emit_json(session, issued)
        return
    if issued.disclosure == IssuedKey.SHOWN:
        destination.write(session, issued.api_key, key_id=issued.key.key_id)
    elif issued.disclosure == IssuedKey.SEALED:
        ticket = issued.sealed_for_ticket_id
        session.note(f"Sealed to the applicant, who fetches it with the token of {ticket}.")
    else:
        session.warn(
            "This key was issued by an earlier try whose reply was lost, and can't be shown again. "
            f"Get another one: xaigh keys rotate {issued.key.key_id}"
        )
    if session.as_json:
        output.emit_json(session, issued.key)
    elif session.out.is_terminal:
        show_key(session, issued.key)
    else:
        session.note(f"Issued {issued.key.key_id}.")
