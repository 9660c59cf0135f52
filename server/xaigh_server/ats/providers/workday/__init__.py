"""Normalizer of Workday: rows and details of a public site, REST postings, mapped reports.

The members identify a record's form. A report's columns are customer-specific, so it needs a field
map and is rejected without one.
"""

from __future__ import annotations

from xaigh_server.ats.providers.custom import mapped
from xaigh_server.ats.providers.fields import Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import RejectionReason, Result
from xaigh_server.ats.providers.text.vocabulary import words
from xaigh_server.ats.providers.workday import detail, rest, row

SIGNATURE = words(
    "jobPostingInfo jobReqId externalPath bulletFields locationsText primaryLocation jobSite"
    " spotlightJob jobPostingId jobRequisitionLocation"
)


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One record of any of the four forms."""
    if "jobPostingInfo" in payload or "jobReqId" in payload:
        return detail.normalize(payload, notes, options)
    if "externalPath" in payload or "bulletFields" in payload:
        return row.normalize(payload, notes, options)
    if options.field_map is not None:
        return mapped.normalize(payload, notes, options)
    if not SIGNATURE.isdisjoint(payload) or "jobDescription" in payload:
        return rest.normalize(payload, notes, options)
    message = "The columns of a report are its customer's own: the integration needs a field map."
    notes.reject("", RejectionReason.FIELD_MAP_REQUIRED, message)
    return notes.rejected()
