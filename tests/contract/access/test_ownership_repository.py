"""Proofs of ownership in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from tests.harness.control_rows import DAY, NOW, seed, sql

from xaigh_server.access.ownership import Proof, ProofKind, ProofMethod
from xaigh_server.access.ownership_repository import Proofs
from xaigh_server.db.database import Database
from xaigh_server.db.session import Session

PROOF = Proof(
    ticket_id="tkt_1",
    kind=ProofKind.DOMAIN,
    subject="example.com",
    method=ProofMethod.DNS_TXT,
    prove_time=NOW,
    check_time=NOW,
    next_check_time=NOW + 7 * DAY,
)
LAPSED = replace(PROOF, lapse_time=NOW + DAY, finding="It is gone.", check_time=NOW + DAY)


def _store(proof: Proof, session: Session) -> None:
    Proofs(session).store(proof)


async def test_a_proof_is_read_as_it_was_written(control: Database) -> None:
    """And written anew in its place."""
    await control.write(seed)
    for proof in (PROOF, LAPSED, PROOF):
        await control.write(partial(_store, proof))
        found = await control.read(lambda session: Proofs(session).of("tkt_1"))
        assert found.proof_of(ProofKind.DOMAIN, "example.com") == proof
        assert found.proves(ProofKind.DOMAIN, "example.com") == proof.holds
        assert found.proof_of(ProofKind.CALLBACK, "example.com") is None


async def test_due_proofs_are_those_that_matter(control: Database) -> None:
    """Those of a request that led nowhere are left alone."""
    await control.write(seed)
    await control.write(lambda session: Proofs(session).store(PROOF))
    at = PROOF.next_check_time

    async def due(now: datetime = at) -> list[Proof]:
        return await control.read(lambda session: Proofs(session).due(now, limit=9))

    assert await due(at - timedelta(seconds=1)) == []
    assert await due() == [PROOF]
    for state in ("DENIED", "WITHDRAWN", "EXPIRED"):
        await control.write(sql(f"UPDATE tickets SET state = '{state}'"))
        assert await due() == []
