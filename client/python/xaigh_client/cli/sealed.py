"""Sealed keys: fetches keys that were encrypted with age, and decrypts them."""

from __future__ import annotations

import os
from pathlib import Path

import pyrage

from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session


def fetch(session: Session, ticket: str, key_id: str, *, token: str) -> str:
    """Fetches the sealed key of a ticket with its status token. Raises ApiError."""
    reply = session.client.access_requests.get_sealed_key(
        ticket_id=ticket, key_id=key_id or None, status_token=token
    )
    return reply.sealed_key


def read(session: Session, file: str) -> str:
    """Reads the sealed key from a file; from stdin for `-`."""
    return session.stdin.read() if file == "-" else Path(file).read_text()


def recipient(session: Session, identity_file: str) -> str:
    """The age recipient of an identity file, `age1…`. Makes the file, mode 0600, if it is new."""
    file = Path(identity_file)
    if not file.exists():
        made = pyrage.x25519.Identity.generate()
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(f"# public key: {made.to_public()}\n{made}\n")
        session.note(f"A new age identity is in {file}, readable by you alone. Keep it.")
    return str(_identities(identity_file)[0].to_public())


def unseal(text: str, identity_file: str) -> str:
    """Decrypts the key. Raises UsageProblem for a wrong identity or a damaged text."""
    try:
        opened: bytes = pyrage.decrypt(text.encode(), _identities(identity_file))
    except pyrage.DecryptError:
        raise UsageProblem("it can't be opened: another identity, or the text is damaged") from None
    return opened.decode().strip()


def _identities(identity_file: str) -> list[pyrage.x25519.Identity]:
    """Reads the identities of a file. Raises UsageProblem where it holds none."""
    identities = [
        pyrage.x25519.Identity.from_str(line.strip())
        for line in Path(identity_file).read_text().splitlines()
        if line.startswith("AGE-SECRET-KEY-")
    ]
    if not identities:
        raise UsageProblem(f"{identity_file} holds no age identity (AGE-SECRET-KEY-…)")
    return identities
