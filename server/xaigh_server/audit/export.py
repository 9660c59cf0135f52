"""Export of the audit log: JSON lines that anyone with the public key can verify offline.

The first line names the format. An export of everything then has every anchor (`"type":"anchor"`)
and the events (`"type":"event"`), chain by chain, each with all members that its hash covers.

An export of one organization has the header of the newest anchor (`"type":"anchor_header"`), a
proof of inclusion for the head of each of its chains (`"type":"proof"`), and the events of those
chains. It names no other organization. One that a key exports (`own_export.py`) has a link
(`"type":"link"`) in place of each event that the key may not read: its place and its hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xaigh_server.audit.anchor_history import AnchorHistory
from xaigh_server.audit.anchors import (
    Anchor,
    AnchorHeader,
    key_name,
    parse_anchor,
    parse_header,
    parse_proof,
    proof_members,
)
from xaigh_server.audit.expected_heads import ExpectedHeads
from xaigh_server.audit.merkle import InclusionProof
from xaigh_server.audit.model import ChainId, canonical_json
from xaigh_server.audit.verify import AnchorsReport, ChainRecord, ChainVerifier, TrailReport

DATABASES = ("control", "production", "sandbox")
FORMAT = "xaigh-audit-export/2"


class ExportMalformed(ValueError):
    """The lines aren't an export. The text names the line."""


def chains_of(organization_id: str) -> tuple[ChainId, ...]:
    """The three chains of an organization, or of what concerns none."""
    return tuple(ChainId(database, organization_id) for database in DATABASES)


def header_line(organization_id: str = "") -> bytes:
    """The first line. With an organization the export is of its chains alone."""
    members = {"type": "header", "format": FORMAT}
    return canonical_json(members | ({"organization": organization_id} if organization_id else {}))


def anchor_line(anchor: Anchor) -> bytes:
    """An anchor's line."""
    return canonical_json({"type": "anchor", **anchor.members()})


def anchor_header_line(header: AnchorHeader) -> bytes:
    """The line of an anchor's header alone."""
    return canonical_json({"type": "anchor_header", **header.members()})


def proof_line(proof: InclusionProof) -> bytes:
    """The line of a proof of inclusion."""
    return canonical_json({"type": "proof", **proof_members(proof)})


def event_line(chain: ChainId, record: ChainRecord) -> bytes:
    """An event's line. One that can't be read leaves a line that verifies as bad."""
    members = {"chain": str(chain), "sequence": record.sequence, "prevHash": record.prev_hash}
    if record.form is not None:
        members = orjson.loads(record.form)
    return canonical_json({**members, "type": "event", "hash": record.hash})


def link_line(chain: ChainId, record: ChainRecord) -> bytes:
    """The line of an event whose content is withheld: its place and its hashes."""
    members = {"chain": str(chain), "sequence": record.sequence, "prevHash": record.prev_hash}
    return canonical_json({**members, "type": "link", "hash": record.hash})


def verify_export(
    lines: Iterable[bytes],
    *public_keys: Ed25519PublicKey,
    chains: Iterable[ChainId] | None = None,
    expected: ExpectedHeads = MappingProxyType({}),
) -> TrailReport:
    """Reports on the anchors and on each chain, by name. Needs nothing but the lines and the key.

    One of the keys must be that of the newest anchor; it vouches for those before it.
    `expected` are heads that the reader knows from elsewhere.

    `chains` are reported even where nothing of them is there: a whole chain can be left out, too.
    None: those of the organization that the first line names, or of what concerns none.
    ExportMalformed: a line isn't of the format.
    """
    export = _Export(public_keys, expected)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            export.take(line)
        except (ValueError, TypeError, KeyError) as error:
            raise ExportMalformed(f"line {number} isn't of an audit export: {error}") from error
    return export.report(chains)


