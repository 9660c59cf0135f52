"""Operators at the command line: from a ticket to a key and its end."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.cli.program import Cli, plain, submit_and_prove
from tests.harness.access import Access, job_form, request_form
from tests.harness.challenged_callback import shared_callback

ASPECTS = (
    "data-class",
    "employer-authority",
    "requested-scopes",
    "route-risk",
    "integration-readiness",
)
FINDINGS = [word for aspect in ASPECTS for word in ("--finding", f"{aspect}=fine: as seen")]


def _submit(nobody: Cli, **changed: object) -> str:
    callback = shared_callback().url()
    asked = {"failureMode": "we call the employer", "callbackUrl": callback, **changed}
    return submit_and_prove(nobody, request_form(**asked))


def approve(founder: Cli, ticket: str, *terms: str) -> Any:
    """Looks at the dossier, and approves what it showed."""
    founder.ok("requests", "dossier", ticket)
    return founder.json("requests", "approve", ticket, *terms, *FINDINGS, "--yes")


def test_a_request_becomes_a_grant(founder: Cli, nobody: Cli) -> None:
    """Queue, dossier, review, question, approval: each is one command."""
    ticket = _submit(nobody, companyName="Harbour Freight Crews")
    assert ticket in founder.ok("requests", "list", "--nobody").out
    assert ticket in founder.ok("requests", "next").out
    assert "starter" in founder.ok("requests", "dossier", ticket).out
    assert "Harbour" in founder.ok("requests", "start", ticket, "--note", "mine").out
    asked = founder.json("requests", "ask", ticket, "Which sites?")
    assert asked["state"] == "NEEDS_INFO"
    assert [
        row["ticketId"] for row in founder.json("requests", "list", "--state", "needs-info")
    ] == [ticket]


def test_an_approval_makes_a_grant_and_no_key(founder: Cli, nobody: Cli) -> None:
    """The findings are given as options; a dry run shows every term and makes no grant."""
    ticket = _submit(nobody, companyName="Quayside Staffing")
    founder.ok("requests", "start", ticket)
    command = ("requests", "approve", ticket, "--employer", "employer_1", *FINDINGS)
    unseen = founder.run(*command, "--yes")
    assert (unseen.code, f"xaigh requests dossier {ticket}" in unseen.err) == (2, True)
    founder.ok("requests", "dossier", ticket)
    tried = founder.ok(*command, "--dry-run")
    assert "This would open sandbox to Quayside Staffing." in tried.err
    for term in ("employers\temployer_1", "expires\tnever", "route risk\tfine: as seen"):
        assert term in tried.err
    assert founder.json("grants", "list", "--ticket", ticket) == []
    approved = founder.json(*command, "--yes")
    assert approved["outcome"] == "GRANTED"
    (grant,) = founder.json("grants", "list", "--ticket", ticket)
    assert grant["terms"]["employerUserIds"] == ["employer_1"]
    assert founder.json("keys", "list", "--grant", grant["grantId"]) == []


def test_a_change_since_the_dossier_is_refused(founder: Cli, nobody: Cli) -> None:
    """What is approved is what was shown; the applicant changed it meanwhile."""
    form = request_form(companyName="Changing Ltd")
    submitted = nobody.ok("call", "SubmitAccessRequest", json.dumps(form)).json
    ticket = submitted["ticketId"]
    founder.ok("requests", "dossier", ticket)
    founder.ok("requests", "start", ticket)
    amended = nobody.run(
        *("ticket", "amend", "--ticket", ticket, "--scope", "ats:sync", "--yes"),
        environ={"XAIGH_STATUS_TOKEN": submitted["statusToken"]},
    )
    assert amended.code == 0, amended.err
    command = ("requests", "approve", ticket, "--employer", "employer_1", *FINDINGS, "--yes")
    assert founder.run(*command).code == 7
    founder.ok("requests", "show", ticket)
    assert founder.run(*command).code != 7


def test_production_takes_two_operators(founder: Cli, colleague: Cli, nobody: Cli) -> None:
    """The second one sees every term, who proposed it and until when, and then confirms."""
    ticket = _submit(nobody, companyName="Millgate Logistics", environments=["production"])
    founder.ok("requests", "start", ticket)
    founder.ok("requests", "dossier", ticket)
    command = (
        "requests", "approve", ticket, "-e", "production", "--employer", "employer_2",
        "--rollback-plan", "revoke the grant", "--evidence-waiver", "known",
        "--domain-waiver", "known", "--expires", "90d",
        "--condition", "two months' notice", *FINDINGS,
    )  # fmt: skip
    assert founder.run(*command).code == 2
    proposed = founder.ok(*command, "--yes")
    (proposal,) = founder.json("proposals", "list", "--ticket", ticket)
    identity = proposal["proposalId"]
    assert f"xaigh proposals confirm {identity}" in proposed.err
    mine = colleague.json("proposals", "list", "--waiting-for-me")
    assert identity in [one["proposalId"] for one in mine]
    assert f"confirm {identity}" in colleague.ok("requests", "list", "--waiting-for-me").out
    assert ticket not in founder.ok("requests", "list", "--waiting-for-me").out
    own = founder.screen("proposals", "confirm", identity, typed="y\n")
    assert own.code == 6, plain(own.out)
    for view in (
        colleague.ok("proposals", "show", identity).out,
        colleague.ok("requests", "show", ticket).out,
        colleague.ok("requests", "dossier", ticket).out,
        colleague.ok("proposals", "confirm", identity, "--dry-run").err,
        plain(colleague.screen("proposals", "confirm", identity, typed="n\n").out),
    ):
        for term in ("jobs:write", "employer_2", "two months' notice", "revoke the grant", "known",
                     "as seen", "new: Millgate Logistics", "founder"):  # fmt: skip
            assert term in view
    done = colleague.screen("proposals", "confirm", identity, typed="y\n")
    assert done.code == 0, plain(done.out)
    assert "xaigh keys issue grt_" in plain(done.out)
    (grant,) = founder.json("grants", "list", "--ticket", ticket)
    assert grant["terms"]["conditions"] == ["two months' notice"]
    assert len(grant["approvedBy"]) == 2


def test_a_proposal_is_discarded(founder: Cli, nobody: Cli) -> None:
    """With a reason that the other operators read; the environment can be decided anew."""
    ticket = _submit(nobody, companyName="Discarded Ltd", environments=["production"])
    founder.ok("requests", "start", ticket)
    proposed = approve(
        founder, ticket, "-e", "production", "--employer", "employer_8",
        "--rollback-plan", "revoke", "--evidence-waiver", "known", "--domain-waiver", "known",
    )  # fmt: skip
    identity = proposed["proposal"]["proposalId"]
    assert founder.run("proposals", "discard", identity, "--yes").code == 2
    founder.ok("proposals", "show", identity)
    founder.ok("proposals", "discard", identity, "--reason", "the wrong employers", "--yes")
    shown = founder.ok("proposals", "show", identity).out
    assert "state\tdiscarded" in shown
    assert "the wrong employers" in shown
    assert founder.run("requests", "confirm", ticket).code == 2


def test_a_denial_needs_a_reason(founder: Cli, nobody: Cli) -> None:
    """The applicant reads it."""
    ticket = _submit(nobody, companyName="Nightshift Ltd")
    founder.ok("requests", "start", ticket)
    founder.ok("requests", "show", ticket)
    assert founder.run("requests", "deny", ticket, "--yes").code == 2
    denied = founder.json("requests", "deny", ticket, "--reason", "no such employer", "--yes")
    assert (denied["state"], denied["denialReason"]) == ("DENIED", "no such employer")


def test_a_key_goes_to_a_file_that_only_its_owner_reads(
    founder: Cli, granted: Access, nobody: Cli, tmp_path: Path
) -> None:
    """The key is on no screen and in no pipe, and a file that exists is left alone."""
    file = tmp_path / "northline.key"
    issue = ("keys", "issue", granted.grant_id, "--name", "filed", "--out", str(file))
    done = founder.ok(*issue)
    key = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert key.startswith("test_sk_")
    assert key not in done.out + done.err
    before = len(founder.json("keys", "list", "--grant", granted.grant_id))
    assert founder.run(*issue).code == 1
    assert len(founder.json("keys", "list", "--grant", granted.grant_id)) == before
    checked = nobody.ok("keys", "check", str(file))
    assert key[8:18] in checked.out
    assert key not in checked.out


def test_a_key_goes_to_another_command(founder: Cli, granted: Access, tmp_path: Path) -> None:
    """It is that command's stdin, and on no command line."""
    file = tmp_path / "kept"
    script = tmp_path / "keep"
    script.write_text(f"#!/bin/sh\ncat > {file}\n")
    script.chmod(0o700)
    founder.ok("keys", "issue", granted.grant_id, "--name", "piped", "--pipe", str(script))
    assert file.read_text().startswith("test_sk_")


