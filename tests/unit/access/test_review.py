"""Every step of a review: from which states it goes, what it needs, and what it leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.access import approval, review
from xaigh_server.access.approval import (
    Approval,
    Evidence,
    ProposalMismatch,
    RequestExceeded,
    ReviewIncomplete,
    SecondOperatorRequired,
)
from xaigh_server.access.model import (
    STEPS,
    EnvironmentDecision,
    EnvironmentReview,
    MessageAuthor,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.errors import FieldInvalid, IllegalTransition
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import ScopeNotMintable
from xaigh_server.identity.principal import OperatorPrincipal
from xaigh_server.identity.scopes import (
    ROLE_SCOPES,
    SHIPPED_FAMILIES,
    Audience,
    Catalogue,
    Role,
    Scope,
)
from xaigh_server.keys.grants import Aspect, Finding, GrantTerms
from xaigh_server.rpc.errors import EtagMismatch

SANDBOX, PRODUCTION = Environment.SANDBOX, Environment.PRODUCTION
T0 = datetime(2026, 3, 1, tzinfo=UTC)
NOW = T0 + timedelta(days=1)
IDLE = timedelta(days=30)
CATALOGUE = Catalogue(
    [
        Scope(name="jobs:read", audience=Audience.INTEGRATOR, summary="R."),
        Scope(name="jobs:write", audience=Audience.INTEGRATOR, summary="W.", high_risk=True),
        Scope(name="keys:read", audience=Audience.OPERATOR, summary="K."),
    ],
    SHIPPED_FAMILIES,
)
FORM = RequestForm(
    company_name="Northline",
    contact_name="Maya",
    contact_email="maya@Northline.example",
    use_case="Post shifts.",
    requested_scopes=("jobs:read", "jobs:write"),
    monthly_volume_estimate=10,
    callback_url="https://hooks.example/x",
    failure_mode="we call",
)
TERMS = GrantTerms(
    scopes=("jobs:read",),
    key_types=("sk",),
    tier="standard",
    employer_user_ids=("emp_1",),
    key_allowance=2,
    callback_url="https://hooks.example/x",
    rollback_plan="revoke",
    findings=tuple(
        Finding(aspect=aspect, finding="ok", note="seen", reviewer="ada") for aspect in Aspect
    ),
)
RISKY = replace(TERMS, scopes=("jobs:read", "jobs:write"))
PROVEN = Evidence(calls=9, idempotent_replays=1, recovered_errors=1)


def person(name: str = "ada", role: Role = Role.API_OPS) -> OperatorPrincipal:
    return OperatorPrincipal(
        operator_id=f"opr_{name}",
        credential_id="c",
        name=name,
        role=role,
        scopes=ROLE_SCOPES[role],
    )


def ticket(
    state: TicketState = TicketState.IN_REVIEW, form: RequestForm = FORM, **changed
) -> Ticket:
    """A ticket that both environments were asked for."""
    made = Ticket(
        ticket_id="tkt_1",
        state=state,
        form=form,
        revision=1,
        version=3,
        reviews=tuple(EnvironmentReview(environment=each) for each in form.environments),
        submitted_time=T0,
        update_time=T0,
        expire_time=T0 + IDLE,
        assignee="ada",
    )
    return replace(made, **changed)


def approve(
    of: Ticket,
    terms: GrantTerms = TERMS,
    *,
    environment: Environment = SANDBOX,
    operator: OperatorPrincipal | None = None,
    evidence: Evidence = PROVEN,
    solo: bool = False,
    etag: str = "",
):
    wanted = Approval(
        environment=environment,
        terms=terms,
        etag=etag or of.etag,
        operator=operator or person(),
    )
    return approval.approve(
        of,
        wanted,
        evidence=evidence,
        catalogue=CATALOGUE,
        solo_allowed=solo,
        now=NOW,
        idle=IDLE,
    )


def start(of: Ticket, etag: str = "") -> Ticket:
    return review.start_review(of, operator="bob", etag=etag, note="", now=NOW, idle=IDLE)


def ask(of: Ticket, etag: str = "", note: str = "") -> Ticket:
    return review.request_info(
        of, operator="bob", question="Why?", etag=etag, note=note, now=NOW, idle=IDLE
    )


def deny(of: Ticket, environment: Environment | None = None, etag: str = "", note: str = ""):
    return review.deny(
        of,
        operator="bob",
        environment=environment,
        etag=etag,
        public_reason="No contract.",
        note=note,
        now=NOW,
        idle=IDLE,
    )


RUN = {
    "startReview": start,
    "requestInfo": ask,
    "approve": lambda of: approve(of).ticket,
    "deny": deny,
    "amend": lambda of: review.amend(of, FORM, now=NOW, idle=IDLE),
    "withdraw": lambda of: review.withdraw(of, reason="", now=NOW),
    "reply": lambda of: review.reply(of, text="Because.", now=NOW, idle=IDLE),
}
LEADS_TO = {
    "startReview": TicketState.IN_REVIEW,
    "requestInfo": TicketState.NEEDS_INFO,
    "approve": TicketState.IN_REVIEW,  # production is still open
    "deny": TicketState.DENIED,
    "amend": TicketState.IN_REVIEW,  # somebody has taken it on
    "withdraw": TicketState.WITHDRAWN,
    "reply": TicketState.IN_REVIEW,
}
CASES = [(state, step) for state in TicketState for step in RUN]


@pytest.mark.parametrize(("state", "step"), CASES)
def test_a_step_goes_from_its_states_and_from_no_other(state: TicketState, step: str):
    """An allowed step leads where it says; every other one names the state and what it allows."""
    before = ticket(state)
    if step in STEPS[state]:
        after = RUN[step](before)
        assert after.state is LEADS_TO[step]
        assert (after.version, after.update_time) == (before.version + 1, NOW)
        assert after.etag != before.etag
        assert after.expire_time == (NOW + IDLE if after.is_open else None)
        return
    with pytest.raises(IllegalTransition) as refused:
        RUN[step](before)
    assert refused.value.metadata["state"] == state.value
    assert refused.value.metadata["allowed"] == " ".join(STEPS[state])


@pytest.mark.parametrize("step", [start, ask, deny, lambda of, etag: approve(of, etag=etag)])
def test_a_decision_on_what_changed_since_is_refused(step):
    """The etag is the one that was reviewed; the refusal tells the current one."""
    with pytest.raises(EtagMismatch) as refused:
        step(ticket(), etag=ticket(version=2).etag)
    assert refused.value.metadata["etag"] == ticket().etag


# --- the applicant ----------------------------------------------------------------------------


def test_an_amendment_begins_what_is_not_decided_anew():
    """Proposals fall, decisions stand, and the revision counts."""
    decided = approve(ticket()).ticket
    proposed = approve(decided, RISKY, environment=PRODUCTION).ticket
    after = review.amend(proposed, replace(FORM, use_case="More."), now=NOW, idle=IDLE)
    assert (after.revision, after.form.use_case) == (2, "More.")
    sandbox, production = after.reviews
    assert sandbox.decision is EnvironmentDecision.APPROVED
    assert (production.decision, production.proposal) == (EnvironmentDecision.PENDING, None)
    with pytest.raises(EtagMismatch):
        approve(after, RISKY, environment=PRODUCTION, operator=person("bob"), etag=proposed.etag)


def test_an_amendment_that_drops_an_environment_keeps_its_decision():
    """What was decided is history; what wasn't is gone."""
    only = replace(FORM, environments=(PRODUCTION,))
    decided = approve(ticket()).ticket
    kept = review.amend(decided, only, now=NOW, idle=IDLE).reviews
    assert [each.environment for each in kept] == [SANDBOX, PRODUCTION]
    dropped = review.amend(ticket(), only, now=NOW, idle=IDLE).reviews
    assert [each.environment for each in dropped] == [PRODUCTION]