class _Export:
    """An export on its way in: anchors first, then events."""

    def __init__(self, public_keys: Sequence[Ed25519PublicKey], expected: ExpectedHeads) -> None:
        self._known = frozenset(map(key_name, public_keys))
        self._expected = expected
        self._format = ""
        self._organization_id = ""
        self._history = AnchorHistory(*public_keys)
        self._header: AnchorHeader | None = None
        self._header_fault = ""
        self._proven: dict[ChainId, dict[int, str]] = {}
        self._verifiers: dict[ChainId, ChainVerifier] = {}

    def take(self, line: bytes) -> None:
        members = orjson.loads(line)
        kind = members.pop("type")
        if kind == "header":
            self._format = members["format"]
            self._organization_id = members.get("organization", "")
        if self._format != FORMAT:
            raise ValueError(f"it doesn't begin with the format {FORMAT}")
        if kind == "event":
            self._history.close()
            self._verifier(ChainId.parse(members["chain"])).feed(_record(members))
        elif kind == "link":
            self._verifier(ChainId.parse(members["chain"])).feed(_link(members))
        elif kind in ("anchor", "anchor_header", "proof"):
            self._take_anchor(kind, members)

    def report(self, chains: Iterable[ChainId] | None) -> TrailReport:
        self._history.close()
        wanted = chains_of(self._organization_id) if chains is None else chains
        names = self._heads().keys() | self._verifiers.keys() | self._expected.keys() | set(wanted)
        return TrailReport(
            anchors=self._anchors(),
            chains=tuple(self._verifier(chain).report() for chain in sorted(names)),
        )

    def _anchors(self) -> AnchorsReport:
        if self._header is None:
            return report_of(self._history, kept=self._history.count)
        sound = not self._header_fault
        return AnchorsReport(
            count=int(sound),
            kept=int(sound),
            first_bad=None if sound else self._header.number,
            fault=self._header_fault,
        )

    def _take_anchor(self, kind: str, members: dict[str, Any]) -> None:
        if self._verifiers:
            raise ValueError("an anchor stands behind an event")
        if kind == "anchor":
            self._history.take(parse_anchor(orjson.dumps(members)))
        elif kind == "anchor_header":
            self._header = parse_header(members)
            if not self._header.is_genuine():
                self._header_fault = "the signature is wrong"
            elif self._header.key not in self._known:
                self._header_fault = f"it is signed by the key {self._header.key}, not known here"
        else:
            self._take_proof(parse_proof(members))

    def _take_proof(self, proof: InclusionProof) -> None:
        if self._header is None:
            raise ValueError("a proof stands before the header of its anchor")
        if proof.root(self._header.chains) == self._header.root:
            self._proven[proof.chain] = {proof.head.sequence: proof.head.hash}
        elif not self._header_fault:
            self._header_fault = f"the proof of {proof.chain} doesn't give the signed root"

    def _heads(self) -> Mapping[ChainId, Mapping[int, str]]:
        """What proves, by chain; nothing where the header itself isn't sound."""
        if self._header is None:
            return self._history.heads
        return {} if self._header_fault else self._proven

    def _verifier(self, chain: ChainId) -> ChainVerifier:
        if chain not in self._verifiers:
            self._verifiers[chain] = ChainVerifier(
                chain,
                signed=self._heads().get(chain, {}),
                expected=self._expected.get(chain, {}),
            )
        return self._verifiers[chain]


def report_of(history: AnchorHistory, *, kept: int) -> AnchorsReport:
    """The report on a history of which the first `kept` anchors are in the file."""
    return AnchorsReport(
        count=history.count,
        kept=min(kept, history.count),
        first_bad=history.count + 1 if history.fault else None,
        fault=history.fault,
        keys=tuple(history.keys),
    )


def _link(members: dict[str, Any]) -> ChainRecord:
    """A link's line: an event whose content isn't there."""
    return ChainRecord(
        sequence=members["sequence"],
        prev_hash=members["prevHash"],
        hash=members["hash"],
        form=None,
        withheld=True,
    )


def _record(members: dict[str, Any]) -> ChainRecord:
    """An event's line as it is hashed: every member but the hash itself."""
    claimed = members.pop("hash")
    return ChainRecord(
        sequence=members["sequence"],
        prev_hash=members["prevHash"],
        hash=claimed,
        form=canonical_json(members),
    )