def test_a_command_that_fails_is_told_with_the_way_out(founder: Cli, granted: Access) -> None:
    """The key is lost, and rotating it gives another one without spending the allowance."""
    done = founder.run("keys", "issue", granted.grant_id, "--name", "lost", "--pipe", "false")
    assert done.code == 2
    assert "xaigh keys rotate" in done.err


def test_into_a_pipe_goes_the_key_alone(founder: Cli, granted: Access) -> None:
    """`KEY=$(xaigh keys issue …)` holds a key and nothing else."""
    done = founder.ok(
        "keys", "issue", granted.grant_id, "--name", "captured", "--label", "team=ops"
    )
    assert done.out.startswith("test_sk_")
    assert len(done.out.split()) == 1
    shown = founder.json("keys", "show", done.out.strip()[8:18])
    assert shown["labels"] == {"team": "ops"}


def test_a_rotated_key_goes_on_for_its_grace(founder: Cli, granted: Access) -> None:
    """Its holder is told at every call; without a grace the old key ends at once."""
    key = founder.ok("keys", "issue", granted.grant_id, "--name", "rotated").out.strip()
    holder = Cli(address=founder.address, home=founder.home, key=key)
    fresh = founder.ok("keys", "rotate", key[8:18], "--grace", "1h").out.strip()
    assert fresh != key
    graced = holder.ok("jobs", "list")
    assert "rotated" in graced.err
    assert founder.run("keys", "rotate", fresh[8:18]).code == 2
    founder.ok("keys", "revoke", key[8:18], "--reason", "early", "--yes")
    last = founder.ok("keys", "rotate", fresh[8:18], "--yes").out.strip()
    assert Cli(address=founder.address, home=founder.home, key=fresh).run("whoami").code == 3
    assert Cli(address=founder.address, home=founder.home, key=last).run("whoami").code == 0


