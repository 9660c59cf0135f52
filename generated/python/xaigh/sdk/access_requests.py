# Generated from the protos by `make generate`. Don't edit.
"""Takes requests for access, and carries their review. Approving never makes a key:
operators issue keys by hand from the grant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from xaigh.access.v1 import access_request_pb2, access_request_service_pb2, dossier_pb2

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller, AsyncPager
    from xaigh_client.synchronous import Caller, Pager

_METHODS = access_request_service_pb2.DESCRIPTOR.services_by_name[
    "AccessRequestService"
].methods_by_name


class AccessRequests:
    """Takes requests for access, and carries their review. Approving never makes a key:
    operators issue keys by hand from the grant.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def submit_access_request(
        self,
        *,
        company_name: str,
        contact_name: str,
        contact_email: str,
        use_case: str,
        requested_scopes: Iterable[str],
        monthly_volume_estimate: int,
        callback_url: str,
        failure_mode: str | None = None,
        data_classes: Iterable[str] | None = None,
        environments: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        sandbox_callback_url: str | None = None,
        seal_to: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.Ticket:
        """Asks for access. The reply is a review ticket, never a key.

        Needs no credential. Over REST: `POST /v1/developer/api-access/request`. The reply
        carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            company_name: The company that asks.
            contact_name: The person that asks.
            contact_email: Where that person is reached.
            use_case: What the access is for.
            requested_scopes: Scopes by name, for example `jobs:write`.
            monthly_volume_estimate: Calls a month, as a guess. It never caps anything.
            callback_url: Where events go: https in production.
            failure_mode: What operators need covered when the integration fails. Production
                needs it before it is approved.
            data_classes: Which kinds of data the integration touches.
            environments: `sandbox`, `production`. Empty means both.
            key_types: `sk`, `pk`. Empty means `sk`.
            employer_user_ids: The employers that the applicant speaks for.
            sandbox_callback_url: Where sandbox events go, if elsewhere than `callback_url`.
            seal_to: An age recipient, `age1…`: issued keys are encrypted to it.
        """
        return self._caller.unary(
            _METHODS["SubmitAccessRequest"],
            access_request_service_pb2.Ticket,
            {
                "company_name": company_name,
                "contact_name": contact_name,
                "contact_email": contact_email,
                "use_case": use_case,
                "requested_scopes": requested_scopes,
                "monthly_volume_estimate": monthly_volume_estimate,
                "callback_url": callback_url,
                "failure_mode": failure_mode,
                "data_classes": data_classes,
                "environments": environments,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
                "sandbox_callback_url": sandbox_callback_url,
                "seal_to": seal_to,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def get_ticket_status(
        self,
        *,
        ticket_id: str,
        status_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Returns the state of a request. Needs the ticket's status token in `X-Status-Token`.

        Needs no credential. Over REST: `GET /v1/developer/api-access/requests/{ticket_id}`.

        Args:
            ticket_id: The ticket.
        """
        return self._caller.unary(
            _METHODS["GetTicketStatus"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id},
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )

    def get_sealed_key(
        self,
        *,
        ticket_id: str,
        key_id: str | None = None,
        status_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.SealedKey:
        """Fetches a key that was encrypted to the ticket's age recipient. Needs the status token.

        Needs no credential. Over REST: `GET /v1/developer/api-
        access/requests/{ticket_id}/sealed-key`.

        Args:
            ticket_id: The ticket.
            key_id: Which key. Empty: the newest one.
        """
        return self._caller.unary(
            _METHODS["GetSealedKey"],
            access_request_service_pb2.SealedKey,
            {"ticket_id": ticket_id, "key_id": key_id},
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )

    def amend_access_request(
        self,
        *,
        ticket_id: str,
        form: access_request_service_pb2.SubmitAccessRequestRequest | Mapping[str, Any],
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Changes an open request; the review begins anew on the new revision. Needs the status
        token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:amend`.

        Args:
            ticket_id: The ticket.
            form: The whole form anew.
        """
        return self._caller.unary(
            _METHODS["AmendAccessRequest"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "form": form},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def withdraw_access_request(
        self,
        *,
        ticket_id: str,
        reason: str | None = None,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Takes an open request back. Needs the status token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:withdraw`.

        Args:
            ticket_id: The ticket.
            reason: Why, if the applicant wants to say.
        """
        return self._caller.unary(
            _METHODS["WithdrawAccessRequest"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "reason": reason},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def reply_to_review(
        self,
        *,
        ticket_id: str,
        text: str,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Answers the reviewers. A request in NEEDS_INFO goes back to IN_REVIEW. Needs the status
        token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:reply`.

        Args:
            ticket_id: The ticket.
            text: What to say.
        """
        return self._caller.unary(
            _METHODS["ReplyToReview"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "text": text},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def prove_domain(
        self,
        *,
        ticket_id: str,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Proves that the applicant has the domain of the contact's mail address: looks the TXT
        record up, and where it is missing fetches the file, as the status of the ticket says.
        Needs the status token. Limited by peer and by ticket.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:proveDomain`.

        Args:
            ticket_id: The ticket.
        """
        return self._caller.unary(
            _METHODS["ProveDomain"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def prove_callback(
        self,
        *,
        ticket_id: str,
        environment: str | None = None,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Proves that the applicant has the callback: posts a signed challenge to it, which it
        must answer with the challenge's value. Needs the status token. Limited by peer and by
        ticket.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:proveCallback`.

        Args:
            ticket_id: The ticket.
            environment: Only the callback of this environment. Empty: `callbackUrl`, and
                `sandboxCallbackUrl` where it is given.
        """
        return self._caller.unary(
            _METHODS["ProveCallback"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "environment": environment},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_access_requests(
        self,
        *,
        states: Iterable[
            Literal[
                "SUBMITTED", "IN_REVIEW", "NEEDS_INFO", "APPROVED", "DENIED", "WITHDRAWN", "EXPIRED"
            ]
            | access_request_pb2.AccessRequest.State.ValueType
        ]
        | None = None,
        assignee: str | None = None,
        email_domain: str | None = None,
        submitted_before: values.Time | None = None,
        environment: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[
        access_request_service_pb2.ListAccessRequestsResponse, access_request_pb2.AccessRequest
    ]:
        """Lists requests, oldest first: the queue.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-requests`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            states: Only requests in one of these states. Empty: every state.
            assignee: Only requests assigned to this operator; `-` means unassigned ones.
            email_domain: Only requests whose contact has a mail address in this domain.
            submitted_before: Only those sent before this time: the age filter.
            environment: Only those that ask for this environment.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListAccessRequests"],
            access_request_service_pb2.ListAccessRequestsResponse,
            "access_requests",
            access_request_pb2.AccessRequest,
            {
                "states": states,
                "assignee": assignee,
                "email_domain": email_domain,
                "submitted_before": submitted_before,
                "environment": environment,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def get_access_request(
        self,
        *,
        ticket_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Reads one request.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-requests/{ticket_id}`.

        Args:
            ticket_id: The ticket.
        """
        return self._caller.unary(
            _METHODS["GetAccessRequest"],
            access_request_pb2.AccessRequest,
            {"ticket_id": ticket_id},
            timeout=timeout,
            metadata=metadata,
        )

    def get_dossier(
        self,
        *,
        ticket_id: str,
        probe_callback: bool | None = None,
        organization_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> dossier_pb2.Dossier:
        """Gathers what a reviewer needs to decide.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-
        requests/{ticket_id}/dossier`.

        Args:
            ticket_id: The ticket.
            probe_callback: True probes the callback now: TLS and redirects. Otherwise nothing
                connects outwards.
            organization_id: The organization whose sandbox traffic and grants count. Empty:
                that of the open proposal, else the ticket's own.
        """
        return self._caller.unary(
            _METHODS["GetDossier"],
            dossier_pb2.Dossier,
            {
                "ticket_id": ticket_id,
                "probe_callback": probe_callback,
                "organization_id": organization_id,
            },
            timeout=timeout,
            metadata=metadata,
        )

    def start_review(
        self,
        *,
        ticket_id: str,
        etag: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Takes a request into review: the caller becomes its assignee.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:startReview`.

        Args:
            ticket_id: The ticket.
            etag: The etag that was read. Empty: whatever it is now.
            internal_note: A note that never leaves ops.
        """
        return self._caller.unary(
            _METHODS["StartReview"],
            access_request_pb2.AccessRequest,
            {"ticket_id": ticket_id, "etag": etag, "internal_note": internal_note},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def request_info(
        self,
        *,
        ticket_id: str,
        question: str,
        etag: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Asks the applicant something.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:requestInfo`.

        Args:
            ticket_id: The ticket.
            question: What the applicant reads.
            etag: The etag that was read. Empty: whatever it is now.
            internal_note: A note that never leaves ops.
        """
        return self._caller.unary(
            _METHODS["RequestInfo"],
            access_request_pb2.AccessRequest,
            {
                "ticket_id": ticket_id,
                "question": question,
                "etag": etag,
                "internal_note": internal_note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def approve_access_request(
        self,
        *,
        ticket_id: str,
        environment: str,
        etag: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        tier: str | None = None,
        employer_user_ids: Iterable[str] | None = None,
        key_allowance: int | None = None,
        callback_url: str | None = None,
        expire_time: values.Time | None = None,
        conditions: Iterable[str] | None = None,
        rollback_plan: str | None = None,
        findings: Iterable[access_request_service_pb2.ReviewFinding | Mapping[str, Any]]
        | None = None,
        evidence_waiver: str | None = None,
        organization_id: str | None = None,
        internal_note: str | None = None,
        validate_only: bool | None = None,
        domain_waiver: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.ApproveAccessRequestResponse:
        """Approves one environment: makes a grant, or, where two operators are needed, a proposal
        that another operator confirms by `ConfirmProposal`. Never makes a key, and never
        confirms.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:approve`.

        Args:
            ticket_id: The ticket.
            environment: `sandbox` or `production`.
            etag: The etag of the revision that was reviewed.
            scopes: Scopes by name. Empty: all that were requested.
            key_types: `sk`, `pk`. Empty: all that were requested.
            tier: The tier of the rate limit. Empty: the default one of the settings.
            employer_user_ids: The employers that the grant reaches; the reviewer's finding. At
                least one, unless all scopes are of products that live elsewhere.
            key_allowance: How many keys may be issued. 0 means 2.
            callback_url: Callback URL of events. Empty: the request's URL for the environment.
            expire_time: When the grant ends. Absent: it doesn't.
            conditions: What the applicant has to keep to; the applicant reads it.
            rollback_plan: How access is taken back without harm. Production needs it.
            findings: One finding on each of the five aspects. A missing one is listed in
                REVIEW_INCOMPLETE.
            evidence_waiver: A founder's written waiver of the sandbox evidence.
            organization_id: The organization that the grant belongs to. Empty: the request's
                own one, and before the first approval a new one with the company's name.
            internal_note: A note that never leaves ops.
            validate_only: True answers what would happen, with all terms, and writes nothing.
            domain_waiver: A founder's written waiver of the proof of the domain.
        """
        return self._caller.unary(
            _METHODS["ApproveAccessRequest"],
            access_request_service_pb2.ApproveAccessRequestResponse,
            {
                "ticket_id": ticket_id,
                "environment": environment,
                "etag": etag,
                "scopes": scopes,
                "key_types": key_types,
                "tier": tier,
                "employer_user_ids": employer_user_ids,
                "key_allowance": key_allowance,
                "callback_url": callback_url,
                "expire_time": expire_time,
                "conditions": conditions,
                "rollback_plan": rollback_plan,
                "findings": findings,
                "evidence_waiver": evidence_waiver,
                "organization_id": organization_id,
                "internal_note": internal_note,
                "validate_only": validate_only,
                "domain_waiver": domain_waiver,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def deny_access_request(
        self,
        *,
        ticket_id: str,
        etag: str,
        public_reason: str,
        environment: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Refuses a request, or one environment of it, with a public reason.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:deny`.

        Args:
            ticket_id: The ticket.
            etag: The etag of the revision that was reviewed.
            public_reason: What the applicant reads.
            environment: Only this environment. Empty: every one that isn't decided.
            internal_note: A note that never leaves ops.
        """
        return self._caller.unary(
            _METHODS["DenyAccessRequest"],
            access_request_pb2.AccessRequest,
            {
                "ticket_id": ticket_id,
                "etag": etag,
                "public_reason": public_reason,
                "environment": environment,
                "internal_note": internal_note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )


class AsyncAccessRequests:
    """Takes requests for access, and carries their review. Approving never makes a key:
    operators issue keys by hand from the grant.
    """

    __slots__ = ("_caller",)

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def submit_access_request(
        self,
        *,
        company_name: str,
        contact_name: str,
        contact_email: str,
        use_case: str,
        requested_scopes: Iterable[str],
        monthly_volume_estimate: int,
        callback_url: str,
        failure_mode: str | None = None,
        data_classes: Iterable[str] | None = None,
        environments: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        employer_user_ids: Iterable[str] | None = None,
        sandbox_callback_url: str | None = None,
        seal_to: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.Ticket:
        """Asks for access. The reply is a review ticket, never a key.

        Needs no credential. Over REST: `POST /v1/developer/api-access/request`. The reply
        carries a secret that is shown once: a reply to a repeat of the call, also to an
        automatic one, is without it.

        Args:
            company_name: The company that asks.
            contact_name: The person that asks.
            contact_email: Where that person is reached.
            use_case: What the access is for.
            requested_scopes: Scopes by name, for example `jobs:write`.
            monthly_volume_estimate: Calls a month, as a guess. It never caps anything.
            callback_url: Where events go: https in production.
            failure_mode: What operators need covered when the integration fails. Production
                needs it before it is approved.
            data_classes: Which kinds of data the integration touches.
            environments: `sandbox`, `production`. Empty means both.
            key_types: `sk`, `pk`. Empty means `sk`.
            employer_user_ids: The employers that the applicant speaks for.
            sandbox_callback_url: Where sandbox events go, if elsewhere than `callback_url`.
            seal_to: An age recipient, `age1…`: issued keys are encrypted to it.
        """
        return await self._caller.unary(
            _METHODS["SubmitAccessRequest"],
            access_request_service_pb2.Ticket,
            {
                "company_name": company_name,
                "contact_name": contact_name,
                "contact_email": contact_email,
                "use_case": use_case,
                "requested_scopes": requested_scopes,
                "monthly_volume_estimate": monthly_volume_estimate,
                "callback_url": callback_url,
                "failure_mode": failure_mode,
                "data_classes": data_classes,
                "environments": environments,
                "key_types": key_types,
                "employer_user_ids": employer_user_ids,
                "sandbox_callback_url": sandbox_callback_url,
                "seal_to": seal_to,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_ticket_status(
        self,
        *,
        ticket_id: str,
        status_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Returns the state of a request. Needs the ticket's status token in `X-Status-Token`.

        Needs no credential. Over REST: `GET /v1/developer/api-access/requests/{ticket_id}`.

        Args:
            ticket_id: The ticket.
        """
        return await self._caller.unary(
            _METHODS["GetTicketStatus"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id},
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )

    async def get_sealed_key(
        self,
        *,
        ticket_id: str,
        key_id: str | None = None,
        status_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.SealedKey:
        """Fetches a key that was encrypted to the ticket's age recipient. Needs the status token.

        Needs no credential. Over REST: `GET /v1/developer/api-
        access/requests/{ticket_id}/sealed-key`.

        Args:
            ticket_id: The ticket.
            key_id: Which key. Empty: the newest one.
        """
        return await self._caller.unary(
            _METHODS["GetSealedKey"],
            access_request_service_pb2.SealedKey,
            {"ticket_id": ticket_id, "key_id": key_id},
            status_token=status_token,
            timeout=timeout,
            metadata=metadata,
        )

    async def amend_access_request(
        self,
        *,
        ticket_id: str,
        form: access_request_service_pb2.SubmitAccessRequestRequest | Mapping[str, Any],
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Changes an open request; the review begins anew on the new revision. Needs the status
        token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:amend`.

        Args:
            ticket_id: The ticket.
            form: The whole form anew.
        """
        return await self._caller.unary(
            _METHODS["AmendAccessRequest"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "form": form},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def withdraw_access_request(
        self,
        *,
        ticket_id: str,
        reason: str | None = None,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Takes an open request back. Needs the status token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:withdraw`.

        Args:
            ticket_id: The ticket.
            reason: Why, if the applicant wants to say.
        """
        return await self._caller.unary(
            _METHODS["WithdrawAccessRequest"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "reason": reason},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def reply_to_review(
        self,
        *,
        ticket_id: str,
        text: str,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Answers the reviewers. A request in NEEDS_INFO goes back to IN_REVIEW. Needs the status
        token.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:reply`.

        Args:
            ticket_id: The ticket.
            text: What to say.
        """
        return await self._caller.unary(
            _METHODS["ReplyToReview"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "text": text},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def prove_domain(
        self,
        *,
        ticket_id: str,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Proves that the applicant has the domain of the contact's mail address: looks the TXT
        record up, and where it is missing fetches the file, as the status of the ticket says.
        Needs the status token. Limited by peer and by ticket.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:proveDomain`.

        Args:
            ticket_id: The ticket.
        """
        return await self._caller.unary(
            _METHODS["ProveDomain"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def prove_callback(
        self,
        *,
        ticket_id: str,
        environment: str | None = None,
        status_token: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.TicketStatus:
        """Proves that the applicant has the callback: posts a signed challenge to it, which it
        must answer with the challenge's value. Needs the status token. Limited by peer and by
        ticket.

        Needs no credential. Over REST: `POST /v1/developer/api-
        access/requests/{ticket_id}:proveCallback`.

        Args:
            ticket_id: The ticket.
            environment: Only the callback of this environment. Empty: `callbackUrl`, and
                `sandboxCallbackUrl` where it is given.
        """
        return await self._caller.unary(
            _METHODS["ProveCallback"],
            access_request_service_pb2.TicketStatus,
            {"ticket_id": ticket_id, "environment": environment},
            status_token=status_token,
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    def list_access_requests(
        self,
        *,
        states: Iterable[
            Literal[
                "SUBMITTED", "IN_REVIEW", "NEEDS_INFO", "APPROVED", "DENIED", "WITHDRAWN", "EXPIRED"
            ]
            | access_request_pb2.AccessRequest.State.ValueType
        ]
        | None = None,
        assignee: str | None = None,
        email_domain: str | None = None,
        submitted_before: values.Time | None = None,
        environment: str | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[
        access_request_service_pb2.ListAccessRequestsResponse, access_request_pb2.AccessRequest
    ]:
        """Lists requests, oldest first: the queue.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-requests`.

        Iterate over the result for every item of every page; `.pages()` gives whole pages.

        Args:
            states: Only requests in one of these states. Empty: every state.
            assignee: Only requests assigned to this operator; `-` means unassigned ones.
            email_domain: Only requests whose contact has a mail address in this domain.
            submitted_before: Only those sent before this time: the age filter.
            environment: Only those that ask for this environment.
            page_size: At most so many; 50 if 0, 200 at most.
            page_token: From the previous page.
        """
        return self._caller.pages(
            _METHODS["ListAccessRequests"],
            access_request_service_pb2.ListAccessRequestsResponse,
            "access_requests",
            access_request_pb2.AccessRequest,
            {
                "states": states,
                "assignee": assignee,
                "email_domain": email_domain,
                "submitted_before": submitted_before,
                "environment": environment,
                "page_size": page_size,
                "page_token": page_token,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def get_access_request(
        self,
        *,
        ticket_id: str,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Reads one request.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-requests/{ticket_id}`.

        Args:
            ticket_id: The ticket.
        """
        return await self._caller.unary(
            _METHODS["GetAccessRequest"],
            access_request_pb2.AccessRequest,
            {"ticket_id": ticket_id},
            timeout=timeout,
            metadata=metadata,
        )

    async def get_dossier(
        self,
        *,
        ticket_id: str,
        probe_callback: bool | None = None,
        organization_id: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> dossier_pb2.Dossier:
        """Gathers what a reviewer needs to decide.

        Needs the scope `access:review`. Over REST: `GET /v1/admin/access-
        requests/{ticket_id}/dossier`.

        Args:
            ticket_id: The ticket.
            probe_callback: True probes the callback now: TLS and redirects. Otherwise nothing
                connects outwards.
            organization_id: The organization whose sandbox traffic and grants count. Empty:
                that of the open proposal, else the ticket's own.
        """
        return await self._caller.unary(
            _METHODS["GetDossier"],
            dossier_pb2.Dossier,
            {
                "ticket_id": ticket_id,
                "probe_callback": probe_callback,
                "organization_id": organization_id,
            },
            timeout=timeout,
            metadata=metadata,
        )

    async def start_review(
        self,
        *,
        ticket_id: str,
        etag: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Takes a request into review: the caller becomes its assignee.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:startReview`.

        Args:
            ticket_id: The ticket.
            etag: The etag that was read. Empty: whatever it is now.
            internal_note: A note that never leaves ops.
        """
        return await self._caller.unary(
            _METHODS["StartReview"],
            access_request_pb2.AccessRequest,
            {"ticket_id": ticket_id, "etag": etag, "internal_note": internal_note},
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def request_info(
        self,
        *,
        ticket_id: str,
        question: str,
        etag: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Asks the applicant something.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:requestInfo`.

        Args:
            ticket_id: The ticket.
            question: What the applicant reads.
            etag: The etag that was read. Empty: whatever it is now.
            internal_note: A note that never leaves ops.
        """
        return await self._caller.unary(
            _METHODS["RequestInfo"],
            access_request_pb2.AccessRequest,
            {
                "ticket_id": ticket_id,
                "question": question,
                "etag": etag,
                "internal_note": internal_note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def approve_access_request(
        self,
        *,
        ticket_id: str,
        environment: str,
        etag: str,
        scopes: Iterable[str] | None = None,
        key_types: Iterable[str] | None = None,
        tier: str | None = None,
        employer_user_ids: Iterable[str] | None = None,
        key_allowance: int | None = None,
        callback_url: str | None = None,
        expire_time: values.Time | None = None,
        conditions: Iterable[str] | None = None,
        rollback_plan: str | None = None,
        findings: Iterable[access_request_service_pb2.ReviewFinding | Mapping[str, Any]]
        | None = None,
        evidence_waiver: str | None = None,
        organization_id: str | None = None,
        internal_note: str | None = None,
        validate_only: bool | None = None,
        domain_waiver: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_service_pb2.ApproveAccessRequestResponse:
        """Approves one environment: makes a grant, or, where two operators are needed, a proposal
        that another operator confirms by `ConfirmProposal`. Never makes a key, and never
        confirms.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:approve`.

        Args:
            ticket_id: The ticket.
            environment: `sandbox` or `production`.
            etag: The etag of the revision that was reviewed.
            scopes: Scopes by name. Empty: all that were requested.
            key_types: `sk`, `pk`. Empty: all that were requested.
            tier: The tier of the rate limit. Empty: the default one of the settings.
            employer_user_ids: The employers that the grant reaches; the reviewer's finding. At
                least one, unless all scopes are of products that live elsewhere.
            key_allowance: How many keys may be issued. 0 means 2.
            callback_url: Callback URL of events. Empty: the request's URL for the environment.
            expire_time: When the grant ends. Absent: it doesn't.
            conditions: What the applicant has to keep to; the applicant reads it.
            rollback_plan: How access is taken back without harm. Production needs it.
            findings: One finding on each of the five aspects. A missing one is listed in
                REVIEW_INCOMPLETE.
            evidence_waiver: A founder's written waiver of the sandbox evidence.
            organization_id: The organization that the grant belongs to. Empty: the request's
                own one, and before the first approval a new one with the company's name.
            internal_note: A note that never leaves ops.
            validate_only: True answers what would happen, with all terms, and writes nothing.
            domain_waiver: A founder's written waiver of the proof of the domain.
        """
        return await self._caller.unary(
            _METHODS["ApproveAccessRequest"],
            access_request_service_pb2.ApproveAccessRequestResponse,
            {
                "ticket_id": ticket_id,
                "environment": environment,
                "etag": etag,
                "scopes": scopes,
                "key_types": key_types,
                "tier": tier,
                "employer_user_ids": employer_user_ids,
                "key_allowance": key_allowance,
                "callback_url": callback_url,
                "expire_time": expire_time,
                "conditions": conditions,
                "rollback_plan": rollback_plan,
                "findings": findings,
                "evidence_waiver": evidence_waiver,
                "organization_id": organization_id,
                "internal_note": internal_note,
                "validate_only": validate_only,
                "domain_waiver": domain_waiver,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )

    async def deny_access_request(
        self,
        *,
        ticket_id: str,
        etag: str,
        public_reason: str,
        environment: str | None = None,
        internal_note: str | None = None,
        idempotency_key: str | None = None,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> access_request_pb2.AccessRequest:
        """Refuses a request, or one environment of it, with a public reason.

        Needs the scope `access:review`. Over REST: `POST /v1/admin/access-
        requests/{ticket_id}:deny`.

        Args:
            ticket_id: The ticket.
            etag: The etag of the revision that was reviewed.
            public_reason: What the applicant reads.
            environment: Only this environment. Empty: every one that isn't decided.
            internal_note: A note that never leaves ops.
        """
        return await self._caller.unary(
            _METHODS["DenyAccessRequest"],
            access_request_pb2.AccessRequest,
            {
                "ticket_id": ticket_id,
                "etag": etag,
                "public_reason": public_reason,
                "environment": environment,
                "internal_note": internal_note,
            },
            idempotency_key=idempotency_key,
            timeout=timeout,
            metadata=metadata,
        )
