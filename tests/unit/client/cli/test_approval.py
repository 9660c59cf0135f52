"""Approval of access requests."""

from __future__ import annotations

import json
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2 as rpc
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner
from tests.unit.client.scripted_server import Fail

from xaigh_client.types import (
    AccessRequest,
    AccessRequestForm,
    ApproveAccessRequestResponse,
    Dossier,
    EmployerAuthority,
    Grant,
    GrantTerms,
    ListOrganizationsResponse,
    Organization,
    Proposal,
    TierCapacity,
    VolumeReview,
)

REQUEST = AccessRequest(
    ticket_id="tkt_1",
    etag="e1",
    form=AccessRequestForm(
        company_name="Northline",
        requested_scopes=["jobs:read", "jobs:write"],
        employer_user_ids=["employer_claimed"],
        callback_url="https://hooks.example/x",
        failure_mode="We phone.",
    ),
)
DOSSIER = Dossier(
    access_request=REQUEST,
    employer_authority=EmployerAuthority(
        claimed_employer_user_ids=["employer_claimed"], held_by_others=["employer_claimed"]
    ),
    volume=VolumeReview(
        monthly_volume_estimate=2500,
        suggested_tier="starter",
        tiers=[
            TierCapacity(tier="starter", limits=["120 calls in 60 s"], monthly_capacity=5_184_000),
            TierCapacity(tier="growth", limits=["3,000 calls in 60 s"], monthly_capacity=9),
        ],
    ),
)
TERMS = GrantTerms(scopes=["jobs:read"], employer_user_ids=["employer_1"], key_allowance=2)
OPENED = ApproveAccessRequestResponse(
    outcome=ApproveAccessRequestResponse.GRANTED,
    access_request=AccessRequest(ticket_id="tkt_1", etag="e2", form=REQUEST.form),
    grant=Grant(
        grant_id="grt_1", environment="sandbox", organization_name="Northline", terms=TERMS
    ),
)
PROPOSED = ApproveAccessRequestResponse(
    outcome=ApproveAccessRequestResponse.PROPOSED,
    access_request=OPENED.access_request,
    proposal=Proposal(
        proposal_id="prp_1",
        environment="production",
        new_organization_name="Northline",
        proposed_by="founder",
        terms=TERMS,
    ),
)
FINDINGS = "fine\nas seen\n" * 5
ANSWERS = f"new\nemployer_1\n\n\n\n\n\n\n\n{FINDINGS}"
"""Organization, employer, scopes, key types, tier, allowance, callback, expires, conditions."""


@pytest.fixture
def operator(cli: CommandRunner) -> CommandRunner:
    """An operator who was shown the dossier of tkt_1."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script("GetDossier", DOSSIER)
    cli.script("ApproveAccessRequest", OPENED)
    assert cli.run("requests", "dossier", "tkt_1").code == 0
    return cli


def _draft(cli: CommandRunner) -> Path:
    folder = Path(cli.environ["XDG_STATE_HOME"]) / "xaigh" / "drafts"
    return folder / "approve-tkt_1-sandbox.json"


def test_the_etag_is_that_of_what_was_shown(operator: CommandRunner) -> None:
    """A change that nobody looked at is for the server to refuse."""
    operator.script("GetAccessRequest", AccessRequest(ticket_id="tkt_1", etag="e9"))
    operator.run("requests", "approve", "tkt_1", "--employer", "employer_1", "--yes")
    assert operator.sent("ApproveAccessRequest")[0].etag == "e1"
    assert operator.sent("GetAccessRequest") == []


@pytest.mark.parametrize("step", ["approve", "deny"])
def test_nobody_decides_on_what_wasnt_shown(cli: CommandRunner, step: str) -> None:
    """The command to look first is named; `--etag` is for scripts that looked."""
    refused = cli.run("requests", step, "tkt_1", "--yes", *_reason(step))
    assert (refused.code, "xaigh requests dossier tkt_1" in refused.err) == (2, True)
    cli.script("ApproveAccessRequest", OPENED)
    cli.script("DenyAccessRequest", REQUEST)
    done = cli.run("requests", step, "tkt_1", "--etag", "e7", "--yes", *_reason(step))
    assert done.code == 0
    method = {"approve": "ApproveAccessRequest", "deny": "DenyAccessRequest"}[step]
    assert cli.sent(method)[0].etag == "e7"


def _reason(step: str) -> tuple[str, ...]:
    return ("--reason", "no") if step == "deny" else ()


def test_another_operator_of_the_same_machine_was_shown_nothing(operator: CommandRunner) -> None:
    """What one looked at says nothing of the other."""
    operator.environ["XAIGH_API_KEY"] = "xop_another"
    assert operator.run("requests", "approve", "tkt_1", "--yes").code == 2


def test_the_applicants_claim_is_never_the_answer(operator: CommandRunner) -> None:
    """Employers are the reviewer's finding: without them the server says what is missing."""
    operator.run("requests", "approve", "tkt_1", "--yes")
    assert list(operator.sent("ApproveAccessRequest")[0].employer_user_ids) == []


