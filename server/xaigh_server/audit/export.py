"""Export of the audit log: JSON lines that anyone with the public key can verify offline.

The first line names the format. Then come the signed heads of every chain (`"type":"head"`), then
the events (`"type":"event"`), chain by chain, each with all members that its hash covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.expected_heads import ExpectedHeads
from xaigh_server.audit.heads import SignedHead, parse_head
from xaigh_server.audit.model import ChainId, canonical_json
from xaigh_server.audit.verify import ChainRecord, ChainReport, ChainVerifier

CHAINS = (ChainId("control"), ChainId("production"), ChainId("sandbox"))
FORMAT = "xaigh-audit-export/1"


class ExportMalformed(ValueError):
    """The lines aren't an export. The text names the line."""


def header_line() -> bytes:
    """The first line."""
    return canonical_json({"type": "header", "format": FORMAT})


def head_line(head: SignedHead) -> bytes:
    """A head's line."""
    return canonical_json({"type": "head", **orjson.loads(head.line())})


def event_line(chain: ChainId, record: ChainRecord) -> bytes:
    """An event's line. One that can't be read leaves a line that verifies as bad."""
    members = {"chain": str(chain), "sequence": record.sequence, "prevHash": record.prev_hash}
    if record.form is not None:
        members = orjson.loads(record.form)
    return canonical_json({**members, "type": "event", "hash": record.hash})


def verify_export(
    lines: Iterable[bytes],
    public_key: Ed25519PublicKey,
    *,
    chains: Iterable[ChainId] = CHAINS,
    expected: ExpectedHeads = MappingProxyType({}),
) -> list[ChainReport]:
    """Reports on each chain, by name. Needs nothing but the lines and the key.

    `expected` are heads that the reader knows from elsewhere.

    `chains` are reported even where nothing of them is there: a whole chain can be left out, too.
    ExportMalformed: a line isn't of the format.
    """
    export = _Export(public_key, expected)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            export.take(line)
        except (ValueError, TypeError, KeyError) as error:
            raise ExportMalformed(f"line {number} isn't of an audit export: {error}") from error
    return export.reports(chains)


class _Export:
    """An export on its way in: heads first, then events."""

    def __init__(self, public_key: Ed25519PublicKey, expected: ExpectedHeads) -> None:
        self._public_key = public_key
        self._expected = expected
        self._format = ""
        self._heads: dict[ChainId, list[SignedHead]] = {}
        self._verifiers: dict[ChainId, ChainVerifier] = {}

    def take(self, line: bytes) -> None:
        members = orjson.loads(line)
        kind = members.pop("type")
        if kind == "header":
            self._format = members["format"]
        if self._format != FORMAT:
            raise ValueError(f"it doesn't begin with the format {FORMAT}")
        if kind == "head":
            self._take_head(parse_head(orjson.dumps(members)))
        elif kind == "event":
            self._verifier(ChainId.parse(members["chain"])).feed(_record(members))

    def reports(self, chains: Iterable[ChainId]) -> list[ChainReport]:
        names = self._heads.keys() | self._verifiers.keys() | self._expected.keys() | set(chains)
        return [self._verifier(chain).report() for chain in sorted(names)]

    def _take_head(self, head: SignedHead) -> None:
        if head.chain in self._verifiers:
            raise ValueError("a head stands behind the events of its chain")
        self._heads.setdefault(head.chain, []).append(head)

    def _verifier(self, chain: ChainId) -> ChainVerifier:
        if chain not in self._verifiers:
            heads = self._heads.get(chain, [])
            self._verifiers[chain] = ChainVerifier(
                chain, heads, self._public_key, expected=self._expected.get(chain, {})
            )
        return self._verifiers[chain]


def _record(members: dict[str, Any]) -> ChainRecord:
    """An event's line as it is hashed: every member but the hash itself."""
    claimed = members.pop("hash")
    return ChainRecord(
        sequence=members["sequence"],
        prev_hash=members["prevHash"],
        hash=claimed,
        form=canonical_json(members),
    )
