"""Audit sink: an HTTPS destination outside, which gets every audit event and anchor."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

SECRET_PREFIX = "whsec_"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSink:
    """One destination of the settings. ValueError: a member can't be used.

    With `secret` each batch is signed as Standard Webhooks 1.0; `bearer` is sent as it is.
    """

    name: str
    url: str
    secret: str = field(default="", repr=False)
    bearer: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(
                f"{self.name!r}: a sink's name has up to 32 of a-z, 0-9, - and _, a letter first"
            )
        if not (self.secret or self.bearer):
            raise ValueError(f"{self.name}: give a secret, a bearer, or both")
        if self.secret and not _is_secret(self.secret):
            raise ValueError(f"{self.name}: secret takes whsec_ and 24 to 64 bytes in base64")
        if not (self.bearer.isascii() and (self.bearer or "-").isprintable()):
            raise ValueError(f"{self.name}: bearer takes printable ASCII")


def _is_secret(text: str) -> bool:
    try:
        secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return False
    return text.startswith(SECRET_PREFIX) and 24 <= len(secret) <= 64
