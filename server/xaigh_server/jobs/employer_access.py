"""What a call may reach: the jobs and integrations of the employers on its key's grant.

Whatever is outside answers exactly as if it didn't exist.
"""

from __future__ import annotations

from collections.abc import Iterable

from xaigh_server.errors import NotFound
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.jobs.model import Job
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.unit_of_work import UnitOfWork


def employers(unit: UnitOfWork) -> frozenset[str]:
    """The employers on the grant of the calling key; none for anybody else."""
    return granted_employers(unit.call)


def granted_employers(call: Call) -> frozenset[str]:
    """The employers on the grant of the calling key; none for anybody else."""
    principal = call.principal
    return principal.grant.employer_ids if isinstance(principal, KeyPrincipal) else frozenset()


def check_employer(unit: UnitOfWork, employer_id: str) -> None:
    """Raises NotFound unless the employer is on the grant."""
    if employer_id not in employers(unit):
        raise NotFound("employer", employer_id)


def wanted_employers(unit: UnitOfWork, asked: str) -> tuple[str, ...]:
    """The employers that a list is about: the one asked for, or all of the grant's, in order.

    None at all where the one asked for isn't on the grant: such a list is empty.
    """
    own = employers(unit)
    if asked:
        return (asked,) if asked in own else ()
    return tuple(sorted(own))


def may_access_all(unit: UnitOfWork, employer_ids: Iterable[str]) -> bool:
    """Whether every one of the employers is on the grant."""
    return employers(unit).issuperset(employer_ids)


def own_job(unit: UnitOfWork, job_id: str) -> Job:
    """The job. Raises NotFound for one that isn't there or isn't the caller's."""
    job = Jobs(unit.session).find(job_id)
    if (
        job is None
        or job.organization_id != unit.organization_id
        or job.employer_user_id not in employers(unit)
    ):
        raise NotFound("job", job_id)
    return job
