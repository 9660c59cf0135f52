# Generated from the protos by `make generate`. Don't edit.
"""Mirrors the jobs of a client's ATS. A role is closed by absence only when a feed is
proved whole, and a sync never touches the operations half of a job. An integration is
reached by keys whose grant holds all of its employers.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from xaigh.ats.v1 import (
    ats_sync_service_pb2,
    integration_pb2,
    normalized_job_pb2,
    sync_event_pb2,
    sync_pb2,
    sync_run_pb2,
    sync_status_pb2,
)
from xaigh.jobs.v1 import ats_job_link_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = ats_sync_service_pb2.DESCRIPTOR.services_by_name["AtsSyncService"].methods_by_name


class Ats:
    """Mirrors the jobs of a client's ATS. A role is closed by absence only when a feed is
    proved whole, and a sync never touches the operations half of a job. An integration is
    reached by keys whose grant holds all of its employers.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def sync_jobs(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        integration_id: str | None = None,
        jobs: Iterable[values.Json] | None = None,
        normalized_jobs: Iterable[normalized_job_pb2.NormalizedJob | Mapping[str, Any]]
        | None = None,
        sync_run_id: str | None = None,
        batch_index: int | None = None,
        complete: bool | None = None,
        expected_total: int | None = None,
        close_missing: bool | None = None,
        generated_at: values.Time | None = None,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_pb2.SyncJobsResponse:
        """Takes a batch of at most 200 records. Each gets an outcome of its own; one bad record
        never fails the others. Batches with one `syncRunId` form a run.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/sync`.

        Args:
            provider: The provider. It may be left out where `integration_id` is given.
            employer_user_id: The employer that the records belong to. It may be left out where
                the integration speaks for one employer alone.
            integration_id: The integration. Empty: the one of the provider and the employer, of
                which there must be exactly one.
            jobs: Records as the provider gives them, one object each, verbatim. An object of
                the form of NormalizedJob is taken as such. Numbers are doubles, as in all of
                JSON's own tools: send an id past 2^53 as a string. At most 200 records in all.
            normalized_jobs: Records that are normalized already, typed.
            sync_run_id: The run that the batch belongs to, an id of the caller's own choice.
                Empty: the batch stands alone.
            batch_index: The batch's place in its run, from 0. Required with `sync_run_id`.
                Batches may come in any order. The same one again is answered as it was then;
                with other content it is refused with BATCH_CONFLICT.
            complete: True: this batch is the last one of its run, and `expected_total` says how
                many ids the run holds. The run is complete once as many came.
            expected_total: How many distinct ids the whole feed holds. Required with `complete`
                in a run, and for a batch that stands alone, closes and holds 200 records.
                Otherwise, and absent: what this batch holds.
            close_missing: True: once the run is complete, close the open roles of the
                integration that it didn't hold. A batch that stands alone is then a whole run.
            generated_at: When the feed was read. For providers that don't date their records,
                an older reading never overwrites a newer one. Absent: when the run begins.
            validate_only: True: answer as if, and write nothing. Needs no idempotency key.
        """
        return self._caller.unary(
            _METHODS["SyncJobs"],
            sync_pb2.SyncJobsResponse,
            {
                "provider": provider,
                "employer_user_id": employer_user_id,
                "integration_id": integration_id,
                "jobs": jobs,
                "normalized_jobs": normalized_jobs,
                "sync_run_id": sync_run_id,
                "batch_index": batch_index,
                "complete": complete,
                "expected_total": expected_total,
                "close_missing": close_missing,
                "generated_at": generated_at,
                "validate_only": validate_only,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def sync_feed(
        self,
        requests: Iterable[sync_pb2.SyncFeedRequest | Mapping[str, Any]],
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Stream[sync_pb2.SyncFeedResponse]:
        """Takes a feed of any size as one stream and makes one run of it. Every 200 records are
        written in a transaction of their own; the run completes with the last message only.
        Over REST the request is NDJSON, one message a line, and the answer the last message
        alone, the summary, as one JSON document; every message comes to whoever names
        `application/x-ndjson` in `Accept`.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/feed`.
        """
        return self._caller.feed(
            _METHODS["SyncFeed"],
            sync_pb2.SyncFeedResponse,
            requests,
            timeout=timeout,
            metadata=metadata,
        )

    def get_sync_status(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_status_pb2.SyncStatus:
        """Tells how the syncs stand: roles, last attempts, staleness, closes that wait, and who
        writes which field.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/status`.

        Args:
            provider: Only integrations of this provider.
            employer_user_id: Only integrations that speak for this employer.
        """
        return self._caller.unary(
            _METHODS["GetSyncStatus"],
            sync_status_pb2.SyncStatus,
            {"provider": provider, "employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_runs(
        self,
        *,
        integration_id: str | None = None,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        state: Literal["OPEN", "COMPLETED", "INCOMPLETE", "PARTIAL", "SUPERSEDED", "EXPIRED"]
        | sync_run_pb2.SyncRun.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[ats_sync_service_pb2.ListSyncRunsResponse, sync_run_pb2.SyncRun]:
        """Lists runs, newest first.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/runs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            integration_id: Only runs of this integration.
            provider: Only runs of this provider.
            state: Only runs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncRuns"],
            ats_sync_service_pb2.ListSyncRunsResponse,
            "runs",
            sync_run_pb2.SyncRun,
            {
                "integration_id": integration_id,
                "provider": provider,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_events(
        self,
        *,
        integration_id: str | None = None,
        sync_run_id: str | None = None,
        job_id: str | None = None,
        type: Literal["CREATED", "UPDATED", "REOPENED", "CLOSED", "MISSING_FROM_ATS"]
        | sync_event_pb2.AtsJobSyncEvent.Type.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[ats_sync_service_pb2.ListSyncEventsResponse, sync_event_pb2.AtsJobSyncEvent]:
        """Lists what syncs did to single roles, newest first.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            integration_id: Only events of this integration.
            sync_run_id: Only events of this run.
            job_id: Only events of this mirror.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncEvents"],
            ats_sync_service_pb2.ListSyncEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "integration_id": integration_id,
                "sync_run_id": sync_run_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def confirm_close(
        self,
        *,
        sync_run_id: str,
        close_count: int,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_run_pb2.SyncRun:
        """Closes the roles that the guard held back, once and within a day, if the count is
        exactly the one held. Roles that came back meanwhile stay open.

        Needs the scope `ats:confirm`. Over REST: `POST
        /v1/jobs/ats/runs/{sync_run_id}:confirmClose`.

        Args:
            sync_run_id: The run that was held.
            close_count: How many roles to close: exactly the count that the run holds back.
        """
        return self._caller.unary(
            _METHODS["ConfirmClose"],
            sync_run_pb2.SyncRun,
            {"sync_run_id": sync_run_id, "close_count": close_count},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def confirm_drift(
        self,
        *,
        sync_run_id: str,
        fields: Iterable[str],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_run_pb2.SyncRun:
        """Clears the fields that the guard held back because too many roles lost them at once:
        once, within a day, and those that are named. Roles that have the field again meanwhile
        keep it.

        Needs the scope `ats:confirm`. Over REST: `POST
        /v1/jobs/ats/runs/{sync_run_id}:confirmDrift`.

        Args:
            sync_run_id: The run that was held.
            fields: The fields to clear, each of them held by the run: `locations`, `pay`,
                `department`, `description`, `applyUrl`, `employmentType`, `workplaceType`. Held
                fields that aren't named stay as they are.
        """
        return self._caller.unary(
            _METHODS["ConfirmDrift"],
            sync_run_pb2.SyncRun,
            {"sync_run_id": sync_run_id, "fields": fields},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def create_integration(
        self,
        *,
        integration: integration_pb2.AtsIntegration | Mapping[str, Any],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Makes an integration. In production it is PENDING until an operator activates it; in the
        sandbox it is ACTIVE at once.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/integrations`.

        Args:
            integration: Its provider, its employers, and what else is to be other than by
                default.
        """
        return self._caller.unary(
            _METHODS["CreateIntegration"],
            integration_pb2.AtsIntegration,
            {"integration": integration},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_integrations(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[ats_sync_service_pb2.ListIntegrationsResponse, integration_pb2.AtsIntegration]:
        """Lists integrations in the order of their making.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/integrations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            provider: Only those of this provider.
            employer_user_id: Only those that speak for this employer.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListIntegrations"],
            ats_sync_service_pb2.ListIntegrationsResponse,
            "integrations",
            integration_pb2.AtsIntegration,
            {
                "provider": provider,
                "employer_user_id": employer_user_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_integration(
        self,
        *,
        integration_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Reads one integration.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/integrations/{integration_id}`.

        Args:
            integration_id: The integration.
        """
        return self._caller.unary(
            _METHODS["GetIntegration"],
            integration_pb2.AtsIntegration,
            {"integration_id": integration_id},
            timeout=timeout,
            metadata=metadata,
        )

    def update_integration(
        self,
        *,
        integration: integration_pb2.AtsIntegration | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Changes the fields that the mask names. A change of the reviewed terms (board,
        employers, guard, apply mode, forward target) of an active integration waits beside it
        as its `pendingChange` until an operator applies it; in the sandbox it holds at once. A
        later change adds to the one that waits, and one back to the terms in force withdraws
        it.

        Needs the scope `ats:sync`. Over REST: `PATCH
        /v1/jobs/ats/integrations/{integration.integration_id}`.

        Args:
            integration: The integration: its id, the new values, and optionally the etag that
                was read.
            update_mask: The fields to change, for example `displayName,staleAfter`. A field
                that is named and not set is cleared. `*`: all that may change. Empty: the
                fields that are set in the request.
        """
        return self._caller.unary(
            _METHODS["UpdateIntegration"],
            integration_pb2.AtsIntegration,
            {"integration": integration, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def retire_integration(
        self,
        *,
        integration_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Ends an integration of the sandbox for its own organization: all of its open roles are
        closed, and direct jobs of its employers can be posted again. In production an operator
        deactivates it. An ended one stays as it is, and nothing is recorded.

        Needs the scope `ats:sync`. Over REST: `POST
        /v1/jobs/ats/integrations/{integration_id}:retire`.

        Args:
            integration_id: The integration.
        """
        return self._caller.unary(
            _METHODS["RetireIntegration"],
            integration_pb2.AtsIntegration,
            {"integration_id": integration_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def activate_integration(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Activates an integration: it syncs from then on, and direct jobs of its employers can no
        longer be posted. Those that exist stay as they are. An active one stays as it is, and
        nothing is recorded.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:activate`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at. Empty: whatever it is.
            note: What the operator checked; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["ActivateIntegration"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "note": note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def apply_integration_change(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str,
        note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Applies the pending change of an active integration: its terms hold from the next call
        on. Roles of an employer that it no longer speaks for stay as they are.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:applyChange`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at, so that nobody applies another
                change than the one shown.
            note: What the operator checked; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["ApplyIntegrationChange"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "note": note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def discard_integration_change(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Discards the pending change of an active integration: its terms stay.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:discardChange`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at, so that nobody discards
                another change than the one shown.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["DiscardIntegrationChange"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def deactivate_integration(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        mirrors: Literal["KEEP", "CLOSE"]
        | ats_sync_service_pb2.DeactivateIntegrationRequest.Mirrors.ValueType,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Stops an integration, and says what becomes of its open roles. Direct jobs of its
        employers can be posted again. Its open run ends, and its held close and its pending
        change are cancelled. Of a stopped one, CLOSE still closes the roles that were kept.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:deactivate`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            mirrors: What becomes of its open roles.
            reason: Why; kept in the audit log.
        """
        return self._caller.unary(
            _METHODS["DeactivateIntegration"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "mirrors": mirrors,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncAts:
    """Mirrors the jobs of a client's ATS. A role is closed by absence only when a feed is
    proved whole, and a sync never touches the operations half of a job. An integration is
    reached by keys whose grant holds all of its employers.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def sync_jobs(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        integration_id: str | None = None,
        jobs: Iterable[values.Json] | None = None,
        normalized_jobs: Iterable[normalized_job_pb2.NormalizedJob | Mapping[str, Any]]
        | None = None,
        sync_run_id: str | None = None,
        batch_index: int | None = None,
        complete: bool | None = None,
        expected_total: int | None = None,
        close_missing: bool | None = None,
        generated_at: values.Time | None = None,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_pb2.SyncJobsResponse:
        """Takes a batch of at most 200 records. Each gets an outcome of its own; one bad record
        never fails the others. Batches with one `syncRunId` form a run.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/sync`.

        Args:
            provider: The provider. It may be left out where `integration_id` is given.
            employer_user_id: The employer that the records belong to. It may be left out where
                the integration speaks for one employer alone.
            integration_id: The integration. Empty: the one of the provider and the employer, of
                which there must be exactly one.
            jobs: Records as the provider gives them, one object each, verbatim. An object of
                the form of NormalizedJob is taken as such. Numbers are doubles, as in all of
                JSON's own tools: send an id past 2^53 as a string. At most 200 records in all.
            normalized_jobs: Records that are normalized already, typed.
            sync_run_id: The run that the batch belongs to, an id of the caller's own choice.
                Empty: the batch stands alone.
            batch_index: The batch's place in its run, from 0. Required with `sync_run_id`.
                Batches may come in any order. The same one again is answered as it was then;
                with other content it is refused with BATCH_CONFLICT.
            complete: True: this batch is the last one of its run, and `expected_total` says how
                many ids the run holds. The run is complete once as many came.
            expected_total: How many distinct ids the whole feed holds. Required with `complete`
                in a run, and for a batch that stands alone, closes and holds 200 records.
                Otherwise, and absent: what this batch holds.
            close_missing: True: once the run is complete, close the open roles of the
                integration that it didn't hold. A batch that stands alone is then a whole run.
            generated_at: When the feed was read. For providers that don't date their records,
                an older reading never overwrites a newer one. Absent: when the run begins.
            validate_only: True: answer as if, and write nothing. Needs no idempotency key.
        """
        return await self._caller.unary(
            _METHODS["SyncJobs"],
            sync_pb2.SyncJobsResponse,
            {
                "provider": provider,
                "employer_user_id": employer_user_id,
                "integration_id": integration_id,
                "jobs": jobs,
                "normalized_jobs": normalized_jobs,
                "sync_run_id": sync_run_id,
                "batch_index": batch_index,
                "complete": complete,
                "expected_total": expected_total,
                "close_missing": close_missing,
                "generated_at": generated_at,
                "validate_only": validate_only,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def sync_feed(
        self,
        requests: AsyncIterable[sync_pb2.SyncFeedRequest | Mapping[str, Any]],
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncStream[sync_pb2.SyncFeedResponse]:
        """Takes a feed of any size as one stream and makes one run of it. Every 200 records are
        written in a transaction of their own; the run completes with the last message only.
        Over REST the request is NDJSON, one message a line, and the answer the last message
        alone, the summary, as one JSON document; every message comes to whoever names
        `application/x-ndjson` in `Accept`.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/feed`.
        """
        return self._caller.feed(
            _METHODS["SyncFeed"],
            sync_pb2.SyncFeedResponse,
            requests,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_sync_status(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_status_pb2.SyncStatus:
        """Tells how the syncs stand: roles, last attempts, staleness, closes that wait, and who
        writes which field.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/status`.

        Args:
            provider: Only integrations of this provider.
            employer_user_id: Only integrations that speak for this employer.
        """
        return await self._caller.unary(
            _METHODS["GetSyncStatus"],
            sync_status_pb2.SyncStatus,
            {"provider": provider, "employer_user_id": employer_user_id},
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_runs(
        self,
        *,
        integration_id: str | None = None,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        state: Literal["OPEN", "COMPLETED", "INCOMPLETE", "PARTIAL", "SUPERSEDED", "EXPIRED"]
        | sync_run_pb2.SyncRun.State.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[ats_sync_service_pb2.ListSyncRunsResponse, sync_run_pb2.SyncRun]:
        """Lists runs, newest first.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/runs`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            integration_id: Only runs of this integration.
            provider: Only runs of this provider.
            state: Only runs in this state.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncRuns"],
            ats_sync_service_pb2.ListSyncRunsResponse,
            "runs",
            sync_run_pb2.SyncRun,
            {
                "integration_id": integration_id,
                "provider": provider,
                "state": state,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def list_sync_events(
        self,
        *,
        integration_id: str | None = None,
        sync_run_id: str | None = None,
        job_id: str | None = None,
        type: Literal["CREATED", "UPDATED", "REOPENED", "CLOSED", "MISSING_FROM_ATS"]
        | sync_event_pb2.AtsJobSyncEvent.Type.ValueType
        | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[ats_sync_service_pb2.ListSyncEventsResponse, sync_event_pb2.AtsJobSyncEvent]:
        """Lists what syncs did to single roles, newest first.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/events`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            integration_id: Only events of this integration.
            sync_run_id: Only events of this run.
            job_id: Only events of this mirror.
            type: Only events of this type.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListSyncEvents"],
            ats_sync_service_pb2.ListSyncEventsResponse,
            "events",
            sync_event_pb2.AtsJobSyncEvent,
            {
                "integration_id": integration_id,
                "sync_run_id": sync_run_id,
                "job_id": job_id,
                "type": type,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def confirm_close(
        self,
        *,
        sync_run_id: str,
        close_count: int,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_run_pb2.SyncRun:
        """Closes the roles that the guard held back, once and within a day, if the count is
        exactly the one held. Roles that came back meanwhile stay open.

        Needs the scope `ats:confirm`. Over REST: `POST
        /v1/jobs/ats/runs/{sync_run_id}:confirmClose`.

        Args:
            sync_run_id: The run that was held.
            close_count: How many roles to close: exactly the count that the run holds back.
        """
        return await self._caller.unary(
            _METHODS["ConfirmClose"],
            sync_run_pb2.SyncRun,
            {"sync_run_id": sync_run_id, "close_count": close_count},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def confirm_drift(
        self,
        *,
        sync_run_id: str,
        fields: Iterable[str],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> sync_run_pb2.SyncRun:
        """Clears the fields that the guard held back because too many roles lost them at once:
        once, within a day, and those that are named. Roles that have the field again meanwhile
        keep it.

        Needs the scope `ats:confirm`. Over REST: `POST
        /v1/jobs/ats/runs/{sync_run_id}:confirmDrift`.

        Args:
            sync_run_id: The run that was held.
            fields: The fields to clear, each of them held by the run: `locations`, `pay`,
                `department`, `description`, `applyUrl`, `employmentType`, `workplaceType`. Held
                fields that aren't named stay as they are.
        """
        return await self._caller.unary(
            _METHODS["ConfirmDrift"],
            sync_run_pb2.SyncRun,
            {"sync_run_id": sync_run_id, "fields": fields},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def create_integration(
        self,
        *,
        integration: integration_pb2.AtsIntegration | Mapping[str, Any],
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Makes an integration. In production it is PENDING until an operator activates it; in the
        sandbox it is ACTIVE at once.

        Needs the scope `ats:sync`. Over REST: `POST /v1/jobs/ats/integrations`.

        Args:
            integration: Its provider, its employers, and what else is to be other than by
                default.
        """
        return await self._caller.unary(
            _METHODS["CreateIntegration"],
            integration_pb2.AtsIntegration,
            {"integration": integration},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_integrations(
        self,
        *,
        provider: Literal["WORKDAY", "GREENHOUSE", "LEVER", "ASHBY", "ICIMS", "CUSTOM"]
        | ats_job_link_pb2.AtsJobLink.Provider.ValueType
        | None = None,
        employer_user_id: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[ats_sync_service_pb2.ListIntegrationsResponse, integration_pb2.AtsIntegration]:
        """Lists integrations in the order of their making.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/integrations`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            provider: Only those of this provider.
            employer_user_id: Only those that speak for this employer.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListIntegrations"],
            ats_sync_service_pb2.ListIntegrationsResponse,
            "integrations",
            integration_pb2.AtsIntegration,
            {
                "provider": provider,
                "employer_user_id": employer_user_id,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_integration(
        self,
        *,
        integration_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Reads one integration.

        Needs the scope `ats:read`. Over REST: `GET /v1/jobs/ats/integrations/{integration_id}`.

        Args:
            integration_id: The integration.
        """
        return await self._caller.unary(
            _METHODS["GetIntegration"],
            integration_pb2.AtsIntegration,
            {"integration_id": integration_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def update_integration(
        self,
        *,
        integration: integration_pb2.AtsIntegration | Mapping[str, Any],
        update_mask: values.Mask | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Changes the fields that the mask names. A change of the reviewed terms (board,
        employers, guard, apply mode, forward target) of an active integration waits beside it
        as its `pendingChange` until an operator applies it; in the sandbox it holds at once. A
        later change adds to the one that waits, and one back to the terms in force withdraws
        it.

        Needs the scope `ats:sync`. Over REST: `PATCH
        /v1/jobs/ats/integrations/{integration.integration_id}`.

        Args:
            integration: The integration: its id, the new values, and optionally the etag that
                was read.
            update_mask: The fields to change, for example `displayName,staleAfter`. A field
                that is named and not set is cleared. `*`: all that may change. Empty: the
                fields that are set in the request.
        """
        return await self._caller.unary(
            _METHODS["UpdateIntegration"],
            integration_pb2.AtsIntegration,
            {"integration": integration, "update_mask": update_mask},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def retire_integration(
        self,
        *,
        integration_id: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Ends an integration of the sandbox for its own organization: all of its open roles are
        closed, and direct jobs of its employers can be posted again. In production an operator
        deactivates it. An ended one stays as it is, and nothing is recorded.

        Needs the scope `ats:sync`. Over REST: `POST
        /v1/jobs/ats/integrations/{integration_id}:retire`.

        Args:
            integration_id: The integration.
        """
        return await self._caller.unary(
            _METHODS["RetireIntegration"],
            integration_pb2.AtsIntegration,
            {"integration_id": integration_id},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def activate_integration(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Activates an integration: it syncs from then on, and direct jobs of its employers can no
        longer be posted. Those that exist stay as they are. An active one stays as it is, and
        nothing is recorded.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:activate`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at. Empty: whatever it is.
            note: What the operator checked; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["ActivateIntegration"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "note": note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def apply_integration_change(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str,
        note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Applies the pending change of an active integration: its terms hold from the next call
        on. Roles of an employer that it no longer speaks for stay as they are.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:applyChange`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at, so that nobody applies another
                change than the one shown.
            note: What the operator checked; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["ApplyIntegrationChange"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "note": note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def discard_integration_change(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        etag: str,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Discards the pending change of an active integration: its terms stay.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:discardChange`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            etag: The etag of the integration that was looked at, so that nobody discards
                another change than the one shown.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["DiscardIntegrationChange"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "etag": etag,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def deactivate_integration(
        self,
        *,
        organization_id: str,
        integration_id: str,
        environment: str,
        mirrors: Literal["KEEP", "CLOSE"]
        | ats_sync_service_pb2.DeactivateIntegrationRequest.Mirrors.ValueType,
        reason: str,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> integration_pb2.AtsIntegration:
        """Stops an integration, and says what becomes of its open roles. Direct jobs of its
        employers can be posted again. Its open run ends, and its held close and its pending
        change are cancelled. Of a stopped one, CLOSE still closes the roles that were kept.

        Needs the scope `organizations:write`. Over REST: `POST
        /v1/admin/organizations/{organization_id}/integrations/{integration_id}:deactivate`.

        Args:
            organization_id: The organization that it belongs to.
            integration_id: The integration.
            environment: `sandbox` or `production`.
            mirrors: What becomes of its open roles.
            reason: Why; kept in the audit log.
        """
        return await self._caller.unary(
            _METHODS["DeactivateIntegration"],
            integration_pb2.AtsIntegration,
            {
                "organization_id": organization_id,
                "integration_id": integration_id,
                "environment": environment,
                "mirrors": mirrors,
                "reason": reason,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
