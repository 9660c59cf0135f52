"""Service of the audit log: lists the events of all databases, merged by time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from google.protobuf.json_format import ParseDict

from xaigh.audit.v1 import audit_pb2 as pb
from xaigh.audit.v1 import audit_service_pb2 as api
from xaigh_server.audit.model import ChainId, SealedEvent
from xaigh_server.audit.own_export import ABOUT_EMPLOYERS, OwnExport
from xaigh_server.audit.repository import AuditFilter, AuditLog, AuditPosition
from xaigh_server.db.database import Database
from xaigh_server.db.partition import CONTROL
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time, set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


class AuditService:
    """Lists events. It reads the audit chain of every database and no other table."""

    name = "xaigh.audit.v1.AuditService"

    def __init__(self, databases: Sequence[Database], *, paging: Paging) -> None:
        self._databases = {database.name: database for database in databases}
        self._paging = paging

    def handlers(self) -> Mapping[str, Handler]:
        """The handlers by the names of their methods."""
        return {
            "ListAuditEvents": Read(run=self.answer, prepare=self.find),
            "ListOwnAuditEvents": Read(run=self.answer_own, prepare=self.find_own),
            "ExportOwnAuditEvents": Read(run=self.answer_export, prepare=self.export_own),
        }

    async def find(
        self, request: api.ListAuditEventsRequest, call: Call
    ) -> api.ListAuditEventsResponse:
        """Reads one page from every requested chain, newest first."""
        wanted = _filter(request)
        names = [wanted.database] if wanted.database else list(self._databases)
        shown, token = await self._page(request, call, wanted, names, event_to_pb)
        return api.ListAuditEventsResponse(audit_events=shown, next_page_token=token)

    async def find_own(
        self, request: api.ListOwnAuditEventsRequest, call: Call
    ) -> api.ListOwnAuditEventsResponse:
        """Reads one page from both chains of the key's organization and environment."""
        principal = call.principal
        assert isinstance(principal, KeyPrincipal)  # the method's rule
        wanted = AuditFilter(
            chain=principal.organization_id,
            concerns=principal.environment.value,
            action=request.action,
            target=request.target,
            request_id=request.request_id,
            start=get_time(request, "start_time"),
            end=get_time(request, "end_time"),
        )
        names = [CONTROL, principal.environment.value]
        shown, token = await self._page(request, call, wanted, names, own_event_to_pb)
        return api.ListOwnAuditEventsResponse(audit_events=shown, next_page_token=token)

    async def export_own(
        self, request: api.ExportOwnAuditEventsRequest, call: Call
    ) -> api.ExportOwnAuditEventsResponse:
        """Reads one page of an export of the three chains of the key's organization."""
        principal = call.principal
        assert isinstance(principal, KeyPrincipal)  # the method's rule
        page = self._paging.page(request, call)
        after = (int(page.cursor[0]), int(page.cursor[1])) if page.cursor else None
        export = OwnExport(self._databases, principal.organization_id, principal.environment.value)
        lines, token = self._paging.fill(
            await export.read(after, page.size + 1),
            page,
            lambda line: (line.chain, line.sequence),
            lambda line: api.AuditExportLine(text=line.text.decode()),
        )
        return api.ExportOwnAuditEventsResponse(lines=lines, next_page_token=token)

    async def _page(
        self,
        request: Any,
        call: Call,
        wanted: AuditFilter,
        names: Sequence[str],
        to_pb: Callable[[SealedEvent], pb.AuditEvent],
    ) -> tuple[list[pb.AuditEvent], str]:
        """Reads one page, newest first.

        The cursor holds a position in each chain, so a chain that grows between two pages doesn't
        shift the others.
        """
        page = self._paging.page(request, call)
        places = _places(page.cursor)
        found: list[Sequence[SealedEvent]] = []
        for name in names:
            found.append(await self._chain(name, wanted, places.get(name), page.size + 1))
        merged = list(heapq.merge(*found, key=_order, reverse=True))

        def cursor(last: tuple[int, SealedEvent]) -> tuple[str | int, ...]:
            return _cursor(places, merged[: last[0]])

        numbered = enumerate(merged, start=1)
        return self._paging.fill(numbered, page, cursor, lambda each: to_pb(each[1]))

    def answer(
        self, request: api.ListAuditEventsRequest, unit: UnitOfWork
    ) -> api.ListAuditEventsResponse:
        found: api.ListAuditEventsResponse = unit.prepared
        return found

    def answer_own(
        self, request: api.ListOwnAuditEventsRequest, unit: UnitOfWork
    ) -> api.ListOwnAuditEventsResponse:
        found: api.ListOwnAuditEventsResponse = unit.prepared
        return found

    def answer_export(
        self, request: api.ExportOwnAuditEventsRequest, unit: UnitOfWork
    ) -> api.ExportOwnAuditEventsResponse:
        found: api.ExportOwnAuditEventsResponse = unit.prepared
        return found

    async def _chain(
        self, name: str, wanted: AuditFilter, before: AuditPosition | None, limit: int
    ) -> Sequence[SealedEvent]:
        return await self._databases[name].read(
            lambda session: AuditLog(session, name).listing(wanted, before=before, limit=limit)
        )


