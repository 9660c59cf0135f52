# Generated from the protos by `make generate`. Don't edit.
"""Keeps what the server saw of an organization's drills in the sandbox, for the review of
production. Keys of production are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.rehearsals.v1 import rehearsal_pb2, rehearsal_service_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

_METHODS = rehearsal_service_pb2.DESCRIPTOR.services_by_name["RehearsalService"].methods_by_name


class Rehearsal:
    """Keeps what the server saw of an organization's drills in the sandbox, for the review of
    production. Keys of production are refused.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_drills(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rehearsal_service_pb2.ListDrillsResponse:
        """Lists every drill, passed or not.

        Over REST: `GET /v1/drills`.
        """
        return self._caller.unary(
            _METHODS["ListDrills"],
            rehearsal_service_pb2.ListDrillsResponse,
            {},
            timeout=timeout,
            metadata=metadata,
        )

    def record_drill(
        self,
        *,
        kind: Literal[
            "REPLAY", "TIME_OUT", "HALF_FEED", "HELD_CLOSE", "ROTATION", "ROLLBACK", "RECOVERY"
        ]
        | rehearsal_pb2.Drill.Kind.ValueType,
        since_time: values.Time | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rehearsal_pb2.Drill:
        """Looks in the server's own records for a drill, and keeps what it finds. A drill that it
        didn't see is refused with DRILL_NOT_SEEN.

        Over REST: `POST /v1/drills:record`.

        Args:
            kind: What was rehearsed.
            since_time: Only what happened at or after this time counts. Absent: all that is
                kept.
        """
        return self._caller.unary(
            _METHODS["RecordDrill"],
            rehearsal_pb2.Drill,
            {"kind": kind, "since_time": since_time},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncRehearsal:
    """Keeps what the server saw of an organization's drills in the sandbox, for the review of
    production. Keys of production are refused.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def list_drills(
        self,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rehearsal_service_pb2.ListDrillsResponse:
        """Lists every drill, passed or not.

        Over REST: `GET /v1/drills`.
        """
        return await self._caller.unary(
            _METHODS["ListDrills"],
            rehearsal_service_pb2.ListDrillsResponse,
            {},
            timeout=timeout,
            metadata=metadata,
        )

    async def record_drill(
        self,
        *,
        kind: Literal[
            "REPLAY", "TIME_OUT", "HALF_FEED", "HELD_CLOSE", "ROTATION", "ROLLBACK", "RECOVERY"
        ]
        | rehearsal_pb2.Drill.Kind.ValueType,
        since_time: values.Time | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> rehearsal_pb2.Drill:
        """Looks in the server's own records for a drill, and keeps what it finds. A drill that it
        didn't see is refused with DRILL_NOT_SEEN.

        Over REST: `POST /v1/drills:record`.

        Args:
            kind: What was rehearsed.
            since_time: Only what happened at or after this time counts. Absent: all that is
                kept.
        """
        return await self._caller.unary(
            _METHODS["RecordDrill"],
            rehearsal_pb2.Drill,
            {"kind": kind, "since_time": since_time},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
