"""Sealing: encrypts a new key to its applicant, so that no operator sees it."""

from __future__ import annotations

import re
from typing import Protocol

from xaigh_server.errors import FieldInvalid

_X25519 = re.compile(r"age1[ac-hj-np-z02-9]{58}", re.ASCII)


class Sealer(Protocol):
    """Encrypts for age recipients."""

    def check(self, recipient: str) -> bool:
        """Whether `recipient` is one that `seal` takes: native X25519, `age1…`, lower case."""
        ...

    def seal(self, recipient: str, plaintext: bytes) -> str:
        """The armored age file. Each call gives another text."""
        ...


class AgeSealer:
    """Seals with the age format, version 1; opened by any age tool."""

    def check(self, recipient: str) -> bool:
        """Whether form and checksum of the recipient are right."""
        # Imported where used: a native library that most processes never need.
        import pyrage

        if _X25519.fullmatch(recipient) is None:
            return False
        try:
            pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            return False
        return True

    def seal(self, recipient: str, plaintext: bytes) -> str:
        """Raises FieldInvalid for a recipient that `check` refuses."""
        import pyrage

        if not self.check(recipient):
            raise FieldInvalid.at("sealTo", "Not an age recipient (age1…).")
        to = pyrage.x25519.Recipient.from_str(recipient)
        return bytes(pyrage.encrypt(plaintext, [to], armored=True)).decode("ascii")
