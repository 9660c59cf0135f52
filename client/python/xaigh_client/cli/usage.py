"""Commands `xaigh usage` and `xaigh whoami`: call counts, and the rights of the credential."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from xaigh.keys.v1.self_service_pb2 import Identity, OperatorIdentity
from xaigh.keys.v1.usage_pb2 import UsageReport, UsageRow
from xaigh_client.cli import names, output
from xaigh_client.cli.output import Column
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

_BY = ("day", "key", "method", "organization", "environment")

By = Annotated[str, typer.Option("--by", help=f"Sum by {', '.join(_BY)}; several with a comma.")]


def usage(
    session: Session,
    by: By = "day",
    organization: Annotated[
        str, typer.Option("--organization", help="By id or name; operators only.")
    ] = "",
    key: Annotated[str, typer.Option("--key", help="Only this key; operators only.")] = "",
    environment: Annotated[str, typer.Option("--environment", "-e", help="Operators only.")] = "",
    from_: Annotated[
        str, typer.Option("--from", metavar="DAY", help="2026-11-01. Left out: this month's first.")
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="DAY", help="Left out: today.")] = "",
) -> None:
    """Show how much was called: your own organization, or as an operator every one.

    Example: xaigh usage --by method

    Example: xaigh usage --organization org_1 --by day,key --from 2026-11-01
    """
    parts = [part.strip() for part in by.split(",")]
    if unknown := [part for part in parts if part not in _BY]:
        raise UsageProblem(f"--by {unknown[0]!r}: choose from {', '.join(_BY)}")
    if session.is_operator:
        report = session.client.usage.report_usage(
            organization_id=names.organization_id(session, organization) or None,
            key_id=key or None,
            environment=environment or None,
            start_date=from_ or None,
            end_date=to or None,
        )
    else:
        report = session.client.me.get_usage(start_date=from_ or None, end_date=to or None)
    if session.as_json:
        output.emit_json(session, report)
        return
    _show(session, report, parts)


def whoami(session: Session) -> None:
    """Show what your key is, what it may do, and what is left of its limit.

    An operator sees its name, role and scopes.
    """
    identity = session.client.me.who_am_i()
    if session.as_json:
        output.emit_json(session, identity)
    elif identity.HasField("operator"):
        _show_operator(session, identity.operator)
    else:
        _show_key(session, identity)


def _show_operator(session: Session, operator: OperatorIdentity) -> None:
    output.facts(
        session,
        f"{operator.name} · {operator.role}",
        [
            ("operator", operator.operator_id),
            ("credential", operator.credential_id),
            ("scopes", ", ".join(operator.scopes)),
            ("expires", output.when_both(session, operator, "expire_time")),
        ],
    )


def _show_key(session: Session, identity: Identity) -> None:
    key, limit = identity.key, identity.rate_limit
    output.facts(
        session,
        f"{identity.organization_name} · {key.prefix}{key.key_id}…{key.last_four}",
        [
            ("name", key.name),
            ("state", output.state(output.enum_name(key, "state"))),
            ("environment", key.environment),
            (
                "organization",
                names.organization(session, key.organization_id, identity.organization_name),
            ),
            ("scopes", ", ".join(key.scopes)),
            ("employers", ", ".join(identity.employer_user_ids)),
            ("tier", identity.tier),
            ("limit", f"{limit.remaining:,} of {limit.limit:,} left" if limit.limit else ""),
            ("conditions", "\n".join(identity.conditions)),
            ("expires", output.when_both(session, key, "expire_time")),
            ("grant ends", output.when_both(session, identity, "grant_expire_time")),
        ],
    )


def _show(session: Session, report: UsageReport, parts: list[str]) -> None:
    calls: Counter[tuple[str, ...]] = Counter()
    billable: Counter[tuple[str, ...]] = Counter()
    for row in report.rows:
        group = tuple(_part(session, row, part) for part in parts)
        calls[group] += row.calls
        billable[group] += row.calls if row.billable else 0
    columns = [
        *(Column(title=part, wraps=part in ("method", "organization")) for part in parts),
        Column(title="Calls", right=True),
        Column(title="Billable", right=True),
    ]
    rows = [[*group, f"{calls[group]:,}", f"{billable[group]:,}"] for group in sorted(calls)]
    output.table(session, columns, rows, empty="Nothing was called.")
    session.note(
        f"{report.calls:,} calls, {report.billable_calls:,} of them billable, "
        f"{report.start_date} to {report.end_date}"
    )


def _part(session: Session, row: UsageRow, part: str) -> str:
    match part:
        case "day":
            return row.day
        case "key":
            return row.key_id
        case "method":
            return row.method.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
        case "organization":
            return names.of(session, row)
        case _:
            return row.environment
