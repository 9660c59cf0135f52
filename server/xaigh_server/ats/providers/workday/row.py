"""Normalizer of rows of a public site's list: a title, a path, and a location or a count of them.

The id is in the row's bullets, in an order of the tenant's own; it is the one that the path
ends in. The path itself changes with the title and with every re-posting ("-1").
"""

from __future__ import annotations

from xaigh_server.ats.mirror_ids import external_id
from xaigh_server.ats.providers.fields import Fields, Notes, Object
from xaigh_server.ats.providers.options import NormalizeOptions
from xaigh_server.ats.providers.places import places
from xaigh_server.ats.providers.posting import is_prospect_title
from xaigh_server.ats.providers.record import (
    NormalizedJob,
    OfferStatus,
    Place,
    RejectionReason,
    Result,
    WarningCode,
    WorkdayIdentity,
    Workplace,
)
from xaigh_server.ats.providers.workday.shared import (
    employment,
    is_like_an_id,
    requisition_of,
    without_counter,
    workplace,
)

_NOT_CARRIED = (
    *("description", "requirements", "pay", "apply_url", "canonical_url", "published_at"),
    *("department", "team"),
)


def normalize(payload: Object, notes: Notes, options: NormalizeOptions) -> Result:
    """One row."""
    fields = Fields(payload, notes)
    identity = _identity(fields, options)
    title = fields.required_title("title")
    where = _locations(fields)
    kind = workplace(fields, where, title, notes)
    return notes.result(
        NormalizedJob(
            external_job_id=identity,
            title=title,
            employment_type=employment([fields.line("timeType")], "timeType", notes),
            workplace_type=kind,
            locations=where,
            status=OfferStatus.OPEN,
            requisition_id=identity or None,
            prospect=is_prospect_title(title, notes),
            omitted=_omitted(payload, where, kind),
        )
    )


def _omitted(payload: Object, where: tuple[Place, ...], kind: Workplace | None) -> tuple[str, ...]:
    """What no row carries, and what this one has no member for: a count of places is none."""
    absent = []
    if not where:
        absent.append("locations")
    if "timeType" not in payload:
        absent.append("employment_type")
    if kind is None and "remoteType" not in payload:
        absent.append("workplace_type")
    return (*_NOT_CARRIED, *absent)


def _identity(fields: Fields, options: NormalizeOptions) -> str:
    found = None
    if options.workday_identity is WorkdayIdentity.REQUISITION:
        found = _bullet(fields) or _of_path(fields)
    identity = external_id(found)
    if identity is None:
        message = "No id could be read: none of the bullets is the one that the path ends in."
        fields.notes.reject("bulletFields", RejectionReason.INVALID_ID, message)
        return ""
    fields.notes.external_job_id = identity
    return identity


def _bullet(fields: Fields) -> str | None:
    """The bullet that the path ends in, with or without the counter of a re-posting.

    A row without a path has the only bullet that looks like an id.
    """
    bullets = [b.strip() for b in fields.items("bulletFields") if isinstance(b, str) and b.strip()]
    path = fields.payload.get("externalPath")
    if not isinstance(path, str):
        alike = [bullet for bullet in bullets if is_like_an_id(bullet)]
        return alike[0] if len(alike) == 1 else None
    ending = path.split("?")[0]
    bare = without_counter(ending)
    fits = [b for b in bullets if ending.endswith(f"_{b}") or bare.endswith(f"_{b}")]
    return max(fits, key=len, default=None)


def _of_path(fields: Fields) -> str | None:
    """The id at the end of the path, where no bullet has it."""
    path = fields.payload.get("externalPath")
    found = requisition_of(path) if isinstance(path, str) else None
    if found is None:
        return None
    message = "The id was read from the path: no bullet repeats it."
    fields.notes.warn(WarningCode.ID_FROM_URL, "externalPath", message)
    return found


def _locations(fields: Fields) -> tuple[Place, ...]:
    text = fields.line("locationsText") or ""
    if not text:
        return ()
    first, more = places.without_more(text)
    counted = places.is_count(first)
    if more or counted:
        message = "The list names only some of the locations, or only how many there are."
        fields.notes.warn(WarningCode.LOCATION_INCOMPLETE, "locationsText", message)
    if counted or not first:
        return ()
    return places.merge(places.several(first, "locationsText", fields.notes))
