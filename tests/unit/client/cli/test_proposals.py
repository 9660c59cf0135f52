"""`xaigh proposals`."""

from __future__ import annotations

import pytest
from tests.unit.client.cli.command_runner import VALID_CREDENTIAL, CommandRunner, timestamp
from tests.unit.client.cli.test_terms import FULL

from xaigh_client.types import (
    AccessRequest,
    ConfirmProposalResponse,
    Dossier,
    FieldChange,
    Grant,
    ListProposalsResponse,
    Proposal,
)

PROPOSAL = Proposal(
    proposal_id="prp_1",
    state=Proposal.OPEN,
    ticket_id="tkt_1",
    request_revision=1,
    environment="production",
    new_organization_name="Northline",
    organization_name="Northline",
    terms=FULL,
    proposed_by="founder",
    etag="p1",
    expire_time=timestamp("2026-06-25T12:00:00Z"),
)
CONFIRMED = ConfirmProposalResponse(
    proposal=PROPOSAL,
    grant=Grant(
        grant_id="grt_1", environment="production", organization_name="Northline", terms=FULL
    ),
)
TERMS = (
    "jobs:read, jobs:write", "growth", "employer_1", "3 keys at most", "https://hooks.example/x",
    "2027-01-31", "two months' notice", "revoke the grant", "known", "low: reads",
)  # fmt: skip


@pytest.fixture
def operator(cli: CommandRunner) -> CommandRunner:
    """A second operator."""
    cli.environ["XAIGH_API_KEY"] = VALID_CREDENTIAL
    cli.script("ListProposals", ListProposalsResponse(proposals=[PROPOSAL]))
    cli.script("GetProposal", PROPOSAL)
    cli.script("GetDossier", Dossier(access_request=AccessRequest(revision=1)))
    cli.script("ConfirmProposal", CONFIRMED)
    return cli


def _says_all(text: str) -> None:
    for part in (*TERMS, "new: Northline", "founder", "2026-06-25"):
        assert part in text


def test_show_says_all_terms_who_proposed_and_until_when(operator: CommandRunner) -> None:
    """And that nothing changed since."""
    done = operator.run("proposals", "show", "prp_1")
    _says_all(done.out)
    assert "as it was reviewed" in done.out
    assert "xaigh proposals confirm prp_1" in done.err


def test_show_says_what_changed_since(operator: CommandRunner) -> None:
    """Field by field."""
    change = FieldChange(field="useCase", before='"a"', after='"b"')
    operator.script(
        "GetDossier", Dossier(access_request=AccessRequest(revision=2), changes=[change])
    )
    facts = operator.run("proposals", "show", "prp_1").facts
    assert (facts["request"], facts["useCase"]) == ("revision 2 by now", '"a" → "b"')


@pytest.mark.parametrize(("answer", "code", "calls"), [("n", 10, [True]), ("y", 0, [True, False])])
def test_confirm_shows_all_terms_and_asks(
    operator: CommandRunner, answer: str, code: int, calls: list[bool]
) -> None:
    """The etag is that of what was shown."""
    done = operator.run("proposals", "confirm", "prp_1", stdin=f"{answer}\n", terminal=True)
    assert done.code == code
    _says_all(done.err)
    assert [sent.validate_only for sent in operator.sent("ConfirmProposal")] == calls
    assert {sent.etag for sent in operator.sent("ConfirmProposal")} == {"p1"}


def test_a_script_confirms_only_what_was_shown(operator: CommandRunner) -> None:
    """By `proposals show`, or by an etag that it names."""
    refused = operator.run("proposals", "confirm", "prp_1", "--yes")
    assert (refused.code, "xaigh proposals show prp_1" in refused.err) == (2, True)
    assert operator.sent("ConfirmProposal") == []
    operator.run("proposals", "show", "prp_1")
    done = operator.run("proposals", "confirm", "prp_1", "--yes")
    assert [sent.etag for sent in operator.sent("ConfirmProposal")] == ["p1"]
    assert 'xaigh keys issue grt_1 --name "Northline production"' in done.err


def test_a_dry_run_shows_all_terms_and_confirms_nothing(operator: CommandRunner) -> None:
    """The server judged it all the same."""
    _says_all(operator.run("proposals", "confirm", "prp_1", "--dry-run").err)
    assert [sent.validate_only for sent in operator.sent("ConfirmProposal")] == [True]


def test_another_etag_than_the_one_shown_is_refused(operator: CommandRunner) -> None:
    """Before anything is sent."""
    done = operator.run("proposals", "confirm", "prp_1", "--etag", "p0", stdin="y", terminal=True)
    assert (done.code, operator.sent("ConfirmProposal")) == (2, [])


def test_discard_needs_a_reason_and_asks(operator: CommandRunner) -> None:
    """It shows what it ends."""
    operator.script("DiscardProposal", PROPOSAL)
    assert operator.run("proposals", "discard", "prp_1").code == 2
    done = operator.run(
        "proposals", "discard", "prp_1", "--reason", "wrong", stdin="y\n", terminal=True
    )
    _says_all(done.err)
    (sent,) = operator.sent("DiscardProposal")
    assert (sent.etag, sent.reason) == ("p1", "wrong")


def test_list_asks_for_open_ones_or_for_those_that_wait_for_me(operator: CommandRunner) -> None:
    """The row names the organization, also one that is still to be made."""
    (row,) = operator.run("proposals", "list").rows
    assert row[:4] == ["prp_1", "open", "production", "new: Northline"]
    operator.run("proposals", "list", "--waiting-for-me")
    plain, mine = operator.sent("ListProposals")
    assert (list(plain.states), plain.waiting_for_me) == ([Proposal.OPEN], False)
    assert (list(mine.states), mine.waiting_for_me) == ([], True)
