"""Etags: short digests of an object's state, which prevent lost updates."""

from __future__ import annotations

import base64
import hashlib

import orjson

from xaigh_server.rpc.errors import EtagMismatch

Part = str | int | bool | None


def etag_of(*parts: Part) -> str:
    """16 characters from the parts, which are best an id and a revision."""
    digest = hashlib.blake2b(orjson.dumps(parts), digest_size=12).digest()
    return base64.urlsafe_b64encode(digest).decode()


def check_etag(given: str, current: str) -> None:
    """Raises EtagMismatch unless equal; quotes around the given one are forgiven.

    An empty one means that the caller doesn't mind what it changes.
    """
    if given and given.removeprefix("W/").strip('"') != current:
        raise EtagMismatch(current)