def _filter(request: api.ListAuditEventsRequest) -> AuditFilter:
    kind, _, name = request.actor.partition(":")
    database, slash, _ = request.chain.partition("/")
    return AuditFilter(
        database=database,
        chain=ChainId.parse(request.chain).organization_id if slash else None,
        actor_type=kind if name or kind in ("peer", "system") else "",
        actor_id=name or ("" if kind in ("peer", "system") else kind),
        action=request.action,
        target=request.target,
        organization_id=request.organization_id,
        request_id=request.request_id,
        start=get_time(request, "start_time"),
        end=get_time(request, "end_time"),
    )


def _order(sealed: SealedEvent) -> datetime:
    return sealed.event.time


def _places(cursor: Any) -> dict[str, AuditPosition]:
    """From database, time, organization and sequence, database after database."""
    parts = list(cursor or ())
    return {
        parts[at]: AuditPosition(
            time=from_micros(parts[at + 1]),
            organization_id=parts[at + 2],
            sequence=parts[at + 3],
        )
        for at in range(0, len(parts), 4)
    }


def _cursor(
    places: Mapping[str, AuditPosition], shown: Sequence[SealedEvent]
) -> tuple[str | int, ...]:
    at = dict(places)
    for sealed in shown:
        at[sealed.chain.database] = AuditPosition(
            time=sealed.event.time,
            organization_id=sealed.chain.organization_id,
            sequence=sealed.sequence,
        )
    flat: list[str | int] = []
    for database, place in sorted(at.items()):
        flat.extend((database, to_micros(place.time), place.organization_id, place.sequence))
    return tuple(flat)


def own_event_to_pb(sealed: SealedEvent) -> pb.AuditEvent:
    """An event as the organization reads it that it concerns.

    Of an operator it names neither the person nor the address nor the note. The state of objects
    is left out, and so are employers: a key's grant may not cover them.
    """
    message = event_to_pb(sealed)
    message.ClearField("before")
    message.ClearField("after")
    if sealed.event.action.startswith(ABOUT_EMPLOYERS):
        message.ClearField("targets")
    if sealed.event.actor_type == "operator":
        message.actor = "operator"
        message.ClearField("peer")
        message.ClearField("reason")
    return message


def event_to_pb(sealed: SealedEvent) -> pb.AuditEvent:
    """An event as it is read."""
    event = sealed.event
    message = pb.AuditEvent(
        chain=str(sealed.chain),
        sequence=sealed.sequence,
        actor=event.actor,
        action=event.action,
        targets=event.targets,
        reason=event.reason,
        request_id=event.request_id,
        client_request_id=event.client_request_id,
        peer=event.peer,
        environment=event.environment,
        organization_id=event.organization_id,
        outcome=pb.AuditEvent.Outcome.Value(event.outcome),
        hash=sealed.hash,
        previous_hash=sealed.prev_hash,
    )
    set_time(message.event_time, event.time)
    if event.before is not None:
        ParseDict(dict(event.before), message.before)
    if event.after is not None:
        ParseDict(dict(event.after), message.after)
    return message
