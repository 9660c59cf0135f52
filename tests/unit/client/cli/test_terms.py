"""Terms of a grant on the terminal."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import new_session, printed, timestamp

from xaigh_client.cli import terms
from xaigh_client.types import Finding, GrantTerms

FULL = GrantTerms(
    scopes=["jobs:read", "jobs:write"],
    key_types=["sk"],
    tier="growth",
    employer_user_ids=["employer_1"],
    key_allowance=3,
    callback_url="https://hooks.example/x",
    expire_time=timestamp("2027-01-31T00:00:00Z"),
    conditions=["two months' notice"],
    rollback_plan="revoke the grant",
    evidence_waiver="known",
    findings=[
        Finding(aspect=Finding.ROUTE_RISK, finding="low", note="reads", reviewer="operator:ana")
    ],
)


def _shown(found: GrantTerms) -> dict[str, str]:
    session = new_session({})
    terms.show(session, "Terms", found)
    return dict(line.split("\t", 1) for line in printed(session.out).splitlines())


def test_every_field_of_the_terms_is_shown() -> None:
    """A field that is added to the message needs a line of its own here."""
    shown = _shown(FULL)
    assert len(shown) == len(GrantTerms.DESCRIPTOR.fields) - 1 + len(terms.ASPECTS)
    assert shown["rollback plan"] == "revoke the grant"
    assert shown["route risk"] == "low: reads operator:ana"
    assert "2027-01-31" in shown["expires"]


def test_what_is_unset_is_shown_as_unset() -> None:
    """Nobody approves a grant without an end by not reading of it."""
    shown = _shown(GrantTerms(scopes=["jobs:read"]))
    assert (shown["expires"], shown["conditions"], shown["employers"]) == ("never", "none", "none")
    assert shown["data class"] == "no finding"
