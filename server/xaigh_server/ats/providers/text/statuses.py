"""Status texts: the client's own table first, then a common one; what neither has is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.ats.providers.notes import Notes
from xaigh_server.ats.providers.record import OfferStatus, WarningCode
from xaigh_server.ats.providers.text.word_tables import keyed

_KNOWN = keyed(
    "OPEN open opened approved posted published active live advertised public"
    "|CLOSED closed filled cancelled canceled hold on-hold unposted archived expired inactive"
    " withdrawn deleted"
    "|DRAFT draft pending unapproved"
    "|UNLISTED unlisted internal confidential"
)


def of_text(text: str, own: Mapping[str, OfferStatus], field: str, notes: Notes) -> OfferStatus:
    """The status a text names: "Closed (Filled)" is closed, and an unknown text is never closed.

    `own` is the client's table, by case-folded text.
    """
    said = " ".join(text.split()).casefold()
    if said in own:
        return own[said]
    first = said.replace("(", " ").replace("-", "-").split(" ")[0].strip(":,;.-")
    known = _KNOWN.get(said) or _KNOWN.get(first)
    if known is None and said.startswith("on hold"):
        known = "CLOSED"
    if known:
        return OfferStatus(known)
    message = "This status is not known: the role keeps the one it has."
    notes.warn(WarningCode.STATUS_UNKNOWN, field, message)
    return OfferStatus.UNKNOWN
