"""Every step of a review: from which states it goes, what it needs, and what it leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from xaigh_server.access import approval, review
from xaigh_server.access.approval import (
    Approval,
    Circumstances,
    Evidence,
    RequestExceeded,
    ReviewIncomplete,
)
from xaigh_server.access.errors import TicketFull
from xaigh_server.access.model import (
    MAX_REPLIES,
    MAX_REVISIONS,
    MAX_TICKET_BYTES,
    STEPS,
    EnvironmentDecision,
    EnvironmentReview,
    MessageAuthor,
    RequestForm,
    Ticket,
    TicketState,
)
from xaigh_server.access.ownership import (
    Check,
    ProofMethod,
    ProofSet,
    first_proof,
    subjects_of,
)
from xaigh_server.access.proposal import (
    LIFETIME,
    Proposal,
    ProposalClosed,
    ProposalOpen,
    ProposalState,
    SecondOperatorRequired,
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
OWNED = ProofSet(
    first_proof("tkt_1", Check(subject=subject, method=ProofMethod.CHALLENGE), T0)
    for subject in subjects_of(FORM)
)


def person(name: str = "ada", role: Role = Role.API_OPS, *, of: str = "") -> OperatorPrincipal:
    return OperatorPrincipal(
        operator_id=f"opr_{name}",
        credential_id="c",
        name=name,
        person=of or name,
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
        organization_name="Northline",
    )
    return approval.approve(of, wanted, holds(evidence, solo=solo), proposal_id="prp_1")


def holds(
    evidence: Evidence = PROVEN,
    *,
    proofs: ProofSet = OWNED,
    solo: bool = False,
    catalogue: Catalogue = CATALOGUE,
    now: datetime = NOW,
) -> Circumstances:
    return Circumstances(
        evidence=evidence,
        proofs=proofs,
        catalogue=catalogue,
        solo_allowed=solo,
        now=now,
        idle=IDLE,
    )


def confirm(
    of: Ticket,
    operator: OperatorPrincipal | None = None,
    circumstances: Circumstances | None = None,
):
    (proposal,) = of.open_proposals
    return approval.confirm(of, proposal, operator or person("bob"), circumstances or holds())


def proposed(terms: GrantTerms = RISKY, **how) -> Ticket:
    """A ticket with an open proposal of production."""
    waiting: Ticket = approve(ticket(), terms, environment=PRODUCTION, **how).ticket
    return waiting


def proposal_of(of: Ticket) -> Proposal:
    (found,) = of.open_proposals
    return found


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
    waiting = approve(decided, RISKY, environment=PRODUCTION).ticket
    after = review.amend(waiting, replace(FORM, use_case="More."), now=NOW, idle=IDLE)
    assert (after.revision, after.form.use_case) == (2, "More.")
    sandbox, production = after.reviews
    assert sandbox.decision is EnvironmentDecision.APPROVED
    assert (production.decision, production.proposal) == (EnvironmentDecision.PENDING, None)
    with pytest.raises(EtagMismatch):
        approve(after, RISKY, environment=PRODUCTION, operator=person("bob"), etag=waiting.etag)


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
    assert (done.approved_by, done.proposal, done.solo) == (("ada",), None, False)
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


def test_a_grant_of_product_scopes_alone_needs_no_employer():
    """Those products have none; a scope of our own beside them does."""
    form = replace(ticket().form, requested_scopes=("nature:read", "jobs:read"))
    asked = replace(ticket(), form=form)
    approve(asked, replace(TERMS, scopes=("nature:read",), employer_user_ids=()))
    with pytest.raises(FieldInvalid):
        approve(asked, replace(TERMS, scopes=("nature:read", "jobs:read"), employer_user_ids=()))


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
    """The waiver stays the founder's, who signed it."""
    waived = replace(RISKY, evidence_waiver="Known for years.")
    founder = person("eve", Role.FOUNDER)
    waiting = proposed(waived, operator=founder, evidence=Evidence())
    confirmed = confirm(waiting, circumstances=holds(Evidence()))
    assert confirmed.approved_by == ("eve", "bob")


def test_the_sandbox_needs_no_proof():
    """It is where the proof comes from."""
    plain = replace(TERMS, rollback_plan="")
    asked = ticket(form=replace(FORM, failure_mode=""))
    assert approve(asked, plain, evidence=Evidence()).proposal is None


# --- two operators ----------------------------------------------------------------------------


