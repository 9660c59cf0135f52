"""Requests that wait for the caller: to be taken, to be decided, or to be confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from xaigh_client.cli.session import Session
from xaigh_client.types import AccessRequest, EnvironmentReview

_OPEN = (AccessRequest.SUBMITTED, AccessRequest.IN_REVIEW)


def requests(session: Session) -> Iterator[tuple[AccessRequest, str]]:
    """Yields each open request that this operator can carry on, and why; oldest first.

    Nobody has taken it; or this operator reviews it, and the applicant owes no answer; or another
    operator's proposal waits for a second person.
    """
    me = session.client.me.who_am_i().operator.name
    waiting = session.client.proposals.list_proposals(waiting_for_me=True, page_size=200)
    proposals = {one.ticket_id: one.proposal_id for one in waiting}
    for request in session.client.access_requests.list_access_requests(states=_OPEN, page_size=200):
        if proposal := proposals.get(request.ticket_id):
            yield request, f"confirm {proposal}"
        elif not request.assignee:
            yield request, "take it"
        elif request.assignee == me and _undecided(request):
            yield request, "decide"


def _undecided(request: AccessRequest) -> bool:
    return any(one.decision == EnvironmentReview.PENDING for one in request.reviews)
