"""Stand-ins for what lies outside of the databases: DNS, a callback probe, sandbox traffic."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from xaigh_server.access.approval import (
    Evidence,
)
from xaigh_server.net.http_reply import Fetched, HttpOutcome
from xaigh_server.net.url_guard import CallbackUrl, NameUnresolved

PUBLIC_ADDRESS = "93.184.216.34"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The result of a probe: the HTTP status of the callback, and findings in sentences."""

    status: int = 204
    findings: Sequence[str] = ()


@dataclass(slots=True)
class Outside:
    """Answers from its fields, and keeps what it was asked for.

    `addresses` maps a host to its addresses; a host that it lacks doesn't resolve.
    """

    addresses_of: dict[str, Sequence[str]] = field(default_factory=dict)
    probe_result: Probed = field(default_factory=Probed)
    evidence_of: dict[str, Evidence] = field(default_factory=dict)
    probed: list[str] = field(default_factory=list)
    texts_of: dict[str, Sequence[str]] = field(default_factory=dict)
    files: dict[str, Fetched] = field(default_factory=dict)
    echoes: bool = True
    """Whether callbacks answer challenges with their value."""
    fetched: list[tuple[str, bytes | None, Mapping[str, str]]] = field(default_factory=list)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host. Raises `NameUnresolved`."""
        if host not in self.addresses_of:
            raise NameUnresolved("no such name.")
        return self.addresses_of[host]

    async def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name. Raises `NameUnresolved`."""
        if name not in self.texts_of:
            raise NameUnresolved("no such name.")
        return self.texts_of[name]

    async def fetch(
        self, method: str, url: CallbackUrl, body: bytes | None, headers: Mapping[str, str]
    ) -> Fetched:
        """A file, or the answer of a callback to its challenge."""
        self.fetched.append((str(url), body, headers))
        if body is not None and self.echoes:
            challenge = json.loads(body)["data"]["challenge"]
            return Fetched(outcome=HttpOutcome.ACCEPTED, status=200, body=challenge.encode())
        if body is not None:
            return Fetched(outcome=HttpOutcome.ACCEPTED, status=204)
        return self.files.get(str(url), Fetched(outcome=HttpOutcome.REFUSED, status=404))

    async def probe(self, url: CallbackUrl) -> Probed:
        """Records the URL and connects to nothing."""
        self.probed.append(str(url))
        return self.probe_result

    async def evidence(self, organization_id: str) -> Evidence:
        """The sandbox evidence of an organization; none where the test gave none."""
        return self.evidence_of.get(organization_id, Evidence())