def test_an_amendment_of_what_nobody_took_on_stays_submitted():
    """The queue shows it as new."""
    before = ticket(TicketState.SUBMITTED, assignee="")
    assert RUN["amend"](before).state is TicketState.SUBMITTED


def test_what_the_applicant_says_is_in_the_thread():
    """A reply and the reason of a withdrawal are heard as the applicant's."""
    replied = RUN["reply"](ticket(TicketState.NEEDS_INFO))
    assert [(each.author, each.text) for each in replied.thread] == [
        (MessageAuthor.APPLICANT, "Because.")
    ]
    withdrawn = review.withdraw(ticket(), reason="Bought elsewhere.", now=NOW)
    assert withdrawn.thread[-1].text == "Bought elsewhere."
    assert RUN["withdraw"](ticket()).thread == ()


def test_an_expired_request_is_closed_for_good():
    """It has no end ahead, and takes no step."""
    after = review.expire(ticket(), now=NOW)
    assert (after.state, after.expire_time, after.version) == (TicketState.EXPIRED, None, 4)
    with pytest.raises(IllegalTransition):
        start(after)


@pytest.mark.parametrize("state", [each for each in TicketState if not STEPS[each]])
def test_what_is_closed_never_expires(state: TicketState):
    """A decision is never overwritten by the clock."""
    with pytest.raises(IllegalTransition):
        review.expire(ticket(state), now=NOW)


