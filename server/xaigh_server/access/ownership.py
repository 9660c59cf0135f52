"""Ownership: what of a request is proven to be the applicant's, and how it is proven.

Two things can be proven: the domain of the contact's mail address, by a TXT record or a file that
holds a token of the ticket, and a callback, by its answer to a challenge. A proof belongs to its
subject, so an amendment that names another domain or URL needs another proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from xaigh_server.access.model import RequestForm
from xaigh_server.errors import DomainError, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.net.free_mail import is_free_mail

CHECKED_EVERY = timedelta(days=7)
LAPSED_CHECKED_EVERY = timedelta(days=1)
DNS_LABEL = "_xaigh-challenge"
FILE_PATH = "/.well-known/xaigh-domain-verification.txt"
TOKEN_PREFIX = "xaigh-domain-verification="


class ProofKind(StrEnum):
    """What a proof is about."""

    DOMAIN = "DOMAIN"
    CALLBACK = "CALLBACK"


class ProofMethod(StrEnum):
    """How a proof was given."""

    DNS_TXT = "DNS_TXT"
    WELL_KNOWN_FILE = "WELL_KNOWN_FILE"
    CHALLENGE = "CHALLENGE"


class DomainUnprovable(DomainError):
    """The domain identifies no company."""

    reason = "DOMAIN_UNPROVABLE"

    def __init__(self, domain: str, why: str) -> None:
        super().__init__(
            f"{domain} can't be proven: {why}",
            violations=[FieldViolation(path="contactEmail", description=why)],
            metadata={"domain": domain},
        )


class DomainUnproven(DomainError):
    """Neither way of proof held the token."""

    reason = "DOMAIN_UNPROVEN"

    def __init__(self, domain: str, why: str) -> None:
        super().__init__(
            f"{domain} isn't proven: {why}",
            violations=[FieldViolation(path="contactEmail", description=why)],
            metadata={"domain": domain},
        )


class CallbackUnproven(DomainError):
    """A callback didn't answer its challenge."""

    reason = "CALLBACK_UNPROVEN"

    def __init__(self, failed: Sequence[FieldViolation]) -> None:
        super().__init__(f"{failed[0].path}: {failed[0].description}", violations=failed)


class ProofRateLimited(DomainError):
    reason = "PROOF_RATE_LIMITED"
    default_message = "Too many attempts to prove ownership."


class Subject(NamedTuple):
    """One thing that can be proven. `field` is the field of the form that names it.

    `environment` decides whether a callback may be plain http.
    """

    kind: ProofKind
    name: str
    field: str
    environment: Environment = Environment.PRODUCTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What one check found: the way that proved it, or why it doesn't hold."""

    subject: Subject
    method: ProofMethod | None
    finding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A proof as it stands. `finding` says why it has lapsed, and is empty while it holds."""

    ticket_id: str
    kind: ProofKind
    subject: str
    method: ProofMethod
    prove_time: datetime
    check_time: datetime
    next_check_time: datetime
    lapse_time: datetime | None = None
    finding: str = ""

    @property
    def holds(self) -> bool:
        """Whether the last check found it to hold."""
        return self.lapse_time is None

    def checked(self, check: Check, now: datetime) -> Proof:
        """Returns the proof after another check."""
        if check.method is None:
            return replace(
                self,
                check_time=now,
                next_check_time=now + LAPSED_CHECKED_EVERY,
                lapse_time=self.lapse_time or now,
                finding=check.finding,
            )
        return replace(
            self,
            method=check.method,
            check_time=now,
            next_check_time=now + CHECKED_EVERY,
            lapse_time=None,
            finding="",
        )


def first_proof(ticket_id: str, check: Check, now: datetime) -> Proof:
    """Returns the proof that a successful first check makes."""
    assert check.method is not None
    return Proof(
        ticket_id=ticket_id,
        kind=check.subject.kind,
        subject=check.subject.name,
        method=check.method,
        prove_time=now,
        check_time=now,
        next_check_time=now + CHECKED_EVERY,
    )


class ProofSet:
    """The proofs of one ticket, by what they are about."""

    def __init__(self, proofs: Iterable[Proof]) -> None:
        self._proofs: Mapping[tuple[ProofKind, str], Proof] = {
            (each.kind, each.subject): each for each in proofs
        }

    def proof_of(self, kind: ProofKind, subject: str) -> Proof | None:
        """Returns a proof, lapsed or not; None where there never was one."""
        return self._proofs.get((kind, subject))

    def proves(self, kind: ProofKind, subject: str) -> bool:
        """Whether there is a proof, and it holds."""
        proof = self.proof_of(kind, subject)
        return proof is not None and proof.holds


def domain_subject(form: RequestForm) -> Subject:
    """The domain that a request can prove."""
    return Subject(ProofKind.DOMAIN, form.email_domain, "contactEmail")


def callback_subjects(form: RequestForm, environment: str = "") -> list[Subject]:
    """The callbacks of a request, or that of one environment."""
    # Only a callback that serves the sandbox alone may be plain http.
    serves = Environment.SANDBOX
    if Environment.PRODUCTION in form.environments:
        serves = Environment.PRODUCTION
    main = Subject(ProofKind.CALLBACK, form.callback_url, "callbackUrl", serves)
    sandbox = Subject(
        ProofKind.CALLBACK, form.sandbox_callback_url, "sandboxCallbackUrl", Environment.SANDBOX
    )
    if environment == Environment.SANDBOX:
        return [sandbox if sandbox.name else main]
    return [main, sandbox] if sandbox.name and not environment else [main]


def subjects_of(form: RequestForm) -> list[Subject]:
    """Everything that a request can prove, the domain first."""
    return [domain_subject(form), *callback_subjects(form)]


def unprovable(domain: str) -> str:
    """Why a domain can't prove a company, in a sentence; empty where it can."""
    if is_free_mail(domain):
        return "It is a provider of free mailboxes: give an address of the company."
    if _suffixes().is_public(domain):
        return "It is a public suffix, under which others register names."
    return ""


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # 30 ms, and not needed to start

    return PublicSuffixList()


def dns_name(domain: str) -> str:
    """The name of the TXT record that proves a domain."""
    return f"{DNS_LABEL}.{domain}"


def file_url(domain: str) -> str:
    """The URL of the file that proves a domain."""
    return f"https://{domain}{FILE_PATH}"