def test_a_revocation_asks_and_is_final(founder: Cli, granted: Access) -> None:
    """Without a terminal it needs --yes, and always a reason."""
    key = founder.ok("keys", "issue", granted.grant_id, "--name", "revoked").out.strip()
    holder = Cli(address=founder.address, home=founder.home, key=key)
    assert founder.run("keys", "revoke", key[8:18], "--yes").code == 2
    assert founder.run("keys", "revoke", key[8:18], "--reason", "leaked").code == 2
    assert holder.run("whoami").code == 0
    founder.ok("keys", "revoke", key[8:18], "--reason", "leaked", "--yes")
    refused = holder.run("whoami")
    assert refused.code == 3
    assert "KEY_REVOKED" in refused.err
    assert key not in refused.err


def test_a_sealed_key_is_opened_by_its_applicant_alone(
    founder: Cli, nobody: Cli, tmp_path: Path
) -> None:
    """The operator sees no key; the applicant fetches it with the token and opens it."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "me.agekey").write_text(f"# mine\n{identity}\n")
    (tmp_path / "other.agekey").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    form = request_form(companyName="Sealed Ltd", sealTo=str(identity.to_public()))
    submitted = nobody.ok("call", "SubmitAccessRequest", json.dumps(form)).json
    ticket = submitted["ticketId"]
    founder.ok("requests", "start", ticket)
    approved = approve(founder, ticket, "--employer", "employer_3")
    issued = founder.ok("keys", "issue", approved["grant"]["grantId"], "--name", "sealed")
    assert "test_sk_" not in issued.out
    assert "Sealed to the applicant" in issued.err
    token = {"XAIGH_STATUS_TOKEN": submitted["statusToken"]}
    open_ = ("keys", "open", "--ticket", ticket, "--identity")
    refused = nobody.run(*open_, str(tmp_path / "other.agekey"), environ=token)
    assert refused.code == 2
    opened = nobody.run(*open_, str(tmp_path / "me.agekey"), environ=token)
    assert opened.code == 0, opened.err
    holder = Cli(address=nobody.address, home=nobody.home, key=opened.out.strip())
    assert "Sealed Ltd" in holder.screen("whoami").out


def test_a_grant_is_narrowed_and_revoked(founder: Cli, nobody: Cli) -> None:
    """Its keys obey at once."""
    ticket = _submit(nobody, companyName="Narrow Ltd")
    founder.ok("requests", "start", ticket)
    approved = approve(founder, ticket, "--employer", "employer_4")
    grant = approved["grant"]["grantId"]
    key = founder.ok("keys", "issue", grant, "--name", "k").out.strip()
    holder = Cli(address=founder.address, home=founder.home, key=key)
    assert holder.run("jobs", "list").code == 0
    narrow = ("grants", "narrow", grant, "--scope", "employer:read", "--reason", "only reads")
    assert "lose jobs:read, jobs:write" in founder.run(*narrow).err
    founder.ok(*narrow, "--yes")
    assert holder.run("jobs", "list").code == 4
    founder.ok("grants", "revoke", grant, "--reason", "over", "--yes")
    assert holder.run("whoami").code == 3


def test_an_organization_is_suspended_and_resumed(founder: Cli, nobody: Cli) -> None:
    """All its keys stop, and go on."""
    ticket = _submit(nobody, companyName="Paused Ltd", contactEmail="p@paused.example")
    founder.ok("requests", "start", ticket)
    approved = approve(founder, ticket, "--employer", "employer_5")
    grant = approved["grant"]
    key = founder.ok("keys", "issue", grant["grantId"], "--name", "k").out.strip()
    holder = Cli(address=founder.address, home=founder.home, key=key)
    suspended = founder.json(
        "organizations", "suspend", grant["organizationId"], "--reason", "unpaid", "--yes"
    )
    assert suspended["state"] == "SUSPENDED"
    assert "SUSPENDED" in holder.run("whoami").err
    founder.ok("organizations", "resume", grant["organizationId"])
    assert holder.run("whoami").code == 0
    assert "Paused Ltd" in founder.ok("organizations", "list", "--domain", "paused.example").out


def test_usage_is_summed_as_asked(founder: Cli, integrator: Cli, granted: Access) -> None:
    """An integrator sees its own, an operator everybody's."""
    integrator.ok("call", "PostJob", json.dumps(job_form(title="Counted")))
    assert "PostJob" in integrator.ok("usage", "--by", "method").out
    by_key = founder.ok("usage", "--organization", granted.organization_id, "--by", "key,day").out
    assert granted.key_id in by_key
    assert founder.run("usage", "--by", "mood").code == 2


