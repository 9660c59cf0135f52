# Generated from the protos by `make generate`. Don't edit.
"""Tells what can be asked for before there is a credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xaigh.keys.v1 import scopes_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

_METHODS = scopes_service_pb2.DESCRIPTOR.services_by_name["ScopesService"].methods_by_name


class Scopes:
    """Tells what can be asked for before there is a credential."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_scopes(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> scopes_service_pb2.ListScopesResponse:
        """Lists every scope of this deployment, with what it opens and what a wrong call can cost:
        those of this API, and those of products that its settings name.

        Needs no credential. Over REST: `GET /v1/scopes`.
        """
        return self._caller.unary(
            _METHODS["ListScopes"],
            scopes_service_pb2.ListScopesResponse,
            {},
            timeout=timeout,
            metadata=metadata,
        )


class AsyncScopes:
    """Tells what can be asked for before there is a credential."""

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list_scopes(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> scopes_service_pb2.ListScopesResponse:
        """Lists every scope of this deployment, with what it opens and what a wrong call can cost:
        those of this API, and those of products that its settings name.

        Needs no credential. Over REST: `GET /v1/scopes`.
        """
        return await self._caller.unary(
            _METHODS["ListScopes"],
            scopes_service_pb2.ListScopesResponse,
            {},
            timeout=timeout,
            metadata=metadata,
        )
