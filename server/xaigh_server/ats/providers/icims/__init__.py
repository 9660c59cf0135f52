"""Normalizer of iCIMS: jobs of an Attract site, profiles of the API, and markup of portals.

A search answer of the portal API holds ids only: its rows are seen, but they are no jobs.
"""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.ats.providers.custom import jobposting
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.icims import attract, profile
from xaigh_server.ats.providers.icims.profile import id_of_link
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import RejectionReason, Result
from xaigh_server.ats.providers.text.vocabulary import words

SIGNATURE = words(
    "jobtitle joblocation positiontype req_id ats_code full_location folder portalUrl jobid"
    " apply_url salary_min_value hiring_organization"
)


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One record of any of the forms."""
    data = payload.get("data")
    if isinstance(data, Mapping) and len(payload) <= 2:
        return attract.normalize(Fields(data, notes, "data"))
    if jobposting.is_posting(payload):
        identity = id_of_link(payload.get("url"))
        return jobposting.normalize(payload, notes, options, identity_of_url=identity)
    if "jobtitle" in payload or "folder" in payload or "joblocation" in payload:
        return profile.normalize(payload, notes, options)
    if "portalUrl" in payload and "title" not in payload:
        return _search_row(payload, notes)
    return attract.normalize(Fields(payload, notes))


def _search_row(payload: Object, notes: Notes) -> Result:
    Fields(payload, notes).identity("id")
    message = "A search answer holds ids only: send the job's profile or portal page."
    notes.reject("", RejectionReason.UNKNOWN_FORM, message)
    return notes.rejected()