def test_questions_come_in_the_order_in_which_the_server_demands(operator: CommandRunner) -> None:
    """Terms before findings; the claim is shown as a claim, the tiers with what they carry."""
    done = operator.run("requests", "approve", "tkt_1", stdin=f"{ANSWERS}y\n", terminal=True)
    assert done.code == 0, done.err
    places = [
        done.err.index(part)
        for part in ("Organization", "Employers", "Tier", "Allowance", "Expires", "Data class")
    ]
    assert places == sorted(places)
    assert "The applicant claims, and nothing proves it: employer_claimed" in done.err
    assert "120 calls in 60 s; 5,184,000 calls in 30 days" in done.err
    previewed, sent = operator.sent("ApproveAccessRequest")
    assert (previewed.validate_only, sent.validate_only) == (True, False)
    assert list(sent.employer_user_ids) == ["employer_1"]
    assert (sent.tier, sent.key_allowance, sent.organization_id) == ("starter", 2, "")
    assert [finding.note for finding in sent.findings] == ["as seen"] * 5


def test_an_organization_is_answered_by_its_name(operator: CommandRunner) -> None:
    """Its id is the answer; a name that nobody has is asked for again."""
    northline = Organization(organization_id="org_7", display_name="Northline")
    operator.script("ListOrganizations", ListOrganizationsResponse(organizations=[northline]))
    typed = f"nobody\nNorthline\n{ANSWERS.partition(chr(10))[2]}y\n"
    done = operator.run("requests", "approve", "tkt_1", stdin=typed, terminal=True)
    assert done.code == 0, done.err
    assert "no organization is named 'nobody'" in done.err
    assert {sent.organization_id for sent in operator.sent("ApproveAccessRequest")} == {"org_7"}


def test_a_sandbox_is_shown_with_all_terms_before_it_is_sent(operator: CommandRunner) -> None:
    """And nothing is sent for a no; the draft stays."""
    done = operator.run("requests", "approve", "tkt_1", stdin=f"{ANSWERS}n\n", terminal=True)
    assert done.code == 10
    assert [sent.validate_only for sent in operator.sent("ApproveAccessRequest")] == [True]
    for term in ("expires", "never", "evidence waiver", "2 keys at most, ever", "no finding"):
        assert term in done.err
    assert _draft(operator).stat().st_mode & 0o777 == 0o600


def test_a_refusal_keeps_the_answers_and_names_options(operator: CommandRunner) -> None:
    """One answer is changed by its name, and the rest is sent as it was."""
    violation = rpc.BadRequest.FieldViolation(field="employerUserIds[0]", description="Unknown.")
    refusal = Fail(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="FIELD_INVALID",
        details=(rpc.BadRequest(field_violations=[violation]),),
    )
    operator.script("ApproveAccessRequest", refusal, OPENED)
    typed = f"{ANSWERS}employer\nemployer_2\ny\n"
    done = operator.run("requests", "approve", "tkt_1", stdin=typed, terminal=True)
    assert done.code == 0, done.err
    assert "--employer  Unknown." in done.err
    assert list(operator.sent("ApproveAccessRequest")[-1].employer_user_ids) == ["employer_2"]
    assert not _draft(operator).exists()


