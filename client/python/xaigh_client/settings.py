"""Settings of a client, from arguments and the environment.

XAIGH_API_KEY   the key, or an operator's credential
XAIGH_ADDR      the server's gRPC address
XAIGH_CA_FILE   certificates to trust instead of the system's, PEM
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xaigh_client import address as addresses
from xaigh_client.address import Address
from xaigh_client.errors import ConfigurationError
from xaigh_client.retry import RetryPolicy

# Prefixes of live keys and operator credentials, which are never sent in clear text.
_TLS_ONLY = ("live_", "xop_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificates, as PEM: for private roots and for mutual TLS."""

    ca: bytes | None = None
    """Roots to trust. None: the built-in ones."""
    certificate: bytes | None = None
    """The client's own certificate chain, for mutual TLS."""
    private_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Validated settings. The repr hides the key."""

    address: Address
    api_key: str = field(repr=False)
    """Empty: only public methods can be called."""
    timeout: float
    retry: RetryPolicy
    tls: Tls
    user_agent: str

    @property
    def key_hint(self) -> str:
        """The prefix of the key, which isn't secret."""
        return hint(self.api_key)


def hint(key: str) -> str:
    """Shortens a key to its prefix: `live_sk_…`."""
    if not key:
        return "none"
    head, _, _ = key.rpartition("_")
    return f"{head}_…" if head in {"test_sk", "test_pk", "live_sk", "live_pk", "xop"} else "…"


def resolve(
    *,
    api_key: str | None,
    address: str | None,
    timeout: float,
    retry: RetryPolicy | None,
    tls: Tls | None,
    user_agent: str,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Takes arguments first, then the environment. Raises ConfigurationError."""
    where = addresses.parse(address or environ.get("XAIGH_ADDR") or addresses.DEFAULT_ADDRESS)
    key = _checked_key(api_key if api_key is not None else environ.get("XAIGH_API_KEY", ""))
    if not where.tls and not where.loopback and key.startswith(_TLS_ONLY):
        raise ConfigurationError(f"refused to send {hint(key)} to {where} in clear text: use https")
    if not timeout > 0:
        raise ConfigurationError("timeout must be more than 0 seconds")
    return Settings(
        address=where,
        api_key=key,
        timeout=timeout,
        retry=retry or RetryPolicy(),
        tls=tls or _tls_of(environ),
        user_agent=user_agent,
    )


def _checked_key(key: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError("the API key has characters that no key has")
    return key


def _tls_of(environ: Mapping[str, str]) -> Tls:
    file = environ.get("XAIGH_CA_FILE")
    if not file:
        return Tls()
    try:
        return Tls(ca=Path(file).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"can't read XAIGH_CA_FILE: {error}") from None
