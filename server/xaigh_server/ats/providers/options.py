"""Options of a normalizer: the integration's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from xaigh_server.ats.providers.custom.fieldmap import FieldMap
from xaigh_server.ats.providers.record import OfferStatus, WorkdayIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizeOptions:
    """Settings of one integration, and the time of the call.

    `now` decides only whether a posting's own closing date has passed; without it none has.
    `statuses` maps a client's own status texts, case-folded, to ours.
    """

    now: datetime | None = None
    field_map: FieldMap | None = None
    statuses: Mapping[str, OfferStatus] = field(default_factory=dict)
    workday_identity: WorkdayIdentity = WorkdayIdentity.REQUISITION


DEFAULTS = NormalizeOptions()