def test_the_audit_log_is_exported_and_proved(founder: Cli, nobody: Cli, tmp_path: Path) -> None:
    """An export verifies offline; a changed word in it is found, and the event named."""
    file = tmp_path / "audit.ndjson"
    founder.ok("audit", "export", "--out", str(file))
    assert founder.run("audit", "export", "--out", str(file)).code == 2
    unproven = nobody.run("audit", "verify", str(file))
    assert unproven.code == 3, "an export over the API holds no heads, so nothing proves its end"
    sound = nobody.ok("audit", "verify", str(file), "--allow-unanchored")
    assert "control/-:" in sound.out
    heads = tmp_path / "heads.txt"
    heads.write_text(sound.out)
    nobody.ok("audit", "verify", str(file), "--expect-heads", str(heads))
    lines = file.read_text().splitlines()
    event = json.loads(lines[1])
    lines[1] = json.dumps({**event, "action": "nothing.happened"}, sort_keys=True)
    forged = tmp_path / "forged.ndjson"
    forged.write_text("\n".join(lines))
    found = nobody.run("audit", "verify", str(forged), "--json")
    assert found.code == 1
    report = next(one for one in found.json if not one["sound"])
    assert report["firstBad"] == event["sequence"]
    tail = founder.ok("audit", "tail", "-n", "3").out.splitlines()
    assert 2 <= len(tail) <= 4
    assert founder.ok("audit", "show", "control", "1").out.startswith("when\t")


@pytest.mark.parametrize("state", ["nonsense", "active"])
def test_a_state_that_doesnt_exist_is_told(founder: Cli, state: str) -> None:
    """The mistake is named in one line, before anything is sent."""
    done = founder.run("requests", "list", "--state", state)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
