"""Etags of what this operator was shown, by ticket or proposal, in the state folder.

A decision carries the etag of the revision that was reviewed. The command takes it from here, where
`requests show`, `requests dossier` and `proposals show` leave it, or from `--etag`; never from a
read made while deciding, which would accept a change that nobody looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xaigh_client import keyformat
from xaigh_client.cli import private_files
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

_KEPT = 500
"""Older ones are forgotten."""


def remember(session: Session, object_id: str, etag: str) -> None:
    """Keeps the etag that was shown."""
    kept = {name: tag for name, tag in _load(session).items() if name != _name(session, object_id)}
    newest = list(kept.items())[-_KEPT + 1 :]
    private_files.save(_file(session), {**dict(newest), _name(session, object_id): etag})


def find(session: Session, object_id: str, given: str = "") -> str:
    """The etag that was given, else the one that was shown last; empty where there is none."""
    return given or str(_load(session).get(_name(session, object_id), ""))


def require(session: Session, object_id: str, given: str, *, look: str) -> str:
    """As `find`. Raises UsageProblem with the command to look first where there is none."""
    etag = find(session, object_id, given)
    if not etag:
        raise UsageProblem(
            f"you weren't shown {object_id} here: look at it with `{look} {object_id}`, or name "
            "the revision that you reviewed with --etag"
        )
    return etag


def _file(session: Session) -> Path:
    return session.state_folder / "shown.json"


def _load(session: Session) -> dict[str, Any]:
    return private_files.load(_file(session)) or {}


def _name(session: Session, object_id: str) -> str:
    """Another operator on the same machine was shown other things."""
    facts = keyformat.check(session.resolve_profile().api_key)
    return f"{facts.key_id if facts else ''} {object_id}"