def test_high_risk_in_production_waits_for_a_second_operator():
    """The first approval is a proposal, which changes the etag and lives for seven days."""
    before = ticket()
    done = approve(before, RISKY, environment=PRODUCTION)
    assert done.proposal is not None and done.ticket.etag != before.etag
    kept = done.ticket.review_of(PRODUCTION)
    assert kept is not None and kept.proposal == done.proposal
    assert (kept.decision, kept.shown) == (
        EnvironmentDecision.PENDING,
        EnvironmentDecision.PROPOSED,
    )
    assert (done.proposal.proposed_by, done.proposal.terms) == ("ada", RISKY)
    assert done.proposal.expire_time == NOW + LIFETIME
    again = confirm(done.ticket)
    assert again.approved_by == ("ada", "bob")
    assert again.ticket.state is TicketState.APPROVED


def test_an_open_proposal_refuses_another_approval():
    """The refusal names the proposal, also to the one who made it."""
    for operator in (person(), person("bob")):
        with pytest.raises(ProposalOpen) as refused:
            approve(proposed(), TERMS, environment=PRODUCTION, operator=operator)
        assert refused.value.metadata["proposalId"] == "prp_1"


def test_high_risk_in_the_sandbox_needs_one_operator():
    """Nothing real is touched there."""
    assert approve(ticket(), RISKY).approved_by == ("ada",)


@pytest.mark.parametrize("operator", [person(), person("ada-laptop", Role.FOUNDER, of="ada")])
def test_nobody_confirms_the_own_proposal(operator: OperatorPrincipal):
    """All operators of one person count as one; the refusal names who proposed."""
    with pytest.raises(SecondOperatorRequired) as refused:
        confirm(proposed(), operator)
    assert refused.value.metadata["proposedBy"] == "ada"


def test_a_team_of_one_can_be_allowed_to_confirm_alone():
    """It shows as such, so that it can be audited; another person's confirmation doesn't."""
    assert confirm(proposed(), person(), holds(solo=True)).solo
    assert not confirm(proposed(), circumstances=holds(solo=True)).solo


WITHOUT_WRITE = Catalogue(
    [Scope(name="jobs:read", audience=Audience.INTEGRATOR, summary="R.")], SHIPPED_FAMILIES
)


@pytest.mark.parametrize(
    ("circumstances", "error", "subject"),
    [
        (holds(Evidence()), ReviewIncomplete, "sandboxEvidence"),
        (holds(now=NOW + timedelta(days=2)), ReviewIncomplete, "expireTime"),
        (holds(catalogue=WITHOUT_WRITE), Exception, ""),
    ],
)
def test_a_confirmation_is_judged_by_what_holds_then(circumstances, error, subject):
    """Evidence that is gone, an end that is past, a scope that is no more."""
    waiting = proposed(replace(RISKY, expire_time=NOW + timedelta(days=1)))
    assert confirm(waiting).ticket.state is TicketState.APPROVED
    with pytest.raises(error) as refused:
        confirm(waiting, circumstances=circumstances)
    assert subject in refused.value.metadata.get("missing", "")


def test_a_proposal_of_a_new_organization_never_joins_another():
    """Should the ticket have one by then, the proposal counts as outdated."""
    waiting = replace(proposed(), organization_id="org_other")
    with pytest.raises(ProposalClosed) as refused:
        confirm(waiting)
    assert refused.value.metadata["state"] == "OUTDATED"


@pytest.mark.parametrize(
    "state", [each for each in ProposalState if each is not ProposalState.OPEN]
)
def test_what_is_closed_is_not_confirmed(state: ProposalState):
    """The refusal says how it ended and who ended it."""
    closed = proposal_of(proposed()).closed(state, now=NOW, by="eve")
    with pytest.raises(ProposalClosed) as refused:
        approval.confirm(proposed(), closed, person("bob"), holds())
    assert refused.value.metadata == {
        "proposalId": "prp_1",
        "state": state.value,
        "closedBy": "eve",
    }


@pytest.mark.parametrize(
    "step", ["startReview", "requestInfo", "deny", "amend", "withdraw", "reply"]
)
def test_every_other_step_drops_the_proposal(step: str):
    """Whatever changes the ticket: the second operator confirms what the first one saw."""
    assert RUN[step](proposed()).open_proposals == ()


def test_discarding_leaves_everything_else():
    """But not the etag: who decides reads the ticket again."""
    waiting = proposed()
    after = approval.discard(waiting, proposal_of(waiting), now=NOW)
    assert (after.state, after.open_proposals) == (waiting.state, ())
    assert after.etag not in (waiting.etag, ticket().etag)


