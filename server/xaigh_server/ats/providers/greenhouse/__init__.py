"""Normalizer of Greenhouse: the job board, one job with pay ranges, and Harvest v1 and v3.

The board's HTML is entity-escaped once in its JSON string, Harvest's is not. A board's posts are
open by being there; Harvest says so. Pay ranges are in cents and name no period.
"""

from __future__ import annotations

from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.greenhouse import harvest, harvest_v3, post
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.record import Result
from xaigh_server.ats.providers.text.vocabulary import words

SIGNATURE = words(
    "absolute_url internal_job_id first_published pay_input_ranges data_compliance live"
    " first_published_at keyed_custom_fields openings opened_at office_ids job_board_id"
)
_OF_A_JOB = words("keyed_custom_fields openings opened_at")


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One job of the board, one job or job post of Harvest, or a job with its resources."""
    if harvest_v3.is_role(payload):
        return harvest_v3.normalize(payload, notes)
    fields = Fields(payload, notes)
    identity = fields.identity("id")
    if not _OF_A_JOB.isdisjoint(payload):
        return harvest.normalize(fields, identity)
    return post.normalize(fields, identity)
