"""Sealed keys: fetches keys that were encrypted with age, and decrypts them."""

from __future__ import annotations

from pathlib import Path

import pyrage

from xaigh_client.cli import prompts
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

_TOKEN = "XAIGH_STATUS_TOKEN"


def fetch(session: Session, ticket: str, key_id: str) -> str:
    """Fetches the sealed key of a ticket with its status token. Raises ApiError."""
    token = session.environ.get(_TOKEN) or prompts.secret(session, "Status token")
    reply = session.client.access_requests.get_sealed_key(
        ticket_id=ticket, key_id=key_id or None, status_token=token
    )
    return reply.sealed_key


def read(session: Session, file: str) -> str:
    """Reads the sealed key from a file; from stdin for `-`."""
    return session.stdin.read() if file == "-" else Path(file).read_text()


def unseal(text: str, identity_file: str) -> str:
    """Decrypts the key. Raises UsageProblem for a wrong identity or a damaged text."""
    identities = [
        pyrage.x25519.Identity.from_str(line.strip())
        for line in Path(identity_file).read_text().splitlines()
        if line.startswith("AGE-SECRET-KEY-")
    ]
    if not identities:
        raise UsageProblem(f"{identity_file} holds no age identity (AGE-SECRET-KEY-…)")
    try:
        opened: bytes = pyrage.decrypt(text.encode(), identities)
    except pyrage.DecryptError:
        raise UsageProblem("it can't be opened: another identity, or the text is damaged") from None
    return opened.decode().strip()
