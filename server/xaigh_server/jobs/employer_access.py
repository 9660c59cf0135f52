"""Access by employer: a key reaches the jobs and integrations of its grant's employers.

Objects of other employers are answered as if they didn't exist. Each check leaves on the call the
employers that it found on the grant, for the request log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xaigh_server.errors import NotFound
from xaigh_server.identity.principal import KeyPrincipal
from xaigh_server.jobs.model import Job
from xaigh_server.jobs.repository import Jobs
from xaigh_server.rpc.call import Call, EmployersOf
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
    if not needs_employers(unit, (employer_id,)):
        raise NotFound("employer", employer_id)


def wanted_employers(unit: UnitOfWork, asked: str) -> tuple[str, ...]:
    """Returns the employers to list: the requested one, or all of the grant's, sorted.

    Returns () where the requested employer isn't on the grant, so that the list is empty.
    """
    return granted_of(unit.call, asked)


def granted_of(call: Call, asked: str) -> tuple[str, ...]:
    """Like `wanted_employers`, by the call alone."""
    own = granted_employers(call)
    if not asked:
        return tuple(sorted(own))
    if asked not in own:
        return ()
    _noted(call).lists.add(asked)
    return (asked,)


def may_access_all(unit: UnitOfWork, employer_ids: Iterable[str]) -> bool:
    """Whether the grant has all of the employers, for replies that leave out what it hasn't."""
    principal = unit.call.principal
    return isinstance(principal, KeyPrincipal) and principal.grant.covers(employer_ids)


def needs_employers(unit: UnitOfWork, employer_ids: Collection[str]) -> bool:
    """Whether the grant has all of the employers, for calls that are refused otherwise."""
    if not may_access_all(unit, employer_ids):
        return False
    _noted(unit.call).needs.update(employer_ids)
    return True


def own_job(unit: UnitOfWork, job_id: str) -> Job:
    """Returns the caller's job. Raises NotFound for a missing job or another caller's."""
    job = Jobs(unit.session).find(job_id)
    if (
        job is None
        or job.organization_id != unit.organization_id
        or not needs_employers(unit, (job.employer_user_id,))
    ):
        raise NotFound("job", job_id)
    return job


def _noted(call: Call) -> EmployersOf:
    if call.employers is None:
        call.employers = EmployersOf()
    return call.employers
