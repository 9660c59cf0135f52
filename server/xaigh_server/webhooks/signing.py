"""Signer of events (Standard Webhooks 1.0) with all secrets in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from standardwebhooks import Webhook

from xaigh_server.identity.webhook_secrets import SecretBox, signed_headers
from xaigh_server.webhooks.model import Endpoint

_KEPT = 4096


class Signer:
    """Signs bodies. Keeps recently decrypted secrets in memory."""

    def __init__(self, box: SecretBox) -> None:
        self._webhook = lru_cache(maxsize=_KEPT)(
            lambda sealed, owner: Webhook(box.open(sealed, owner))
        )

    def headers(
        self, endpoint: Endpoint, event_id: str, body: str, now: datetime
    ) -> Mapping[str, str]:
        """Returns the three headers of an attempt; two signatures while two secrets overlap.

        Raises `SecretUnreadable`.
        """
        signers = [self._webhook(sealed, endpoint.id) for sealed in endpoint.secrets.signing(now)]
        return signed_headers(signers, event_id, body, now)
