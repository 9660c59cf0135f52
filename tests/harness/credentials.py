"""Tags of credentials for tests: right ones under the pepper of the tests, and made-up ones."""

from __future__ import annotations

from xaigh_server.identity.key_format import TAG_LENGTH
from xaigh_server.identity.key_tags import KeyTags
from xaigh_server.identity.peppers import Pepper, PepperRing

PEPPER = Pepper(secret=b"\x01" * 32)
TAGS = KeyTags(PepperRing([PEPPER]))


def made_up(tagged: str) -> str:
    """A tag of the right form that no pepper made, as in a guess."""
    return "0" * TAG_LENGTH
