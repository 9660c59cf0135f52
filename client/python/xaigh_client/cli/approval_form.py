"""Questions of an approval: first all that the server will demand, then the ten findings.

The dossier says what is known: organizations that may be the applicant's, the employers that it
claims, the tiers. A claim is shown as a claim, and is never the answer to a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from xaigh.access.v1.ownership_pb2 import OwnershipProof
from xaigh_client.cli import access_form, times
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.questions import Question, listed
from xaigh_client.cli.terms import ASPECTS
from xaigh_client.cli.text import words
from xaigh_client.types import Dossier

NEW = "new"
OPTION_NAMES = {
    "organizationId": "--organization",
    "employerUserIds": "--employer",
    "scopes": "--scope",
    "keyTypes": "--key-type",
    "tier": "--tier",
    "keyAllowance": "--allowance",
    "callbackUrl": "--callback",
    "expireTime": "--expires",
    "conditions": "--condition",
    "rollbackPlan": "--rollback-plan",
    "evidenceWaiver": "--evidence-waiver",
    "domainWaiver": "--domain-waiver",
    "domainProof": "--domain-waiver",
    "findings": "--finding",
    "failureMode": "the applicant's failure mode",
}
"""For errors: the option by the field that the server names."""

_EXPECTED = {
    "data-class": (
        "Which data does it touch: shift facts alone, names, pay? As: no personal data.",
        "Where you saw it: the use case, the scopes, an answer of the applicant.",
    ),
    "employer-authority": (
        "Does the applicant speak for the employers? As: confirmed.",
        "What proves it: a contract, a call back, a mail from the employer.",
    ),
    "requested-scopes": (
        "Do the scopes fit the use case, and no more? As: fit.",
        "Which scope serves which step; what you left out, and why.",
    ),
    "route-risk": (
        "What can these routes do when they are misused? As: acceptable, one employer.",
        "What limits the harm: employers, allowance, tier, networks.",
    ),
    "integration-readiness": (
        "Is it ready: repeats, recovers, has an owner? As: to be shown in the sandbox.",
        "The evidence: replays, recovered errors, drills, or what is to come.",
    ),
}


def note_of(aspect: str) -> str:
    """The name of the answer that says what led to a finding."""
    return f"{aspect}-note"


def aspects() -> list[str]:
    """The aspects by the names of their options."""
    return [value.name.lower().replace("_", "-") for value in ASPECTS]


def questions(
    dossier: Dossier,
    environment: str,
    *,
    now: Callable[[], datetime],
    organization_id: Callable[[str], str],
) -> list[Question]:
    """Every question of an approval, in the order in which the answers are needed.

    `organization_id` finds the id of an organization that was typed by its name. Raises
    UsageProblem where no answer could help: production without a failure mode.
    """
    form = dossier.access_request.form
    production = environment == "production"
    if production and not form.failure_mode:
        ticket = dossier.access_request.ticket_id
        raise UsageProblem(
            "production needs the applicant's failure mode, and the request has none; ask for it: "
            f'xaigh requests ask {ticket} "What must we cover when your integration fails?"'
        )
    return [
        _organization(dossier, organization_id),
        _employers(dossier),
        *_what(dossier),
        *_limits(dossier, environment, now),
        *(_production(dossier) if production else ()),
        *_findings(),
    ]


def terms(answers: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The arguments of an approval, from answers. Raises UsageProblem or ValueError."""
    organization = answers.get("organization", "")
    expires = answers.get("expires", "")
    conditions = [part.strip() for part in answers.get("condition", "").split(";")]
    return {
        "organization_id": None if organization == NEW else organization or None,
        "employer_user_ids": listed(answers.get("employer", "")),
        "scopes": listed(answers.get("scope", "")) or None,
        "key_types": listed(answers.get("key-type", "")) or None,
        "tier": answers.get("tier") or None,
        "key_allowance": int(answers.get("allowance") or 0) or None,
        "callback_url": answers.get("callback") or None,
        "expire_time": times.parse_time(expires, now) if expires else None,
        "conditions": [condition for condition in conditions if condition] or None,
        "rollback_plan": answers.get("rollback-plan") or None,
        "evidence_waiver": answers.get("evidence-waiver") or None,
        "domain_waiver": answers.get("domain-waiver") or None,
        "findings": [
            {
                "aspect": value.name,
                "finding": answers[name],
                "note": answers.get(note_of(name), ""),
            }
            for name, value in zip(aspects(), ASPECTS, strict=True)
            if answers.get(name)
        ],
    }


def findings(given: Sequence[str]) -> dict[str, str]:
    """Parses options, each `ASPECT=FINDING: NOTE`, into answers.

    Raises UsageProblem for an unknown aspect and for a text of another form.
    """
    found: dict[str, str] = {}
    for text in given:
        aspect, _, rest = text.partition("=")
        name = aspect.strip().lower().replace("_", "-")
        finding, _, note = rest.partition(": " if ": " in rest else ":")
        if name not in aspects():
            raise UsageProblem(f"no aspect {aspect!r}; there are: {', '.join(aspects())}")
        if not finding.strip() or not note.strip():
            raise UsageProblem(f"--finding {text!r}: write {name}=FINDING: NOTE")
        found[name] = finding.strip()
        found[note_of(name)] = note.strip()
    return found


