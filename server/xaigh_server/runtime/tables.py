"""Tables of all features. Importing this module completes both SQLAlchemy metadata objects."""

from __future__ import annotations

from types import ModuleType

from xaigh_server.access import tables as access
from xaigh_server.applications import tables as applications
from xaigh_server.ats import tables as ats
from xaigh_server.audit import tables as audit
from xaigh_server.db import leader_leases
from xaigh_server.db import tables as db
from xaigh_server.db.metadata import business_metadata, control_metadata
from xaigh_server.employers import tables as employers
from xaigh_server.identity import epoch_table, fleet_secrets_table
from xaigh_server.identity import tables as identity
from xaigh_server.jobs import tables as jobs
from xaigh_server.keys import tables as keys
from xaigh_server.organizations import tables as organizations
from xaigh_server.request_log import tables as request_log
from xaigh_server.webhooks import tables as webhooks

TABLES: tuple[ModuleType, ...] = (
    access,
    applications,
    ats,
    audit,
    db,
    employers,
    epoch_table,
    fleet_secrets_table,
    identity,
    jobs,
    leader_leases,
    keys,
    organizations,
    request_log,
    webhooks,
)

__all__ = ["TABLES", "business_metadata", "control_metadata"]
