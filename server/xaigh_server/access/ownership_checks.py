"""Checks of ownership: the one place that looks names up and connects for a proof.

All connections go through the outbound client: an address that was checked, no redirect, a limit
of time and of what is read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from standardwebhooks import Webhook

from xaigh_server.access.ownership import (
    TOKEN_PREFIX,
    Check,
    ProofKind,
    ProofMethod,
    Subject,
    dns_name,
    file_url,
)
from xaigh_server.audit.model import rfc3339
from xaigh_server.identity import base62
from xaigh_server.identity.base62 import RandomBytes
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.webhook_secrets import derive
from xaigh_server.net.http_reply import Fetched, HttpOutcome
from xaigh_server.net.own_hosts import OwnHosts
from xaigh_server.net.url_guard import (
    THIS_MACHINE,
    CallbackForbidden,
    CallbackUrl,
    NameUnresolved,
    check_url,
)


class TextRecords(Protocol):
    """Looks TXT records up."""

    async def texts(self, name: str) -> Sequence[str]:
        """Every TXT record of the name. Raises `NameUnresolved`."""


class Fetcher(Protocol):
    """Connects to URLs that users gave, and reads the reply up to a limit."""

    async def fetch(
        self, method: str, url: CallbackUrl, body: bytes | None, headers: Mapping[str, str]
    ) -> Fetched:
        """Sends one request. A failure of the other side is an outcome, never an exception."""


class OwnershipChecks:
    """Checks whether an applicant has what its request names.

    `callback_secret` is the ticket's own, which the holder of the status token can derive.
    """

    def __init__(
        self,
        records: TextRecords,
        fetcher: Fetcher,
        *,
        clock: Callable[[], datetime],
        random: RandomBytes,
        allow_loopback: bool,
        own_hosts: OwnHosts = THIS_MACHINE,
        locate: Callable[[str], str] = file_url,
    ) -> None:
        """`locate` gives the URL of a domain's file."""
        self._records = records
        self._fetcher = fetcher
        self._clock = clock
        self._random = random
        self._allow_loopback = allow_loopback
        self._own_hosts = own_hosts
        self._locate = locate

    async def domain(self, subject: Subject, callback_secret: bytes) -> Check:
        """Looks the TXT record up, and fetches the file where it isn't there."""
        token = domain_token(callback_secret)
        missing = await self._record(dns_name(subject.name), token)
        if not missing:
            return Check(subject=subject, method=ProofMethod.DNS_TXT)
        absent = await self._file(self._locate(subject.name), token)
        if not absent:
            return Check(subject=subject, method=ProofMethod.WELL_KNOWN_FILE)
        return Check(subject=subject, method=None, finding=f"{missing} {absent}")

    async def check(self, subject: Subject, ticket_id: str, callback_secret: bytes) -> Check:
        """Checks whatever the subject is."""
        if subject.kind is ProofKind.DOMAIN:
            return await self.domain(subject, callback_secret)
        return await self.callback(subject, ticket_id, callback_secret)

    async def callback(self, subject: Subject, ticket_id: str, callback_secret: bytes) -> Check:
        """Posts a challenge, signed as events for the ticket are."""
        try:
            url = self._url(subject.name, subject.environment)
        except CallbackForbidden as refusal:
            return Check(subject=subject, method=None, finding=refusal.why)
        challenge = base62.random_string(32, self._random)
        body, headers = self._challenge(challenge, ticket_id, callback_secret)
        reply = await self._fetcher.fetch("POST", url, body, headers)
        finding = _failure(reply)
        if not finding and not _answers(reply.body, challenge):
            finding = "It answered without the value of the challenge."
        if finding:
            return Check(subject=subject, method=None, finding=finding)
        return Check(subject=subject, method=ProofMethod.CHALLENGE)

    async def _record(self, name: str, token: str) -> str:
        try:
            found = await self._records.texts(name)
        except NameUnresolved as error:
            return f"The TXT record {name} wasn't found: {error.why}"
        if token in (text.strip() for text in found):
            return ""
        return f"No TXT record of {name} is {token}."

    async def _file(self, where: str, token: str) -> str:
        try:
            url = self._url(where, Environment.PRODUCTION)
        except CallbackForbidden as refusal:
            return f"{where} can't be fetched: {refusal.why}"
        reply = await self._fetcher.fetch("GET", url, None, {})
        failure = _failure(reply)
        if failure:
            return f"{where}: {failure}"
        lines = reply.body.decode("utf-8", "replace").splitlines()
        return "" if token in map(str.strip, lines) else f"{where} has no line {token}."

    def _url(self, text: str, environment: Environment) -> CallbackUrl:
        return check_url(
            text,
            environment=environment,
            allow_loopback=self._allow_loopback,
            own=self._own_hosts,
        )

    def _challenge(
        self, challenge: str, ticket_id: str, callback_secret: bytes
    ) -> tuple[bytes, dict[str, str]]:
        now = self._clock()
        message_id = f"evt_{base62.random_string(20, self._random)}"
        message = {  # of the form of every event, so that any receiver's verification takes it
            "id": message_id,
            "type": "callback.challenge",
            "timestamp": rfc3339(now),
            "environment": "",
            "organizationId": "",
            "data": {"ticketId": ticket_id, "challenge": challenge},
        }
        body = json.dumps(message, separators=(",", ":"))
        signer = Webhook(derive(callback_secret, "ticket"))
        return body.encode(), {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(message_id, now, body),
        }


def domain_token(callback_secret: bytes) -> str:
    """The token of a ticket, as the TXT record and the file hold it. It tells no secret."""
    return TOKEN_PREFIX + derive(callback_secret, "domain").hex()[:40]


def _answers(body: bytes, challenge: str) -> bool:
    """Whether a reply is the challenge's value, as plain text or as JSON `{"challenge": …}`."""
    text = body.decode("utf-8", "replace").strip()
    if text == challenge:
        return True
    try:
        answer = json.loads(text)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("challenge") == challenge


def _failure(reply: Fetched) -> str:
    """Why a reply proves nothing, in a sentence; empty for a 2xx."""
    if reply.outcome in (HttpOutcome.REFUSED, HttpOutcome.REDIRECTED):
        return f"It answered {reply.status}."
    return _FAILURES.get(reply.outcome, "")


_FAILURES = {
    HttpOutcome.TIMED_OUT: "It didn't answer in time.",
    HttpOutcome.NAME_UNRESOLVED: "Its name doesn't resolve.",
    HttpOutcome.ADDRESS_FORBIDDEN: "Its name leads to an address that isn't public.",
    HttpOutcome.CONNECTION_FAILED: "No connection could be made, or it broke.",
    HttpOutcome.TLS_FAILED: "Its certificate isn't valid for its name, or TLS failed.",
    HttpOutcome.PROTOCOL_ERROR: "What answers there isn't a web server.",
}
