"""Service of access requests, composed of the handlers of applicants, reviews and dossiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xaigh_server.rpc.handlers import Handler


class AccessRequestService:
    """Answers xaigh.access.v1.AccessRequestService."""

    name = "xaigh.access.v1.AccessRequestService"

    def __init__(self, *parts: Any) -> None:
        self._desks = parts

    def handlers(self) -> Mapping[str, Handler]:
        """The methods of every part."""
        return {name: handler for part in self._desks for name, handler in part.handlers().items()}
