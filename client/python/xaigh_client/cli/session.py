"""Session of one command: consoles, environment, common options, and the client."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from google.protobuf.message import Message
from rich.console import Console
from rich.text import Text

from xaigh_client.calls import Reply
from xaigh_client.cli import private_files, profiles
from xaigh_client.cli.profiles import Profile, Profiles
from xaigh_client.client import Client
from xaigh_client.errors import ConfigurationError
from xaigh_client.settings import Tls


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Session:
    """The state that a command needs. `commands` sets the common options."""

    out: Console = field(default_factory=lambda: Console(highlight=False))
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    stdin: IO[str] = field(default_factory=lambda: sys.stdin)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    now: Callable[[], datetime] = _now
    as_json: bool = False
    exact: bool = False
    profile: str = ""
    address: str = ""
    organization_names: dict[str, str] = field(default_factory=dict)
    """Names of organizations by id, as `names` looked them up."""
    option_names: Mapping[str, str] = field(default_factory=dict)
    """The options of a command by the fields of its request, for errors: they name fields."""
    _client: Client | None = None

    @property
    def config_file(self) -> Path:
        """The path of the file of profiles."""
        return profiles.path(self.environ)

    @property
    def state_folder(self) -> Path:
        """The folder of what the command remembers between runs."""
        return private_files.state_folder(self.environ)

    def resolve_profile(self) -> Profile:
        """The address and the credential to use, from options, the environment, the profile.

        Raises ConfigurationError where XAIGH_API_KEY comes without an address and a profile is in
        use: the key must not go to the profile's server unasked, nor to another one silently.
        """
        found = profiles.load(self.config_file)
        self._check_contradiction(found)
        name = self.profile or self.environ.get("XAIGH_PROFILE", "")
        if not name and "XAIGH_API_KEY" not in self.environ:
            name = found.current
        base = found.get(name) if name else Profile(address="", api_key="")
        named = bool(self.profile)
        key = base.api_key if named else self.environ.get("XAIGH_API_KEY") or base.api_key
        address = base.address if named else self.environ.get("XAIGH_ADDR") or base.address
        return Profile(address=self.address or address, api_key=key, ca_file=base.ca_file)

    def _check_contradiction(self, found: Profiles) -> None:
        named = self.profile or self.environ.get("XAIGH_PROFILE")
        addressed = self.address or self.environ.get("XAIGH_ADDR")
        if named or addressed or not found.current or not self.environ.get("XAIGH_API_KEY"):
            return
        address = found.get(found.current).address
        raise ConfigurationError(
            f"XAIGH_API_KEY is set without XAIGH_ADDR, and the profile {found.current} is in use. "
            f"For the key of the environment: XAIGH_ADDR={address}; for that of the profile: "
            f"--profile {found.current}"
        )

    @property
    def client(self) -> Client:
        """The client, created on first use."""
        if self._client is None:
            chosen = self.resolve_profile()
            self._client = Client(
                api_key=chosen.api_key,
                address=chosen.address or None,
                tls=tls_of(chosen.ca_file),
                on_reply=self._on_reply,
            )
        return self._client

    @property
    def is_operator(self) -> bool:
        """True where the credential is an operator's."""
        return self.resolve_profile().api_key.startswith("xop_")

    @property
    def interactive(self) -> bool:
        """True where stdin and stderr are a terminal, so that a prompt can be answered."""
        return self.stdin.isatty() and self.err.is_terminal

    def note(self, text: str) -> None:
        """Prints a remark to stderr, beside the result on stdout."""
        self.err.print(Text(text, style="dim"))

    def warn(self, text: str) -> None:
        """Prints a warning to stderr."""
        self.err.print(Text(text, style="yellow"))

    def close(self) -> None:
        """Closes the client where one was created."""
        if self._client is not None:
            self._client.close()

    def _on_reply(self, path: str, reply: Reply[Message]) -> None:
        if reply.replayed:
            self.note("This was done before: the answer is that of the earlier call.")
        if "deprecation" in reply.metadata:
            until = reply.metadata.get("sunset", "soon")
            self.warn(f"Your key was rotated and ends: {until}. Use the new one.")


def tls_of(ca_file: str) -> Tls | None:
    """Reads certificates to trust from a file; None for those of the environment."""
    if not ca_file:
        return None
    try:
        return Tls(ca=Path(ca_file).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"can't read {ca_file}: {error.strerror}") from None
