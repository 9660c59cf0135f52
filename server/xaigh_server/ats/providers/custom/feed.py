"""Normalizer of a client's own feed: selects one of three forms for each record.

The forms are the integration's field map, schema.org JobPosting, and the presets of two products.
Records that their sender has normalized come in for every provider; `normalized.py` reads them.
"""

from __future__ import annotations

from xaigh_server.ats.providers.custom import jobposting, mapped, presets
from xaigh_server.ats.providers.fields import Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import RejectionReason, Result
from xaigh_server.ats.providers.text.vocabulary import words

SIGNATURE = words("@type @context datePosted jobAd refNumber shortcode telecommuting")
"""Of the recognized forms. A client's own record may have any members."""


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One record. The integration's map goes before any form that is recognized."""
    if options.field_map is not None:
        return mapped.normalize(payload, notes, options)
    if jobposting.is_posting(payload):
        return jobposting.normalize(payload, notes, options)
    preset = presets.recognized(payload)
    if preset is not None:
        return preset(payload, notes, options)
    message = "This is no JobPosting: the integration needs a field map for records of its own."
    notes.reject("", RejectionReason.FIELD_MAP_REQUIRED, message)
    return notes.rejected()
