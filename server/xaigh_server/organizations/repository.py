"""Repository of organizations and their mail domains."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, update

from xaigh_server.db.session import Row, Session, insert_ignore
from xaigh_server.db.times import from_micros, to_micros
from xaigh_server.identity.epoch import bump_epoch
from xaigh_server.organizations.model import Organization, OrganizationState
from xaigh_server.organizations.tables import organization_domains as _D
from xaigh_server.organizations.tables import organizations as _T

_ALL = select(
    _T.c.organization_id,
    _T.c.display_name,
    _T.c.state,
    _T.c.suspension_reason,
    _T.c.create_time,
    _T.c.update_time,
    _T.c.version,
)
_GET = _ALL.where(_T.c.organization_id == bindparam("organization_id"))
_INSERT = insert(_T)
_UPDATE = (
    update(_T)
    .where(_T.c.organization_id == bindparam("of"))
    .values(
        state=bindparam("state"),
        suspension_reason=bindparam("suspension_reason"),
        update_time=bindparam("update_time"),
        version=bindparam("version"),
    )
)
_ADD_DOMAIN = insert_ignore(_D)
_DOMAINS = (
    select(_D.c.email_domain)
    .where(_D.c.organization_id == bindparam("organization_id"))
    .order_by(_D.c.email_domain)
)


class Organizations:
    """Reads and writes organizations. A change of state increments the credential epoch."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, organization_id: str) -> Organization | None:
        """Returns an organization, or None."""
        row = self._session.one(_GET, organization_id=organization_id)
        return None if row is None else self._organization(row)

    def add(self, organization: Organization) -> None:
        """Inserts an organization with its mail domains."""
        self._session.run(
            _INSERT,
            organization_id=organization.organization_id,
            display_name=organization.display_name,
            state=organization.state.value,
            suspension_reason=organization.suspension_reason,
            create_time=to_micros(organization.create_time),
            update_time=to_micros(organization.update_time),
            version=organization.version,
        )
        self.add_domains(organization.organization_id, organization.email_domains)

    def add_domains(self, organization_id: str, domains: Sequence[str]) -> None:
        """Adds mail domains of its contacts; existing ones stay."""
        for domain in domains:
            self._session.run(_ADD_DOMAIN, organization_id=organization_id, email_domain=domain)

    def save(self, organization: Organization) -> None:
        """Writes state, reason, time and version."""
        self._session.run(
            _UPDATE,
            of=organization.organization_id,
            state=organization.state.value,
            suspension_reason=organization.suspension_reason,
            update_time=to_micros(organization.update_time),
            version=organization.version,
        )
        bump_epoch(self._session)

    def listing(
        self, *, state: OrganizationState | None, email_domain: str, after: str, limit: int
    ) -> list[Organization]:
        """Returns organizations in id order, behind the id `after`."""
        found = _ALL.where(_T.c.organization_id > after)
        if state is not None:
            found = found.where(_T.c.state == state.value)
        if email_domain:
            with_domain = select(_D.c.organization_id).where(_D.c.email_domain == email_domain)
            found = found.where(_T.c.organization_id.in_(with_domain))
        rows = self._session.all(found.order_by(_T.c.organization_id).limit(limit))
        return [self._organization(row) for row in rows]

    def named(self, display_name: str) -> list[Organization]:
        """Returns organizations with exactly this name."""
        found = _ALL.where(_T.c.display_name == display_name).order_by(_T.c.organization_id)
        return [self._organization(row) for row in self._session.all(found.limit(10))]

    def _organization(self, row: Row) -> Organization:
        domains = self._session.all(_DOMAINS, organization_id=row.organization_id)
        return Organization(
            organization_id=row.organization_id,
            display_name=row.display_name,
            state=OrganizationState(row.state),
            suspension_reason=row.suspension_reason,
            create_time=from_micros(row.create_time),
            update_time=from_micros(row.update_time),
            version=row.version,
            email_domains=tuple(domain.email_domain for domain in domains),
        )
