"""Access requests and dossiers on the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.protobuf.duration_pb2 import Duration
from tests.unit.client.cli.command_runner import new_session, printed, timestamp

from xaigh.access.v1.access_request_pb2 import (
    AccessRequest,
    AccessRequestForm,
    EnvironmentReview,
    InternalNote,
    ThreadMessage,
)
from xaigh.access.v1.dossier_pb2 import (
    CallbackCheck,
    Dossier,
    EarlierRequest,
    EmployerAuthority,
    FieldChange,
    OrganizationSuggestion,
    RouteRisk,
    SandboxReadiness,
    ScopeReview,
    VolumeReview,
)
from xaigh_client.cli import dossier
from xaigh_client.cli.session import Session


def _shown(show: Callable[[Session], None]) -> dict[str, str]:
    session = new_session({})
    show(session)
    lines = printed(session.out).splitlines()
    return dict(line.split("\t", 1) for line in lines if "\t" in line)


def _text(found: Dossier) -> str:
    session = new_session({}, terminal=True, width=120)
    dossier.show(session, found)
    return printed(session.out)


def test_a_request_shows_its_form() -> None:
    """Empty lists show what the server takes for them."""
    request = AccessRequest(
        ticket_id="tkt_1",
        state=AccessRequest.NEEDS_INFO,
        form=AccessRequestForm(
            company_name="Northline",
            contact_name="Ada",
            contact_email="ada@northline.example",
            monthly_volume_estimate=120_000,
        ),
    )
    facts = _shown(lambda session: dossier.show_request(session, request))
    assert facts["state"] == "needs info"
    assert facts["contact"] == "Ada <ada@northline.example>"
    assert (facts["environments"], facts["key types"]) == ("both", "sk")
    assert facts["calls a month"].startswith("120,000")


def test_each_decision_is_a_line_with_its_operator_and_grant() -> None:
    """The environment names the line."""
    request = AccessRequest(
        reviews=[
            EnvironmentReview(
                environment="sandbox",
                decision=EnvironmentReview.APPROVED,
                decided_by="operator:ana",
                grant_id="grt_1",
            ),
            EnvironmentReview(environment="production", decision=EnvironmentReview.PENDING),
        ]
    )
    facts = _shown(lambda session: dossier.show_request(session, request))
    assert facts["sandbox"] == "approved by operator:ana grt_1"
    assert facts["production"] == "pending"


def test_thread_and_notes_name_their_authors() -> None:
    """An internal note is marked: it never goes to the applicant."""
    request = AccessRequest(
        thread=[
            ThreadMessage(author=ThreadMessage.APPLICANT, text="Two sites."),
            ThreadMessage(author=ThreadMessage.REVIEWER, operator="operator:ana", text="Where?"),
        ],
        internal_notes=[
            InternalNote(
                operator="operator:bo", text="Odd.", create_time=timestamp("2026-06-18T11:00:00Z")
            )
        ],
    )
    session = new_session({}, terminal=True)
    dossier.show_request(session, request)
    lines = [line.strip() for line in printed(session.out).splitlines()]
    heads = ["applicant", "operator:ana", "operator:bo, internal  60 min ago"]
    assert [line for line in lines if line in heads] == heads


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (Dossier(age=Duration(seconds=7200)), "waits for 2 h"),
        (
            Dossier(email_domain="mail.example", free_mail=True),
            "mail domain mail.example free mail",
        ),
        (
            Dossier(employer_authority=EmployerAuthority(held_by_others=["employer_1"])),
            "held by others employer_1",
        ),
        (
            Dossier(callback=CallbackCheck(url="https://a.example", ok=True)),
            "callback https://a.example fine",
        ),
        (
            Dossier(callback=CallbackCheck(url="https://a.example", findings=["private address"])),
            "callback https://a.example look private address",
        ),
        (
            Dossier(sandbox_callback=CallbackCheck(url="https://b.example", probe_status=302)),
            "sandbox callback https://b.example look answers 302",
        ),
        (Dossier(volume=VolumeReview(monthly_volume_estimate=5000)), "volume 5,000 a month"),
        (
            Dossier(
                volume=VolumeReview(
                    monthly_volume_estimate=5000,
                    suggested_tier="growth",
                    tier_monthly_capacity=9000,
                )
            ),
            "volume 5,000 a month as they guess; the tier growth carries 9,000 in 30 days",
        ),
        (Dossier(readiness=SandboxReadiness(calls=1)), "sandbox traffic 1 call"),
        (Dossier(readiness=SandboxReadiness(sufficient=True)), "evidence sufficient"),
        (Dossier(), "evidence missing"),
        (Dossier(scopes=[ScopeReview(scope="x:y")]), "x:y not in the catalogue"),
        (
            Dossier(scopes=[ScopeReview(scope="x:y", known=True, summary="Reads.")]),
            "x:y Reads. can't be granted",
        ),
        (
            Dossier(
                scopes=[
                    ScopeReview(
                        scope="x:y",
                        known=True,
                        mintable=True,
                        high_risk=True,
                        summary="Writes.",
                        routes=[RouteRisk(route="POST /v1/x", risk="HIGH_RISK")],
                    )
                ]
            ),
            "x:y Writes. high risk: two operators in production POST /v1/x high risk",
        ),
        (
            Dossier(changes=[FieldChange(field="use_case", before="a", after="b")]),
            "Changed by the last amendment use_case a → b",
        ),
        (
            Dossier(
                earlier_requests=[
                    EarlierRequest(
                        ticket_id="tkt_0", company_name="North", state=AccessRequest.DENIED
                    )
                ]
            ),
            "Earlier requests from this domain tkt_0 North, denied",
        ),
        (
            Dossier(
                organizations=[
                    OrganizationSuggestion(
                        organization_id="org_1", display_name="North", why="same domain"
                    )
                ]
            ),
            "Organizations that may be theirs org_1 North: same domain",
        ),
        (
            Dossier(missing_for_production=["A rollback plan."]),
            "Missing for production A rollback plan.",
        ),
    ],
)
def test_every_line_of_a_dossier_is_shown(found: Dossier, line: str) -> None:
    """Each finding of the server is on the page, whatever the layout."""
    assert line in " ".join(_text(found).split())


def test_a_callback_that_was_not_checked_has_no_line() -> None:
    """A request without a callback has nothing to check."""
    assert "callback" not in _text(Dossier())
