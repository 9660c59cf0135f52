"""Signs events by Standard Webhooks 1.0, with every secret that is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from standardwebhooks import Webhook

from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.webhooks.model import Endpoint

_KEPT = 4096


class Signer:
    """Opens sealed secrets as they are needed, and keeps the last of them open in memory."""

    def __init__(self, box: SecretBox) -> None:
        self._webhook = lru_cache(maxsize=_KEPT)(
            lambda sealed, owner: Webhook(box.open(sealed, owner))
        )

    def headers(
        self, endpoint: Endpoint, event_id: str, body: str, now: datetime
    ) -> Mapping[str, str]:
        """The three headers of a try: two signatures while an old secret is in its overlap.

        Raises `SecretUnreadable`.
        """
        signatures = [
            self._webhook(sealed, endpoint.id).sign(event_id, now, body)
            for sealed in endpoint.secrets.signing(now)
        ]
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
