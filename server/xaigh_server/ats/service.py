"""Service of syncs: batches, feeds, runs, events, status, and the confirmation of held closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from google.protobuf.message import Message

from xaigh.ats.v1 import ats_sync_service_pb2 as pb
from xaigh.ats.v1 import sync_event_pb2, sync_pb2, sync_run_pb2, sync_status_pb2
from xaigh.jobs.v1 import job_pb2
from xaigh_server.ats.batch import Batch, BatchHeader
from xaigh_server.ats.closing import confirm_close
from xaigh_server.ats.drift_guard import confirm_drift
from xaigh_server.ats.engine import (
    find_integration,
    own_integration,
    own_integrations,
    take_batch,
)
from xaigh_server.ats.feed import FeedIntake
from xaigh_server.ats.forward_targets import ForwardTargets
from xaigh_server.ats.integration_service import IntegrationHandlers
from xaigh_server.ats.integrations import Integration
from xaigh_server.ats.listing import page_of_events, page_of_runs
from xaigh_server.ats.match import Matcher, candidates
from xaigh_server.ats.messages import provider_word, run_to_pb
from xaigh_server.ats.normalizer_pool import NormalizerPool
from xaigh_server.ats.records import Record, digest_of, record_of, text_of
from xaigh_server.ats.repository.events import EventFilter
from xaigh_server.ats.repository.integrations import IntegrationFilter
from xaigh_server.ats.repository.mirrors import Mirrors
from xaigh_server.ats.repository.runs import RunFilter, Runs
from xaigh_server.ats.runs import Run
from xaigh_server.ats.status import ownership_to_pb, status_of
from xaigh_server.errors import NotFound
from xaigh_server.jobs.employer_access import wanted_employers
from xaigh_server.jobs.ownership import load_ownership
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read, Stream, Write
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.timestamps import get_time
from xaigh_server.rpc.unit_of_work import UnitOfWork
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

_JOBS = "jobs"


class AtsSyncService:
    """Answers xaigh.ats.v1.AtsSyncService."""

    name = "xaigh.ats.v1.AtsSyncService"

    def __init__(
        self,
        *,
        units: UnitOfWorkFactory,
        page_tokens: PageTokens,
        normalizers: NormalizerPool | None = None,
        targets: ForwardTargets | None = None,
    ) -> None:
        """`normalizers` normalize records; by default in this process, which is for tests.

        `targets` says what may take forwarded applications; by default public HTTPS URLs.
        """
        self._units = units
        self._normalizers = normalizers or NormalizerPool()
        self._paging = Paging(page_tokens)
        self._integrations = IntegrationHandlers(self._paging, targets or ForwardTargets())
        self._feeds = FeedIntake(units=units, prepare=self.prepare)
        self._fields = ownership_to_pb(
            load_ownership(job_pb2.Job.DESCRIPTOR), job_pb2.Job.DESCRIPTOR
        )

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "SyncJobs": Write(
                self.sync_jobs,
                prepare=self.prepare_sync,
                detach=partial(detach_records, self._normalizers),
                prove=prove_integration,
            ),
            "SyncFeed": Stream(self._feeds.run),
            "GetSyncStatus": Read(self.get_sync_status),
            "ListSyncRuns": Read(self.list_sync_runs),
            "ListSyncEvents": Read(self.list_sync_events),
            "ConfirmClose": Write(self.confirm_close, prove=prove_integration),
            "ConfirmDrift": Write(self.confirm_drift, prove=prove_integration),
            **self._integrations.handlers(),
        }

    async def prepare_sync(self, request: pb.SyncJobsRequest, call: Call) -> Batch:
        """The batch of a request, checked and normalized."""
        header = _header_of(request)
        records = [*call.detached[_JOBS], *map(record_of, request.normalized_jobs)]
        header.check(len(records))
        return await self.prepare(header, records, call)

    async def prepare(self, header: BatchHeader, records: Sequence[Record], call: Call) -> Batch:
        """All steps before the transaction: fingerprint, match, normalize."""

        def begin(unit: UnitOfWork) -> Batch:
            integration = find_integration(unit, header)
            return Batch(header=header, integration=integration, now=unit.now, records=records)

        batch = await self._units.point(call, begin)
        batch = await self._normalizers.fingerprint(batch)
        batch = await self._match(batch, call)
        return await self._normalizers.normalize(batch)

    async def _match(self, batch: Batch, call: Call) -> Batch:
        job_ids = candidates(batch.fingerprints)
        mirrors = await self._units.point(call, lambda unit: Mirrors(unit.session).known(job_ids))
        matcher = Matcher(batch.integration, batch.now)
        found = matcher.match(batch.fingerprints, mirrors.by_job)
        return replace(batch, mirrors=mirrors, parsed=found)

    def sync_jobs(self, _: pb.SyncJobsRequest, unit: UnitOfWork) -> sync_pb2.SyncJobsResponse:
        """The steps inside the transaction: plan and apply.

        A batch that came before under another idempotency key is a replay, and no usage.
        """
        reply = take_batch(unit, unit.prepared)
        unit.call.replayed = reply.replayed
        return reply

    def confirm_close(
        self, request: pb.ConfirmCloseRequest, unit: UnitOfWork
    ) -> sync_run_pb2.SyncRun:
        """Closes what a run held back, if the count is exactly the one held."""
        integration, run = _own_run(unit, request.sync_run_id)
        after = confirm_close(unit, integration, run, request.close_count)
        unit.audit(
            integration.integration_id,
            run.sync_run_id,
            before={"closeState": run.close.state.value, "closeCount": run.close.count},
            after={"closeState": after.close.state.value, "closeCount": after.close.count},
        )
        return run_to_pb(after, unit.now)

    def confirm_drift(
        self, request: pb.ConfirmDriftRequest, unit: UnitOfWork
    ) -> sync_run_pb2.SyncRun:
        """Clears fields that a run held back."""
        integration, run = _own_run(unit, request.sync_run_id)
        after, count = confirm_drift(unit, integration, run, request.fields)
        unit.audit(
            integration.integration_id,
            run.sync_run_id,
            before={"heldFields": [] if run.drift is None else list(run.drift.names)},
            after={"clearedFields": list(request.fields), "roles": count},
        )
        return run_to_pb(after, unit.now)

    def get_sync_status(
        self, request: pb.GetSyncStatusRequest, unit: UnitOfWork
    ) -> sync_status_pb2.SyncStatus:
        wanted = IntegrationFilter(
            provider=provider_word(request.provider), employer_id=request.employer_user_id
        )
        asked = wanted_employers(unit, request.employer_user_id)
        return status_of(unit, own_integrations(unit, wanted) if asked else [], self._fields)

    def list_sync_runs(
        self, request: pb.ListSyncRunsRequest, unit: UnitOfWork
    ) -> pb.ListSyncRunsResponse:
        wanted = RunFilter(
            integration_ids=_reachable(unit, request.integration_id),
            provider=provider_word(request.provider),
            state=sync_run_pb2.SyncRun.State.Name(request.state) if request.state else "",
        )
        runs, token = page_of_runs(self._paging, wanted, request, unit)
        return pb.ListSyncRunsResponse(runs=runs, next_page_token=token)

    def list_sync_events(
        self, request: pb.ListSyncEventsRequest, unit: UnitOfWork
    ) -> pb.ListSyncEventsResponse:
        run = Runs(unit.session).find(unit.organization_id, request.sync_run_id)
        if request.sync_run_id and run is None:
            return pb.ListSyncEventsResponse()
        kinds = sync_event_pb2.AtsJobSyncEvent.Type
        wanted = EventFilter(
            integration_ids=_reachable(unit, request.integration_id),
            run=0 if run is None else run.number,
            job_id=request.job_id,
            type=kinds.Name(request.type) if request.type else "",
        )
        events, token = page_of_events(self._paging, wanted, request, unit)
        return pb.ListSyncEventsResponse(events=events, next_page_token=token)


def prove_integration(
    _: Message, reply: sync_pb2.SyncJobsResponse | sync_run_pb2.SyncRun, unit: UnitOfWork
) -> None:
    """A replay shows a run to those who may see its integration. Raises NotFound."""
    own_integration(unit, reply.integration_id)


async def detach_records(
    normalizers: NormalizerPool, request: pb.SyncJobsRequest, call: Call
) -> bytes:
    """Moves the provider's records from a request to the call, and returns their digest.

    They are canonical texts, the same on both transports, whatever the order of members and the
    spaces were. A batch with a number that JSON can't say keeps its wire form.
    """
    objects = call.detached.get(_JOBS)
    if objects is None:
        records, digest = await normalizers.detach(request.jobs)
        del request.jobs[:]
    else:
        texts = [text_of(each) for each in objects]
        records, digest = list(texts), digest_of(texts)
    call.detached = {_JOBS: records}
    return digest


def _own_run(unit: UnitOfWork, sync_run_id: str) -> tuple[Integration, Run]:
    """A run and its integration. Raises NotFound unless the caller may reach them."""
    run = Runs(unit.session).find(unit.organization_id, sync_run_id)
    if run is None:
        raise NotFound("sync run", sync_run_id)
    try:
        return own_integration(unit, run.integration_id), run
    except NotFound:
        raise NotFound("sync run", sync_run_id) from None


def _header_of(request: pb.SyncJobsRequest) -> BatchHeader:
    return BatchHeader(
        provider=provider_word(request.provider),
        integration_id=request.integration_id,
        employer_id=request.employer_user_id,
        sync_run_id=request.sync_run_id,
        batch_index=request.batch_index if request.HasField("batch_index") else None,
        complete=request.complete,
        expected_total=request.expected_total if request.HasField("expected_total") else None,
        close_missing=request.close_missing,
        generated_time=get_time(request, "generated_at"),
        dry_run=request.validate_only,
    )


def _reachable(unit: UnitOfWork, integration_id: str) -> list[str]:
    """The integrations that a list is about: all that the caller may reach, or the one asked."""
    own = own_integrations(unit, IntegrationFilter())
    return [each.integration_id for each in own if integration_id in ("", each.integration_id)]