def test_an_expired_proposal_is_gone_by_the_clock():
    """No decision waits for a periodic task, and the ticket's etag tells."""
    waiting = proposed()
    just_before, at = NOW + LIFETIME - timedelta(microseconds=1), NOW + LIFETIME
    assert waiting.at(just_before) == waiting
    assert proposal_of(waiting).at(just_before).state is ProposalState.OPEN
    assert waiting.at(at).open_proposals == ()
    assert waiting.at(at).etag != waiting.etag
    ended = proposal_of(waiting).at(at)
    assert (ended.state, ended.close_time) == (ProposalState.EXPIRED, at)


def test_a_ticket_past_its_end_takes_no_step():
    """It is expired at that moment, in all three open states."""
    for state in (TicketState.SUBMITTED, TicketState.IN_REVIEW, TicketState.NEEDS_INFO):
        over = ticket(state, expire_time=NOW)
        assert over.at(NOW - timedelta(microseconds=1)) == over
        assert over.at(NOW).state is TicketState.EXPIRED
        assert over.at(NOW).etag != over.etag
        for step in RUN.values():
            with pytest.raises(IllegalTransition) as refused:
                step(over.at(NOW))
            assert refused.value.metadata["state"] == "EXPIRED"


def test_a_proposal_never_outlives_its_ticket():
    """Where tickets end sooner than in seven days, proposals do."""
    short = replace(holds(), idle=timedelta(days=2))
    wanted = Approval(environment=PRODUCTION, terms=RISKY, etag="", operator=person())
    made = approval.approve(ticket(), wanted, short, proposal_id="prp_1")
    assert made.proposal is not None
    assert made.proposal.expire_time == made.ticket.expire_time == NOW + timedelta(days=2)


TERM_CHANGES = [
    {"scopes": ("jobs:write",)},
    {"tier": "growth"},
    {"key_allowance": 3},
    {"employer_user_ids": ("emp_1", "emp_2")},
    {"rollback_plan": "pray"},
    {"conditions": ("weekdays",)},
    {"callback_url": "https://elsewhere.example/"},
    {"evidence_waiver": "known"},
    {"expire_time": NOW},
    {"findings": ()},
]


@pytest.mark.parametrize("changed", TERM_CHANGES)
def test_the_etag_of_a_proposal_covers_its_terms(changed):
    """Whoever confirms it names what was shown."""
    shown = proposal_of(proposed())
    assert replace(shown, terms=replace(shown.terms, **changed)).etag != shown.etag
    assert replace(shown, new_organization_name="Other").etag != shown.etag
    assert replace(shown, state=ProposalState.EXPIRED).etag != shown.etag


def test_a_team_of_one_can_be_allowed_to_approve_alone():
    """It shows as such, so that it can be audited."""
    done = approve(ticket(), RISKY, environment=PRODUCTION, solo=True)
    assert done.solo and done.approved_by == ("ada",)


def test_a_proposal_can_be_denied():
    """It leaves no trace of its terms."""
    after = deny(approve(ticket(), RISKY, environment=PRODUCTION).ticket, PRODUCTION)
    kept = after.review_of(PRODUCTION)
    assert kept is not None and (kept.decision, kept.proposal) == (EnvironmentDecision.DENIED, None)


def test_a_ticket_takes_so_many_revisions_and_replies() -> None:
    """The last one passes; withdrawing always does."""
    full = ticket(revision=MAX_REVISIONS - 1)
    full = review.amend(full, full.form, now=NOW, idle=IDLE)
    with pytest.raises(TicketFull):
        review.amend(full, full.form, now=NOW, idle=IDLE)
    talked = full = replace(full, state=TicketState.IN_REVIEW)
    for _ in range(MAX_REPLIES):
        talked = review.reply(talked, text="Yes.", now=NOW, idle=IDLE)
    with pytest.raises(TicketFull):
        review.reply(talked, text="Yes.", now=NOW, idle=IDLE)
    assert review.withdraw(talked, reason="Enough.", now=NOW).state is TicketState.WITHDRAWN


def test_a_ticket_takes_so_many_bytes() -> None:
    """Forms and replies together, in bytes and not in characters."""
    old = ticket(state=TicketState.IN_REVIEW, applicant_bytes=MAX_TICKET_BYTES - 8)
    full = review.reply(old, text="öööö", now=NOW, idle=IDLE)
    assert full.applicant_bytes == MAX_TICKET_BYTES
    for step in (
        lambda: review.reply(full, text="o", now=NOW, idle=IDLE),
        lambda: review.amend(full, full.form, now=NOW, idle=IDLE),
    ):
        with pytest.raises(TicketFull):
            step()
