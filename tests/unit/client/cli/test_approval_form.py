"""Questions and options of an approval."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from xaigh_client.cli import approval_form
from xaigh_client.cli.problems import UsageProblem

NOW = datetime(2026, 6, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name", "finding", "note"),
    [
        ("route_risk=low: reads alone", "route-risk", "low", "reads alone"),
        ("data-class = pii : names", "data-class", "pii", "names"),
        ("data-class=a:b", "data-class", "a", "b"),
        ("data-class=at 10:00: shifts", "data-class", "at 10:00", "shifts"),
    ],
)
def test_a_finding_is_parsed_into_its_parts(text: str, name: str, finding: str, note: str) -> None:
    """`ASPECT=FINDING: NOTE`, with either kind of dash, with a blank behind the colon or none."""
    assert approval_form.findings([text]) == {name: finding, f"{name}-note": note}


@pytest.mark.parametrize(
    "text", ["colour=red: x", "route-risk", "route-risk=low", "route-risk=: x"]
)
def test_a_finding_of_another_form_is_refused(text: str) -> None:
    """The message says what is missing."""
    with pytest.raises(UsageProblem):
        approval_form.findings([text])


def test_answers_become_the_arguments_of_the_call() -> None:
    """What has no answer stays unset, so that the server's default holds."""
    answers = {
        "organization": "new",
        "employer": "a, b c",
        "condition": "keep logs; two months' notice",
        "expires": "90d",
        "allowance": "3",
        **approval_form.findings(["route-risk=low: reads"]),
    }
    terms = approval_form.terms(answers, NOW)
    assert terms["organization_id"] is None
    assert terms["employer_user_ids"] == ["a", "b", "c"]
    assert terms["conditions"] == ["keep logs", "two months' notice"]
    assert terms["expire_time"] == datetime(2026, 9, 16, tzinfo=UTC)
    assert (terms["key_allowance"], terms["tier"], terms["scopes"]) == (3, None, None)
    assert terms["findings"] == [{"aspect": "ROUTE_RISK", "finding": "low", "note": "reads"}]
