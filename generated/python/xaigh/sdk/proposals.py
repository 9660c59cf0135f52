# Generated from the protos by `make generate`. Don't edit.
"""Shows proposals and decides on them. `ApproveAccessRequest` makes a proposal where
production and a scope of high risk meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from xaigh.access.v1 import proposal_pb2, proposal_service_pb2

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = proposal_service_pb2.DESCRIPTOR.services_by_name["ProposalService"].methods_by_name


class Proposals:
    """Shows proposals and decides on them. `ApproveAccessRequest` makes a proposal where
    production and a scope of high risk meet.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def list_proposals(
        self,
        *,
        states: Iterable[
            Literal["OPEN", "CONFIRMED", "DISCARDED", "OUTDATED", "EXPIRED"]
            | proposal_pb2.Proposal.State.ValueType
        ]
        | None = None,
        ticket_id: str | None = None,
        environment: str | None = None,
        waiting_for_me: bool | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[proposal_service_pb2.ListProposalsResponse, proposal_pb2.Proposal]:
        """Lists proposals, newest first.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/proposals`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            states: Only proposals in one of these states. Empty: every state.
            ticket_id: Only those of this ticket.
            environment: Only those of this environment.
            waiting_for_me: True: only open ones that the caller can confirm, since another
                person proposed them.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListProposals"],
            proposal_service_pb2.ListProposalsResponse,
            "proposals",
            proposal_pb2.Proposal,
            {
                "states": states,
                "ticket_id": ticket_id,
                "environment": environment,
                "waiting_for_me": waiting_for_me,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_proposal(
        self,
        *,
        proposal_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_pb2.Proposal:
        """Reads one proposal with all of its terms.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/proposals/{proposal_id}`.

        Args:
            proposal_id: The proposal.
        """
        return self._caller.unary(
            _METHODS["GetProposal"],
            proposal_pb2.Proposal,
            {"proposal_id": proposal_id},
            timeout=timeout,
            metadata=metadata,
        )

    def confirm_proposal(
        self,
        *,
        proposal_id: str,
        etag: str,
        internal_note: str | None = None,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_service_pb2.ConfirmProposalResponse:
        """Confirms a proposal of another person: makes the grant with exactly the proposed terms,
        for exactly the proposed organization. The terms are judged again by what holds now.
        Never makes a key.

        Needs the scope `access:review`. Over REST: `POST
        /v1/admin/proposals/{proposal_id}:confirm`.

        Args:
            proposal_id: The proposal.
            etag: The etag of the proposal that was shown.
            internal_note: A note that never leaves ops.
            validate_only: True answers what would happen, with all terms, and writes nothing.
        """
        return self._caller.unary(
            _METHODS["ConfirmProposal"],
            proposal_service_pb2.ConfirmProposalResponse,
            {
                "proposal_id": proposal_id,
                "etag": etag,
                "internal_note": internal_note,
                "validate_only": validate_only,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def discard_proposal(
        self,
        *,
        proposal_id: str,
        etag: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_pb2.Proposal:
        """Discards a proposal, one's own or another operator's. The environment can then be
        proposed anew or denied.

        Needs the scope `access:review`. Over REST: `POST
        /v1/admin/proposals/{proposal_id}:discard`.

        Args:
            proposal_id: The proposal.
            etag: The etag of the proposal that was shown.
            reason: Why, for the other operators and the audit log. Never leaves ops.
        """
        return self._caller.unary(
            _METHODS["DiscardProposal"],
            proposal_pb2.Proposal,
            {"proposal_id": proposal_id, "etag": etag, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncProposals:
    """Shows proposals and decides on them. `ApproveAccessRequest` makes a proposal where
    production and a scope of high risk meet.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    def list_proposals(
        self,
        *,
        states: Iterable[
            Literal["OPEN", "CONFIRMED", "DISCARDED", "OUTDATED", "EXPIRED"]
            | proposal_pb2.Proposal.State.ValueType
        ]
        | None = None,
        ticket_id: str | None = None,
        environment: str | None = None,
        waiting_for_me: bool | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[proposal_service_pb2.ListProposalsResponse, proposal_pb2.Proposal]:
        """Lists proposals, newest first.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/proposals`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            states: Only proposals in one of these states. Empty: every state.
            ticket_id: Only those of this ticket.
            environment: Only those of this environment.
            waiting_for_me: True: only open ones that the caller can confirm, since another
                person proposed them.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListProposals"],
            proposal_service_pb2.ListProposalsResponse,
            "proposals",
            proposal_pb2.Proposal,
            {
                "states": states,
                "ticket_id": ticket_id,
                "environment": environment,
                "waiting_for_me": waiting_for_me,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_proposal(
        self,
        *,
        proposal_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_pb2.Proposal:
        """Reads one proposal with all of its terms.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/proposals/{proposal_id}`.

        Args:
            proposal_id: The proposal.
        """
        return await self._caller.unary(
            _METHODS["GetProposal"],
            proposal_pb2.Proposal,
            {"proposal_id": proposal_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def confirm_proposal(
        self,
        *,
        proposal_id: str,
        etag: str,
        internal_note: str | None = None,
        validate_only: bool | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_service_pb2.ConfirmProposalResponse:
        """Confirms a proposal of another person: makes the grant with exactly the proposed terms,
        for exactly the proposed organization. The terms are judged again by what holds now.
        Never makes a key.

        Needs the scope `access:review`. Over REST: `POST
        /v1/admin/proposals/{proposal_id}:confirm`.

        Args:
            proposal_id: The proposal.
            etag: The etag of the proposal that was shown.
            internal_note: A note that never leaves ops.
            validate_only: True answers what would happen, with all terms, and writes nothing.
        """
        return await self._caller.unary(
            _METHODS["ConfirmProposal"],
            proposal_service_pb2.ConfirmProposalResponse,
            {
                "proposal_id": proposal_id,
                "etag": etag,
                "internal_note": internal_note,
                "validate_only": validate_only,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def discard_proposal(
        self,
        *,
        proposal_id: str,
        etag: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> proposal_pb2.Proposal:
        """Discards a proposal, one's own or another operator's. The environment can then be
        proposed anew or denied.

        Needs the scope `access:review`. Over REST: `POST
        /v1/admin/proposals/{proposal_id}:discard`.

        Args:
            proposal_id: The proposal.
            etag: The etag of the proposal that was shown.
            reason: Why, for the other operators and the audit log. Never leaves ops.
        """
        return await self._caller.unary(
            _METHODS["DiscardProposal"],
            proposal_pb2.Proposal,
            {"proposal_id": proposal_id, "etag": etag, "reason": reason},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
