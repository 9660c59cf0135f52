"""Access by employer: a key reaches the jobs and integrations of its grant's employers.

Objects of other employers are answered as if they didn't exist.
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
    """Returns the employers of the calling key's grant; empty for other callers."""
    return granted_employers(unit.call)


def granted_employers(call: Call) -> frozenset[str]:
    """Returns the employers of the calling key's grant; empty for other callers."""
    principal = call.principal
    return principal.grant.employer_ids if isinstance(principal, KeyPrincipal) else frozenset()


def check_employer(unit: UnitOfWork, employer_id: str) -> None:
    """Raises NotFound unless the employer is on the grant."""
    if employer_id not in employers(unit):
        raise NotFound("employer", employer_id)


def wanted_employers(unit: UnitOfWork, asked: str) -> tuple[str, ...]:
    """Returns the employers to list: the requested one, or all of the grant's, sorted.

    Returns () where the requested employer isn't on the grant, so that the list is empty.
    """
    return granted_of(unit.call, asked)


def granted_of(call: Call, asked: str) -> tuple[str, ...]:
    """Like `wanted_employers`, by the call alone."""
    own = granted_employers(call)
    if asked:
        return (asked,) if asked in own else ()
    return tuple(sorted(own))


def may_access_all(unit: UnitOfWork, employer_ids: Iterable[str]) -> bool:
    """Whether the grant has all of the employers."""
    return employers(unit).issuperset(employer_ids)


def own_job(unit: UnitOfWork, job_id: str) -> Job:
    """Returns the caller's job. Raises NotFound for a missing job or another caller's."""
    job = Jobs(unit.session).find(job_id)
    if (
        job is None
        or job.organization_id != unit.organization_id
        or job.employer_user_id not in employers(unit)
    ):
        raise NotFound("job", job_id)
    return job
