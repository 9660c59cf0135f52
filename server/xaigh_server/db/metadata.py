"""SQLAlchemy metadata of the two schemas, to which each feature adds its tables.

`control_metadata` is the schema of the control database; `business_metadata` that of sandbox and
production alike. Columns are of primitive types only, so that rows need no conversion on either
engine: times are BIGINT microseconds since the epoch in UTC, JSON is TEXT made by us, enums are
TEXT with a CHECK. Defaults are server defaults: Python-side ones don't run.

Every constraint has a name, by the convention below or its own: a violation reports that name on
both engines.
"""

from __future__ import annotations

from sqlalchemy import MetaData

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}

control_metadata = MetaData(naming_convention=NAMING, info={"schema": "control"})
business_metadata = MetaData(naming_convention=NAMING, info={"schema": "business"})
