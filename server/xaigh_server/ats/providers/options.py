"""What an integration knows that its records do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from xaigh_server.ats.providers.custom.fieldmap import FieldMap
from xaigh_server.ats.providers.record import Status


class WorkdayIdentity(StrEnum):
    """Which of Workday's two ids identifies a role: the requisition's, or the posting's."""

    REQUISITION = "REQUISITION"
    POSTING = "POSTING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of one integration, and the time of the call.

    `now` decides only whether a posting's own closing date has passed; without it none has.
    `statuses` maps a client's own status texts, case-folded, to ours.
    """

    now: datetime | None = None
    field_map: FieldMap | None = None
    statuses: Mapping[str, Status] = field(default_factory=dict)
    workday_identity: WorkdayIdentity = WorkdayIdentity.REQUISITION


DEFAULTS = Options()
