"""Sealed keys."""

from __future__ import annotations

from pathlib import Path

import pyrage
import pytest
from tests.unit.client.cli.command_runner import VALID_KEY, CommandRunner

from xaigh.access.v1.access_request_service_pb2 import SealedKey
from xaigh_client.cli import sealed
from xaigh_client.cli.problems import UsageProblem


def _identity(file: Path) -> pyrage.x25519.Recipient:
    identity = pyrage.x25519.Identity.generate()
    file.write_text(f"# created by a test\n{identity}\n")
    return identity.to_public()


def _seal(recipient: pyrage.x25519.Recipient) -> str:
    sealed_key: bytes = pyrage.encrypt(f"{VALID_KEY}\n".encode(), [recipient], armored=True)
    return sealed_key.decode()


def test_a_key_is_unsealed_by_its_identity(tmp_path: Path) -> None:
    """Comments of the identity file are skipped."""
    file = tmp_path / "me.agekey"
    assert sealed.unseal(_seal(_identity(file)), str(file)) == VALID_KEY


def test_another_identity_is_refused(tmp_path: Path) -> None:
    """As a damaged text is."""
    mine, other = tmp_path / "me.agekey", tmp_path / "other.agekey"
    text = _seal(_identity(mine))
    _identity(other)
    with pytest.raises(UsageProblem, match="can't be opened"):
        sealed.unseal(text, str(other))
    with pytest.raises(UsageProblem, match="can't be opened"):
        sealed.unseal("damaged", str(mine))


def test_a_file_without_an_identity_is_refused(tmp_path: Path) -> None:
    """It may be the public recipient."""
    file = tmp_path / "me.pub"
    file.write_text("age1xyz\n")
    with pytest.raises(UsageProblem, match="holds no age identity"):
        sealed.unseal("", str(file))


def test_the_sealed_key_of_a_ticket_is_fetched_and_opened(
    cli: CommandRunner, tmp_path: Path
) -> None:
    """With the ticket's status token, and no key of one's own."""
    file = tmp_path / "me.agekey"
    cli.environ["XAIGH_STATUS_TOKEN"] = "xst_1"
    cli.script("GetSealedKey", SealedKey(sealed_key=_seal(_identity(file))))
    done = cli.run("keys", "open", "--ticket", "tkt_1", "-i", str(file))
    assert done.out == f"{VALID_KEY}\n"
    assert cli.metadata("GetSealedKey")["x-status-token"] == "xst_1"