# --- operators --------------------------------------------------------------------------------


def test_a_review_can_be_taken_over():
    """The last one to start it is the assignee."""
    assert start(ticket()).assignee == "bob"


def test_notes_are_internal_and_questions_are_not():
    """Each has its author; an empty note is none."""
    asked = ask(ticket(), note="Looks odd.")
    assert [each.author for each in asked.thread] == [
        MessageAuthor.REVIEWER,
        MessageAuthor.INTERNAL,
    ]
    assert {each.operator for each in asked.thread} == {"bob"}
    assert len(ask(ticket()).thread) == 1


def test_denying_one_environment_leaves_the_other_open():
    """Denying the last one closes the ticket as denied."""
    once = deny(ticket(), PRODUCTION)
    assert once.state is TicketState.IN_REVIEW
    assert [each.decision for each in once.reviews] == [
        EnvironmentDecision.PENDING,
        EnvironmentDecision.DENIED,
    ]
    twice = deny(once, SANDBOX)
    assert (twice.state, twice.denial_reason) == (TicketState.DENIED, "No contract.")


def test_denying_everything_spares_what_was_approved():
    """A grant that exists stands; only what is open is denied."""
    after = deny(approve(ticket()).ticket)
    assert [each.decision for each in after.reviews] == [
        EnvironmentDecision.APPROVED,
        EnvironmentDecision.DENIED,
    ]


def test_denying_what_is_decided_or_was_not_asked_for_is_illegal():
    """The refusal says how the environment stands."""
    approved = approve(ticket()).ticket
    with pytest.raises(IllegalTransition, match="APPROVED"):
        deny(approved, SANDBOX)
    only = ticket(form=replace(FORM, environments=(SANDBOX,)))
    with pytest.raises(IllegalTransition, match="not asked for"):
        deny(only, PRODUCTION)


# --- approvals --------------------------------------------------------------------------------


def test_approving_the_sandbox_leaves_production_in_review():
    """So that the integration can prove itself there."""
    done = approve(ticket())
    assert (done.approved_by, done.proposed_only, done.solo) == (("ada",), False, False)
    assert done.ticket.state is TicketState.IN_REVIEW
    assert [each.decision for each in done.ticket.reviews] == [
        EnvironmentDecision.APPROVED,
        EnvironmentDecision.PENDING,
    ]


def test_approving_production_closes_the_ticket():
    """Also where the sandbox was never decided."""
    done = approve(ticket(), environment=PRODUCTION)
    assert (done.ticket.state, done.ticket.expire_time) == (TicketState.APPROVED, None)


def test_approving_the_only_environment_closes_the_ticket():
    """There is nothing left to decide."""
    only = ticket(form=replace(FORM, environments=(SANDBOX,)))
    assert approve(only).ticket.state is TicketState.APPROVED


