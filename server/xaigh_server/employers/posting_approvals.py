"""Handlers of approvals: postings that wait are approved or returned by another key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from xaigh.employers.v1 import employer_pb2
from xaigh.employers.v1 import employers_service_pb2 as api
from xaigh_server.employers.messages import employer_job_to_pb
from xaigh_server.employers.model import check_approver
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.jobs.change_log import publish
from xaigh_server.jobs.employer_access import own_job
from xaigh_server.jobs.model import ChangeKind, Job, Publication
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.etags import check_etag
from xaigh_server.rpc.unit_of_work import UnitOfWork

FindRotation: TypeAlias = Callable[[str], Awaitable[frozenset[str]]]
"""(key id) -> the ids of the key, of those before it in its rotations, and of those after it."""


class PostingApprovals:
    """Answers ApprovePosting and ReturnPosting."""

    def __init__(self, find_rotation: FindRotation) -> None:
        """`find_rotation` reads the control database, which a business unit can't."""
        self._find_rotation = find_rotation

    async def prepare_approval(self, _: api.ApprovePostingRequest, call: Call) -> frozenset[str]:
        """Finds the keys of the caller's rotation.

        One that is made meanwhile can't have written what the caller's etag names.
        """
        principal = call.principal
        assert isinstance(principal, KeyPrincipal)  # the scope is one of keys
        return await self._find_rotation(principal.key_id)

    def approve_posting(
        self, request: api.ApprovePostingRequest, unit: UnitOfWork
    ) -> employer_pb2.EmployerJob:
        """Opens a job that waits, unless the caller wrote it."""
        job = own_job(unit, request.job_id)
        check_etag(request.etag, job.etag)
        approved = job.posting.publication.approved()
        check_approver(job, unit.prepared)
        return _decide(unit, job, approved, ChangeKind.APPROVED)

    def return_posting(
        self, request: api.ReturnPostingRequest, unit: UnitOfWork
    ) -> employer_pb2.EmployerJob:
        """Gives a job that waits back to its integrator."""
        job = own_job(unit, request.job_id)
        check_etag(request.etag, job.etag)
        returned = job.posting.publication.returned(request.reason)
        return _decide(unit, job, returned, ChangeKind.RETURNED, reason=request.reason)


def prove_posting(
    request: api.ApprovePostingRequest | api.ReturnPostingRequest,
    _: employer_pb2.EmployerJob,
    unit: UnitOfWork,
) -> None:
    """Checks access to the job of a replayed reply. Raises NotFound."""
    own_job(unit, request.job_id)


def _decide(
    unit: UnitOfWork, job: Job, publication: Publication, kind: ChangeKind, *, reason: str = ""
) -> employer_pb2.EmployerJob:
    posting = replace(
        job.posting,
        publication=publication,
        revision=job.posting.revision + 1,
        updated_time=unit.now,
    )
    after = replace(job, posting=posting)
    Jobs(unit.session).store_posting(job.number, posting)
    publish(unit, after, kind)
    before = {"state": job.posting.publication.state, "etag": job.etag}
    unit.audit(job.job_id, before=before, after={"state": publication.state}, reason=reason)
    return employer_job_to_pb(after)