def _organization(dossier: Dossier, organization_id: Callable[[str], str]) -> Question:
    request = dossier.access_request
    own, name = request.organization_id, request.organization_name
    alike = [f"{o.organization_id}  {o.display_name}. {o.why}" for o in dossier.organizations]
    belongs = f"The request belongs to {f'{name} · {own}' if name else own}."
    return Question(
        name="organization",
        asks=f"Organization: {own or f'an id, a whole name, or {NEW}'}",
        hints=[
            *(alike or ["No organization has this name or mail domain."]),
            belongs if own else f"new makes {request.form.company_name}.",
        ],
        default=own or ("" if alike else NEW),
        read=lambda text: text if text == NEW else organization_id(text),
    )


def _employers(dossier: Dossier) -> Question:
    request, authority = dossier.access_request, dossier.employer_authority
    claimed = ", ".join(authority.claimed_employer_user_ids) or "none"
    hints = [f"The applicant claims, and nothing proves it: {claimed}."]
    if authority.held_by_others:
        hints.append(f"Another organization holds {', '.join(authority.held_by_others)}.")
    if authority.held_already:
        hints.append(f"Its grants hold {', '.join(authority.held_already)} already.")
    catalogue = access_form.catalogue()
    return Question(
        name="employer",
        asks="Employers that keys will reach, by id",
        hints=hints,
        required=any(scope in catalogue for scope in request.form.requested_scopes),
    )


def _what(dossier: Dossier) -> Iterator[Question]:
    form = dossier.access_request.form
    risky = "  high risk: two operators in production"
    yield Question(
        name="scope",
        asks="Scopes",
        hints=[f"{s.scope}  {s.summary}{risky if s.high_risk else ''}" for s in dossier.scopes],
        default=", ".join(form.requested_scopes),
        problem=lambda text: _among(listed(text), form.requested_scopes, "asked for"),
    )
    types = list(form.key_types) or ["sk"]
    yield Question(
        name="key-type",
        asks="Key types",
        default=", ".join(types),
        problem=lambda text: _among(listed(text), types, "asked for"),
    )


def _limits(dossier: Dossier, environment: str, now: Callable[[], datetime]) -> Iterator[Question]:
    form = dossier.access_request.form
    yield _tier(dossier)
    yield Question(
        name="allowance",
        asks="Allowance: how many keys, ever",
        default="2",
        problem=lambda text: "" if text.isdecimal() and int(text) else "Give a number.",
    )
    sandbox = environment == "sandbox" and form.sandbox_callback_url
    yield Question(
        name="callback",
        asks="Callback",
        hints=[f"Nothing: {sandbox or form.callback_url}"],
        required=False,
    )
    yield Question(
        name="expires",
        asks="Expires",
        hints=["As 2027-01-31, or 90d from now. Nothing: never."],
        required=False,
        problem=lambda text: _time(text, now()),
    )
    yield Question(
        name="condition",
        asks="Conditions, with semicolons between them",
        hints=["The applicant reads them. Nothing: none."],
        required=False,
    )


def _tier(dossier: Dossier) -> Question:
    volume = dossier.volume
    tiers = [tier.tier for tier in volume.tiers]
    return Question(
        name="tier",
        asks="Tier",
        hints=[
            *(
                f"{t.tier:12} {', '.join(t.limits)}; {t.monthly_capacity:,} calls in 30 days"
                for t in volume.tiers
            ),
            f"The applicant guesses {volume.monthly_volume_estimate:,} calls a month.",
        ],
        default=volume.suggested_tier,
        problem=lambda text: _among([text], tiers, "a tier") if tiers else "",
    )


def _production(dossier: Dossier) -> Iterator[Question]:
    yield Question(
        name="rollback-plan",
        asks="Rollback plan",
        hints=["How access is taken back without harm, and who does it."],
    )
    readiness = dossier.readiness
    if not readiness.sufficient:
        yield Question(
            name="evidence-waiver",
            asks="A founder's waiver of the sandbox evidence",
            hints=[
                f"Its sandbox shows {readiness.idempotent_replays} replays and "
                f"{readiness.recovered_errors} recovered errors; one of each is needed.",
                "Why production can open without them. Only a founder can waive.",
            ],
        )
    for proof in dossier.proofs:
        if proof.kind == OwnershipProof.DOMAIN and proof.state != OwnershipProof.PROVEN:
            yield Question(
                name="domain-waiver",
                asks="A founder's waiver of the proof of the domain",
                hints=[
                    f"{proof.subject} isn't proven. {proof.finding}".strip(),
                    "Why production can open without it. Only a founder can waive.",
                ],
            )


def _findings() -> Iterator[Question]:
    for name in aspects():
        finding, note = _EXPECTED[name]
        yield Question(
            name=name,
            asks=f"{words(name.replace('-', '_')).capitalize()}: what did you find?",
            hints=[finding],
        )
        yield Question(name=note_of(name), asks="What led to it?", hints=[note])


def _among(chosen: Sequence[str], allowed: Sequence[str], what: str) -> str:
    wrong = [one for one in chosen if one not in allowed]
    return f"{wrong[0]} isn't {what}; there are: {', '.join(allowed)}." if wrong else ""


def _time(text: str, now: datetime) -> str:
    try:
        times.parse_time(text, now)
    except ValueError as error:
        return str(error)
    return ""