def test_an_environment_is_approved_once():
    """The second reviewer hears how it stands."""
    once = approve(ticket()).ticket
    with pytest.raises(IllegalTransition, match="APPROVED"):
        approve(once)


def test_an_environment_that_was_not_asked_for_is_too_much():
    """Decisions never exceed the request."""
    only = ticket(form=replace(FORM, environments=(SANDBOX,)))
    with pytest.raises(RequestExceeded) as refused:
        approve(only, environment=PRODUCTION)
    assert refused.value.violations[0].path == "environment"


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({"scopes": ("jobs:read", "nature:read")}, ["scopes[1]"]),
        ({"key_types": ("pk", "sk")}, ["keyTypes[0]"]),
        ({"scopes": ("x:y",), "key_types": ("pk",)}, ["scopes[0]", "keyTypes[0]"]),
    ],
)
def test_terms_wider_than_the_request_are_refused_by_field(changed, paths):
    """Every excess is listed at once."""
    with pytest.raises(RequestExceeded) as refused:
        approve(ticket(), replace(TERMS, **changed))
    assert [each.path for each in refused.value.violations] == paths


def test_a_grant_needs_an_employer():
    """No grant reaches everybody by reaching nobody in particular."""
    with pytest.raises(FieldInvalid) as refused:
        approve(ticket(), replace(TERMS, employer_user_ids=()))
    assert refused.value.violations[0].path == "employerUserIds"


def test_a_scope_that_can_not_be_granted_any_more_is_refused():
    """A request may be older than the catalogue."""
    asked = ticket(form=replace(FORM, requested_scopes=("payroll:read",)))
    with pytest.raises(ScopeNotMintable):
        approve(asked, replace(TERMS, scopes=("payroll:read",)))


@pytest.mark.parametrize("aspect", list(Aspect))
def test_a_missing_finding_is_named(aspect: Aspect):
    """In the sandbox, too, all five are recorded."""
    lacking = tuple(each for each in TERMS.findings if each.aspect is not aspect)
    with pytest.raises(ReviewIncomplete) as refused:
        approve(ticket(), replace(TERMS, findings=lacking))
    assert [each.subject for each in refused.value.preconditions] == [f"findings.{aspect.value}"]


LACKS = [
    # form, terms, evidence, role -> what is missing
    ({"failure_mode": ""}, {}, PROVEN, Role.API_OPS, "failureMode"),
    ({}, {"rollback_plan": ""}, PROVEN, Role.API_OPS, "rollbackPlan"),
    ({}, {}, Evidence(idempotent_replays=3), Role.API_OPS, "sandboxEvidence"),
    ({}, {}, Evidence(recovered_errors=3), Role.FOUNDER, "sandboxEvidence"),
    ({}, {}, Evidence(), Role.FOUNDER, "sandboxEvidence"),
    ({}, {"evidence_waiver": "known"}, Evidence(), Role.API_OPS, "evidenceWaiver"),
    (
        {"failure_mode": ""},
        {"rollback_plan": "", "findings": ()},
        Evidence(),
        Role.API_OPS,
        " ".join(f"findings.{each.value}" for each in Aspect)
        + " failureMode rollbackPlan sandboxEvidence",
    ),
]


@pytest.mark.parametrize(("form", "terms", "evidence", "role", "missing"), LACKS)
def test_production_lists_what_it_lacks(form, terms, evidence, role, missing):
    """Nothing is granted until nothing is missing, and everything missing is listed at once."""
    asked = ticket(form=replace(FORM, **form))
    with pytest.raises(ReviewIncomplete) as refused:
        approve(
            asked,
            replace(TERMS, **terms),
            environment=PRODUCTION,
            operator=person(role=role),
            evidence=evidence,
        )
    assert refused.value.metadata["missing"] == missing


def test_a_founder_can_waive_the_evidence():
    """In writing, and nobody else can."""
    waived = replace(TERMS, evidence_waiver="Known for years.")
    founder = person("eve", Role.FOUNDER)
    done = approve(ticket(), waived, environment=PRODUCTION, operator=founder, evidence=Evidence())
    assert done.ticket.state is TicketState.APPROVED


