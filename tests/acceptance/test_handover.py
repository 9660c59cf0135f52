"""Keys that the operator never sees: sealed by the server, opened by the `age` program."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.harness.access import Access, grant_access, ok
from tests.harness.api_client import ApiClient
from tests.harness.server import Running

KEY = re.compile(r"(?:test|live)_sk_[0-9A-Za-z]{48}")


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The applicant's own file, made by `age-keygen`, and the recipient that follows from it."""
    file = tmp_path_factory.mktemp("age") / "identity.txt"
    made = subprocess.run(
        ["age-keygen", "-o", str(file)], capture_output=True, text=True, check=True, timeout=20
    )
    return file, re.findall(r"age1[0-9a-z]+", made.stderr + file.read_text())[0]


def opened(sealed: str, identity: Path) -> str:
    """What `age -d` makes of a sealed text."""
    done = subprocess.run(
        ["age", "-d", "-i", str(identity)],
        input=sealed,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return done.stdout


def seen_by_operators(api: ApiClient, founder: str, access: Access) -> str:
    """Everything that an operator can read about a ticket, its grant and its keys."""
    asked: list[tuple[str, dict[str, Any]]] = [
        ("GetAccessRequest", {"ticketId": access.ticket_id}),
        ("GetDossier", {"ticketId": access.ticket_id}),
        ("GetGrant", {"grantId": access.grant_id}),
        ("ListKeys", {"grantId": access.grant_id}),
        ("ListAuditEvents", {"organizationId": access.organization_id, "pageSize": 200}),
    ]
    return json.dumps([ok(api.call(name, body, key=founder)) for name, body in asked])


def test_a_sealed_key_reaches_the_applicant_alone(
    api: ApiClient, running: Running, identity: tuple[Path, str]
):
    """SEALED to the operator; the status token fetches it, `age` opens it, and it works."""
    file, recipient = identity
    access = grant_access(api, running.founder, sealTo=recipient)
    assert access.key == ""
    issued = api.call("IssueKey", {"grantId": access.grant_id, "name": "two"}, key=running.founder)
    record = ok(issued)
    assert record["disclosure"] == "SEALED" and "apiKey" not in record
    assert record["sealedForTicketId"] == access.ticket_id
    assert not KEY.search(json.dumps(record))

    wanted = {"ticketId": access.ticket_id, "keyId": record["key"]["keyId"]}
    sealed = api.call("GetSealedKey", wanted, x_status_token=access.status_token)
    text = ok(sealed)["sealedKey"]
    assert text.startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    key = opened(text, file).strip()
    assert KEY.fullmatch(key) and key[8:18] == record["key"]["keyId"]
    assert ok(api.call("WhoAmI", {}, key=key))["key"]["keyId"] == key[8:18]

    status = api.call(
        "GetTicketStatus", {"ticketId": access.ticket_id}, x_status_token=access.status_token
    )
    assert len(ok(status)["environments"][0]["sealedKeyIds"]) == 2
    everything = seen_by_operators(api, running.founder, access)
    assert key not in everything and "AGE ENCRYPTED" not in everything


def test_nobody_else_fetches_a_sealed_key(
    api: ApiClient, running: Running, identity: tuple[Path, str]
):
    """Not without the token, not with another ticket's, and not an operator."""
    access = grant_access(api, running.founder, sealTo=identity[1])
    other = grant_access(api, running.founder, sealTo=identity[1])
    wanted = {"ticketId": access.ticket_id}
    for headers in (
        {},
        {"x_status_token": other.status_token},
        {"key": running.founder},
    ):
        assert api.call("GetSealedKey", wanted, **headers).body["reason"] == "NOT_FOUND"


def test_another_identity_opens_nothing(
    api: ApiClient, running: Running, identity: tuple[Path, str], tmp_path: Path
):
    """The text is sealed to the applicant, not to whoever has it."""
    access = grant_access(api, running.founder, sealTo=identity[1])
    text = ok(
        api.call("GetSealedKey", {"ticketId": access.ticket_id}, x_status_token=access.status_token)
    )["sealedKey"]
    subprocess.run(
        ["age-keygen", "-o", str(tmp_path / "other")], capture_output=True, check=True, timeout=20
    )
    with pytest.raises(subprocess.CalledProcessError):
        opened(text, tmp_path / "other")


def test_a_rotated_key_is_sealed_again(
    api: ApiClient, running: Running, identity: tuple[Path, str]
):
    """The key in the place of a sealed one isn't shown either."""
    access = grant_access(api, running.founder, sealTo=identity[1])
    listed = ok(api.call("ListKeys", {"grantId": access.grant_id}, key=running.founder))
    rotated = ok(api.call("RotateKey", {"keyId": listed["keys"][0]["keyId"]}, key=running.founder))
    assert rotated["disclosure"] == "SEALED" and "apiKey" not in rotated
    fetched = api.call(
        "GetSealedKey",
        {"ticketId": access.ticket_id, "keyId": rotated["key"]["keyId"]},
        x_status_token=access.status_token,
    )
    key = opened(ok(fetched)["sealedKey"], identity[0]).strip()
    ok(api.call("WhoAmI", {}, key=key))


def test_a_production_key_in_clear_needs_a_reason_that_is_kept(
    api: ApiClient, running: Running, second: str, identity: tuple[Path, str]
):
    """Without one it is sealed; a blank one is none; with one it is shown, and audited."""
    live = grant_access(
        api, running.founder, second=second, environment="production", sealTo=identity[1]
    )
    assert live.key == ""
    order = {"grantId": live.grant_id, "name": "clear"}
    blank = api.call("IssueKey", {**order, "clearReason": "   "}, key=running.founder)
    assert blank.body["reason"] in ("REASON_REQUIRED", "FIELD_INVALID")
    shown = ok(
        api.call(
            "IssueKey", {**order, "clearReason": "Their age file is lost."}, key=running.founder
        )
    )
    assert shown["disclosure"] == "SHOWN" and shown["apiKey"].startswith("live_sk_")
    events = ok(
        api.call("ListAuditEvents", {"target": shown["key"]["keyId"]}, key=running.founder)
    )["auditEvents"]
    (event,) = [each for each in events if each["action"] == "key.issued"]
    assert event["reason"] == "Their age file is lost."
    assert event["after"]["disclosure"] == "SHOWN"
