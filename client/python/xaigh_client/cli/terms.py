"""Terms of a grant or a proposal on the terminal: all of them, also those that are unset.

Whoever approves or confirms sees what isn't limited as well as what is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from xaigh_client.cli import output
from xaigh_client.cli.output import Cell
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import plain, words
from xaigh_client.types import Finding, GrantTerms

ASPECTS = tuple(value for value in Finding.Aspect.DESCRIPTOR.values if value.number)
"""What every approval records a finding on, in the order of the review."""


def facts(session: Session, terms: GrantTerms) -> list[tuple[str, Cell]]:
    """Every term by the name of its option, and the finding on each of the five aspects."""
    expires = output.when_both(session, terms, "expire_time")
    return [
        ("scopes", _listed(terms.scopes)),
        ("key types", _listed(terms.key_types)),
        ("employers", _listed(terms.employer_user_ids)),
        ("tier", _said(terms.tier, "the default one")),
        ("allowance", f"{terms.key_allowance} keys at most, ever"),
        ("callback", _said(terms.callback_url)),
        ("expires", _said(expires, "never")),
        ("conditions", _said("\n".join(terms.conditions))),
        ("rollback plan", _said(terms.rollback_plan)),
        ("evidence waiver", _said(terms.evidence_waiver)),
        ("domain waiver", _said(terms.domain_waiver)),
        *_findings(terms),
    ]


def show(session: Session, title: str, terms: GrantTerms, *, to: Console | None = None) -> None:
    """Prints every term under a title; on stdout unless `to` is given."""
    output.facts(session, title, facts(session, terms), to=to)


def _findings(terms: GrantTerms) -> Iterator[tuple[str, Cell]]:
    found: dict[int, Finding] = {finding.aspect: finding for finding in terms.findings}
    for aspect in ASPECTS:
        finding = found.get(aspect.number)
        if finding is None:
            yield words(aspect.name), Text("no finding", style="yellow")
            continue
        text = Text(f"{plain(finding.finding)}: {plain(finding.note)}")
        if finding.reviewer:
            text.append(f"  {plain(finding.reviewer)}", style="dim")
        yield words(aspect.name), text


def _listed(values: Iterable[str]) -> Cell:
    return _said(", ".join(values))


def _said(text: str, otherwise: str = "none") -> Cell:
    return plain(text) if text else Text(otherwise, style="dim")
