"""Parser of the credential in a call's metadata, by one strict rule for both transports.

    Authorization: Bearer <key>

One header, the scheme in any case, one or more spaces, one key. Blanks around the value belong to
the transport. A key anywhere else (another header, a cookie, the query) is refused even when the
Authorization header is right: it has already leaked into logs on the way.

The result of any input, in any encoding and size, is a credential, None, or a refusal with 401.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_plus

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.errors import (
    CredentialsAmbiguous,
    CredentialsMalformed,
    KeyUnknown,
    OperatorUnknown,
)
from xaigh_server.identity.key_format import PresentedKey, PresentedOperator
from xaigh_server.identity.key_tags import KeyTags

Credential = PresentedKey | PresentedOperator

Metadata = Iterable[tuple[str | bytes, str | bytes]]
"""Header names and values in any case, as gRPC (text, or bytes for `-bin`) or ASGI give them."""

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([0-9A-Za-z_]{4,128})", re.ASCII)

# Looser than the detector on purpose: a cut or mistyped key in the wrong place is still a leak.
_KEY_LIKE = re.compile(r"(?:(?:test|live)_(?:pk|sk)|xop)_[0-9A-Za-z]{20}", re.ASCII)
_KEY_LIKE_LENGTH = 24

# Where RFC 6750 and common habit put tokens into a query.
_TOKEN_PARAMETERS = frozenset({"access_token", "api_key", "apikey", "authorization"})


def read_bearer(metadata: Metadata, query: str | bytes = "") -> str | None:
    """The text of the one credential of a call, or None where none was sent.

    `query` is the raw query string, without the question mark; gRPC has none. Raises
    `Unauthenticated`: the header is malformed, or the credential not the only one. Its form and
    checksum are left to `parse_credential`, since what is cached need not be parsed again.
    """
    found: list[str] = []
    for name, value in metadata:
        text = _text(value)
        if _text(name).lower() == "authorization":
            found.append(text)
        elif len(text) >= _KEY_LIKE_LENGTH and _looks_like_key(text):
            raise CredentialsAmbiguous
    if query:
        _check_query(_text(query))
    if not found:
        return None
    if len(found) > 1:
        raise CredentialsAmbiguous
    return _bearer(found[0])


def parse_credential(text: str, tags: KeyTags) -> Credential:
    """Reads a bare credential of either kind, without a look-up.

    Raises CredentialsMalformed, and KeyUnknown or OperatorUnknown where checksum or tag is wrong.
    """
    if text.startswith("xop_"):
        operator = keys.parse_operator(text)
        if not tags.holds(operator):
            raise OperatorUnknown
        return operator
    key = keys.parse(text)
    if not tags.holds(key):
        raise KeyUnknown
    return key


def _bearer(value: str) -> str:
    match = _BEARER.fullmatch(value.strip(" \t"))
    if match is None:
        if len(_KEY_LIKE.findall(value)) > 1:
            raise CredentialsAmbiguous
        raise CredentialsMalformed
    return match[1]


def _check_query(query: str) -> None:
    plain = unquote_plus(query, errors="replace") if "%" in query else query
    if _looks_like_key(plain):
        raise CredentialsAmbiguous
    for pair in query.split("&"):
        name, has_value, _ = pair.partition("=")
        if has_value and unquote_plus(name, errors="replace").lower() in _TOKEN_PARAMETERS:
            raise CredentialsAmbiguous


def _looks_like_key(text: str) -> bool:
    # Plain searches first: nearly every header ends here, at a tenth of the expression's cost.
    if "_sk_" in text or "_pk_" in text or "xop_" in text:
        return _KEY_LIKE.search(text) is not None
    return False


def _text(value: str | bytes) -> str:
    # Latin-1 maps every byte, so nothing fails here; what isn't ASCII matches no rule later.
    return value if isinstance(value, str) else value.decode("latin-1")
