"""Conversion of proofs of ownership to messages, and what an applicant is told to do."""

from __future__ import annotations

from xaigh.access.v1 import ownership_pb2 as pb
from xaigh_server.access.callback_secrets import CallbackSecrets
from xaigh_server.access.model import Ticket
from xaigh_server.access.ownership import (
    ProofKind,
    ProofSet,
    Subject,
    dns_name,
    domain_subject,
    file_url,
    subjects_of,
    unprovable,
)
from xaigh_server.access.ownership_checks import domain_token
from xaigh_server.identity.webhook_secrets import SecretBox
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork

_CALLBACK_STEP = (
    "To prove the callback, answer a POST of the type callback.challenge with its data.challenge, "
    "as plain text or as JSON in a member `challenge`, after you have verified its signature; "
    "then call proveCallback."
)


def proofs_to_pb(ticket: Ticket, ownership: ProofSet) -> list[pb.OwnershipProof]:
    """Converts what a ticket's form can prove, proven or not."""
    return [_proof_to_pb(subject, ownership) for subject in subjects_of(ticket.form)]


def instructions(
    ticket: Ticket, ownership: ProofSet, unit: UnitOfWork, box: SecretBox
) -> pb.OwnershipInstructions | None:
    """Returns what is left to prove, and how; None where everything is proven."""
    message = pb.OwnershipInstructions()
    domain = domain_subject(ticket.form).name
    sealed = CallbackSecrets(unit.session).get(ticket.ticket_id)
    open_domain = not ownership.proves(ProofKind.DOMAIN, domain) and not unprovable(domain)
    if open_domain and sealed is not None:
        message.dns_name = dns_name(domain)
        message.dns_value = domain_token(box.open(sealed, ticket.ticket_id))
        message.file_url = file_url(domain)
        message.steps.append(
            f"To prove {domain}, publish the TXT record {message.dns_name} with the text "
            f"{message.dns_value}, or serve that text as a line of {message.file_url}; then call "
            "proveDomain. Keep it published: it is checked every week."
        )
    callbacks = [each for each in subjects_of(ticket.form) if each.kind is ProofKind.CALLBACK]
    if not all(ownership.proves(each.kind, each.name) for each in callbacks):
        message.steps.append(_CALLBACK_STEP)
    return message if message.steps else None


def _proof_to_pb(subject: Subject, ownership: ProofSet) -> pb.OwnershipProof:
    message = pb.OwnershipProof(
        kind=pb.OwnershipProof.Kind.Value(subject.kind.value),
        subject=subject.name,
        state=pb.OwnershipProof.UNPROVEN,
    )
    proof = ownership.proof_of(subject.kind, subject.name)
    if proof is None:
        why = unprovable(subject.name) if subject.kind is ProofKind.DOMAIN else ""
        if why:
            message.state, message.finding = pb.OwnershipProof.IMPOSSIBLE, why
        return message
    message.state = pb.OwnershipProof.PROVEN if proof.holds else pb.OwnershipProof.LAPSED
    message.method = pb.OwnershipProof.Method.Value(proof.method.value)
    message.finding = proof.finding
    set_time(message.prove_time, proof.prove_time)
    set_time(message.check_time, proof.check_time)
    set_time(message.lapse_time, proof.lapse_time)
    return message
