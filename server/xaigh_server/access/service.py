"""The service that takes requests for access and carries their review, out of its desks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xaigh_server.rpc.handlers import Handler


class AccessRequestService:
    """The whole service, out of its desks."""

    name = "xaigh.access.v1.AccessRequestService"

    def __init__(self, *desks: Any) -> None:
        self._desks = desks

    def handlers(self) -> Mapping[str, Handler]:
        """The methods of every desk."""
        return {name: handler for desk in self._desks for name, handler in desk.handlers().items()}
