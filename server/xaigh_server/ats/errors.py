"""Errors of syncs. A batch that raises one writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from xaigh_server.errors import DomainError, FieldViolation


class BatchTooLarge(DomainError):
    reason = "BATCH_TOO_LARGE"

    def __init__(self, count: int, *, most: int) -> None:
        super().__init__(
            f"A batch holds at most {most} records; this one holds {count}.",
            metadata={"count": str(count), "limit": str(most)},
            violations=[FieldViolation(path="jobs", description=f"At most {most} records.")],
        )


class ProviderMismatch(DomainError):
    reason = "PROVIDER_MISMATCH"

    def __init__(self, *, given: str, actual: str) -> None:
        super().__init__(
            f"The integration is one of {actual}, not of {given}.",
            metadata={"provider": actual},
            violations=[FieldViolation(path="provider", description=f"Must be {actual}.")],
        )


class IntegrationAmbiguous(DomainError):
    """`metadata.integrationIds` lists the integrations, separated by spaces."""

    reason = "INTEGRATION_AMBIGUOUS"

    def __init__(self, integration_ids: Sequence[str]) -> None:
        super().__init__(
            "Several integrations speak for this employer; name one in integrationId.",
            metadata={"integrationIds": " ".join(integration_ids)},
            violations=[FieldViolation(path="integrationId", description="Name one.")],
        )


class IntegrationInactive(DomainError):
    reason = "INTEGRATION_INACTIVE"

    def __init__(self, integration_id: str, state: str) -> None:
        super().__init__(
            f"Integration {integration_id} is {state}: an operator activates it.",
            metadata={"integrationId": integration_id, "state": state},
        )


class RunInProgress(DomainError):
    """Another run holds the lease. `retry_after` is what is left of it."""

    reason = "RUN_IN_PROGRESS"

    def __init__(self, sync_run_id: str, *, retry_after: float) -> None:
        super().__init__(
            f"Run {sync_run_id} of this integration is under way.",
            metadata={"syncRunId": sync_run_id},
            retry_after=retry_after,
        )


class RunOutdated(DomainError):
    reason = "RUN_OUTDATED"

    def __init__(self, sync_run_id: str) -> None:
        super().__init__(
            f"The feed was read before that of run {sync_run_id}.",
            metadata={"syncRunId": sync_run_id},
        )


class RunClosed(DomainError):
    reason = "RUN_CLOSED"

    def __init__(self, sync_run_id: str, state: str) -> None:
        super().__init__(
            f"Run {sync_run_id} is {state} and takes no more batches.",
            metadata={"syncRunId": sync_run_id, "state": state},
        )


class RunSuperseded(DomainError):
    reason = "RUN_SUPERSEDED"

    def __init__(self, sync_run_id: str) -> None:
        super().__init__(
            f"A newer run took over from run {sync_run_id}.", metadata={"syncRunId": sync_run_id}
        )


class BatchConflict(DomainError):
    reason = "BATCH_CONFLICT"

    def __init__(self, sync_run_id: str, batch_index: int) -> None:
        super().__init__(
            f"Batch {batch_index} of run {sync_run_id} came before with other content.",
            metadata={"syncRunId": sync_run_id, "batchIndex": str(batch_index)},
        )


class CloseNotPending(DomainError):
    reason = "CLOSE_NOT_PENDING"

    def __init__(self, sync_run_id: str, close_state: str) -> None:
        super().__init__(
            f"No mass close waits on run {sync_run_id}: it is {close_state}.",
            metadata={"syncRunId": sync_run_id, "closeState": close_state},
        )


class DriftNotPending(DomainError):
    reason = "DRIFT_NOT_PENDING"

    def __init__(self, sync_run_id: str, drift_state: str) -> None:
        super().__init__(
            f"No fields wait on run {sync_run_id}: {drift_state or 'none were held'}.",
            metadata={"syncRunId": sync_run_id, "driftState": drift_state},
        )


class DriftFieldsMismatch(DomainError):
    """`metadata.heldFields` lists the held fields, separated by spaces."""

    reason = "DRIFT_FIELDS_MISMATCH"

    def __init__(self, given: str, *, held: Sequence[str]) -> None:
        super().__init__(
            f"The run doesn't hold {given}; it holds {', '.join(held)}.",
            metadata={"heldFields": " ".join(held)},
            violations=[FieldViolation(path="fields", description=f"One of {', '.join(held)}.")],
        )


class CloseCountMismatch(DomainError):
    reason = "CLOSE_COUNT_MISMATCH"

    def __init__(self, *, given: int, held: int) -> None:
        super().__init__(
            f"The run holds back {held} closes, not {given}.",
            metadata={"closeCount": str(held)},
            violations=[FieldViolation(path="closeCount", description=f"Must be {held}.")],
        )


class RetireSandboxOnly(DomainError):
    reason = "RETIRE_SANDBOX_ONLY"
    default_message = "Integrations of production are deactivated by operators."