def test_another_operator_can_confirm_a_founders_waiver():
    """The waiver stays the founder's; a waiver of one's own is still refused."""
    waived = replace(RISKY, evidence_waiver="Known for years.")
    founder = person("eve", Role.FOUNDER)
    proposed = approve(
        ticket(), waived, environment=PRODUCTION, operator=founder, evidence=Evidence()
    )
    confirmed = approve(proposed.ticket, waived, environment=PRODUCTION, evidence=Evidence())
    assert confirmed.approved_by == ("eve", "ada")
    with pytest.raises(ReviewIncomplete):
        other = replace(waived, evidence_waiver="Trust me.")
        approve(proposed.ticket, other, environment=PRODUCTION, evidence=Evidence())


def test_the_sandbox_needs_no_proof():
    """It is where the proof comes from."""
    plain = replace(TERMS, rollback_plan="")
    asked = ticket(form=replace(FORM, failure_mode=""))
    assert not approve(asked, plain, evidence=Evidence()).proposed_only


# --- two operators ----------------------------------------------------------------------------


def test_high_risk_in_production_waits_for_a_second_operator():
    """The first approval is a proposal; the etag stays, so that the second confirms the same."""
    before = ticket()
    done = approve(before, RISKY, environment=PRODUCTION)
    assert done.proposed_only and done.ticket.etag == before.etag
    kept = done.ticket.review_of(PRODUCTION)
    assert kept is not None and kept.proposal is not None
    assert (kept.decision, kept.proposal.proposed_by) == (EnvironmentDecision.PROPOSED, "ada")
    again = approve(done.ticket, RISKY, environment=PRODUCTION, operator=person("bob"))
    assert again.approved_by == ("ada", "bob")
    assert again.ticket.state is TicketState.APPROVED


def test_high_risk_in_the_sandbox_needs_one_operator():
    """Nothing real is touched there."""
    assert approve(ticket(), RISKY).approved_by == ("ada",)


def test_nobody_confirms_the_own_proposal():
    """The refusal names who proposed."""
    proposed = approve(ticket(), RISKY, environment=PRODUCTION).ticket
    with pytest.raises(SecondOperatorRequired) as refused:
        approve(proposed, RISKY, environment=PRODUCTION)
    assert refused.value.metadata["proposedBy"] == "ada"


@pytest.mark.parametrize(
    "changed",
    [
        {"scopes": ("jobs:write",)},
        {"tier": "growth"},
        {"key_allowance": 3},
        {"employer_user_ids": ("emp_1", "emp_2")},
        {"rollback_plan": "pray"},
        {"conditions": ("weekdays",)},
        {"callback_url": "https://elsewhere.example/"},
    ],
)
def test_a_confirmation_of_other_terms_is_refused(changed):
    """Two operators have to mean the same."""
    proposed = approve(ticket(), RISKY, environment=PRODUCTION).ticket
    with pytest.raises(ProposalMismatch):
        approve(
            proposed,
            replace(RISKY, **changed),
            environment=PRODUCTION,
            operator=person("bob"),
        )


def test_who_signed_the_findings_makes_no_other_terms():
    """Each operator sends the findings under the own name; the proposer's are kept."""
    proposed = approve(ticket(), RISKY, environment=PRODUCTION).ticket
    signed = tuple(replace(each, reviewer="bob") for each in RISKY.findings)
    bob = person("bob")
    done = approve(proposed, replace(RISKY, findings=signed), environment=PRODUCTION, operator=bob)
    assert not done.proposed_only


def test_a_team_of_one_can_be_allowed_to_approve_alone():
    """It shows as such, so that it can be audited."""
    done = approve(ticket(), RISKY, environment=PRODUCTION, solo=True)
    assert done.solo and done.approved_by == ("ada",)


def test_a_proposal_can_be_denied():
    """It leaves no trace of its terms."""
    after = deny(approve(ticket(), RISKY, environment=PRODUCTION).ticket, PRODUCTION)
    kept = after.review_of(PRODUCTION)
    assert kept is not None and (kept.decision, kept.proposal) == (EnvironmentDecision.DENIED, None)