def test_an_interruption_keeps_the_answers(operator: CommandRunner) -> None:
    """The next time only what is missing is asked."""
    half = ANSWERS[: ANSWERS.index("fine") + 5]
    done = operator.run("requests", "approve", "tkt_1", stdin=half, terminal=True)
    assert done.code == 130
    kept = json.loads(_draft(operator).read_text())["answers"]
    assert (kept["employer"], kept["data-class"]) == ("employer_1", "fine")
    rest = "y\nas seen\n" + "fine\nas seen\n" * 4 + "y\n"
    again = operator.run("requests", "approve", "tkt_1", stdin=rest, terminal=True)
    assert again.code == 0, again.err
    assert "10 answers are kept" in again.err


def test_nobody_answers_questions_about_an_old_revision(operator: CommandRunner) -> None:
    """Before the first one it says that the request changed."""
    changed = Dossier(access_request=AccessRequest(ticket_id="tkt_1", etag="e2"))
    operator.script("GetDossier", changed)
    done = operator.run("requests", "approve", "tkt_1", stdin=ANSWERS, terminal=True)
    assert (done.code, "changed since" in done.err) == (2, True)
    assert operator.sent("ApproveAccessRequest") == []


def test_production_without_a_failure_mode_asks_nothing(operator: CommandRunner) -> None:
    """The applicant has to be asked first; the command that does it is named."""
    bare = Dossier(access_request=AccessRequest(ticket_id="tkt_1", etag="e1"))
    operator.script("GetDossier", bare)
    done = operator.run("requests", "approve", "tkt_1", "-e", "production", terminal=True)
    assert (done.code, "xaigh requests ask tkt_1" in done.err) == (2, True)


def test_production_asks_for_its_plan_and_waiver(operator: CommandRunner) -> None:
    """A proposal names the command of the second operator."""
    operator.script("ApproveAccessRequest", PROPOSED)
    typed = ANSWERS.replace(FINDINGS, f"revoke\nknown\n{FINDINGS}") + "y\n"
    done = operator.run(
        "requests", "approve", "tkt_1", "-e", "production", stdin=typed, terminal=True
    )
    assert done.code == 0, done.err
    sent = operator.sent("ApproveAccessRequest")[-1]
    assert (sent.rollback_plan, sent.evidence_waiver) == ("revoke", "known")
    assert "new: Northline" in done.err
    assert "xaigh proposals confirm prp_1" in done.err


def test_yes_needs_no_preview_and_names_the_next_command(operator: CommandRunner) -> None:
    """A script sends one call."""
    done = operator.run("requests", "approve", "tkt_1", "--employer", "employer_1", "--yes")
    assert [sent.validate_only for sent in operator.sent("ApproveAccessRequest")] == [False]
    assert 'xaigh keys issue grt_1 --name "Northline sandbox"' in done.err
    assert "You opened sandbox to Northline." in done.out


def test_a_dry_run_shows_all_terms_and_writes_nothing(operator: CommandRunner) -> None:
    """Also with `--yes`, and as JSON on stdout."""
    dry = ("requests", "approve", "tkt_1", "--employer", "employer_1", "--dry-run")
    done = operator.run(*dry, "--yes", "--json")
    assert done.json["grant"]["grantId"] == "grt_1"
    assert "employers\temployer_1" in operator.run(*dry).err
    assert [sent.validate_only for sent in operator.sent("ApproveAccessRequest")] == [True] * 2


def test_ones_own_step_goes_on_from_what_was_shown(operator: CommandRunner) -> None:
    """After approving the sandbox, production needs no other look unless something changed."""
    operator.run("requests", "approve", "tkt_1", "--employer", "employer_1", "--yes")
    operator.run("requests", "approve", "tkt_1", "-e", "production", "--yes")
    assert [sent.etag for sent in operator.sent("ApproveAccessRequest")] == ["e1", "e2"]
