"""Profiles: addresses of servers with credentials, in one file of mode 0600.

The file is `$XAIGH_CONFIG`, or `xaigh/profiles.json` below `$XDG_CONFIG_HOME` or `~/.config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from xaigh_client.cli import private_files
from xaigh_client.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The address of a server, and a credential for it."""

    address: str
    api_key: str = field(repr=False)
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """The content of the file."""

    current: str = ""
    """The profile that is used when none is named."""
    by_name: Mapping[str, Profile] = field(default_factory=dict)

    def get(self, name: str) -> Profile:
        """Returns a profile by its name. Raises ConfigurationError with the known names."""
        try:
            return self.by_name[name]
        except KeyError:
            known = ", ".join(sorted(self.by_name)) or "none"
            raise ConfigurationError(f"no profile {name!r}; there are: {known}") from None

    def with_profile(self, name: str, profile: Profile) -> Profiles:
        """Returns a copy with one more profile, which becomes the current one."""
        return replace(self, current=name, by_name={**self.by_name, name: profile})

    def without(self, name: str) -> Profiles:
        """Returns a copy without a profile. Raises ConfigurationError for an unknown name."""
        self.get(name)
        rest = {key: value for key, value in self.by_name.items() if key != name}
        return replace(self, current="" if self.current == name else self.current, by_name=rest)


def path(environ: Mapping[str, str]) -> Path:
    """Returns the path of the file."""
    if chosen := environ.get("XAIGH_CONFIG"):
        return Path(chosen)
    base = environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "~")).expanduser() / ".config"
    return Path(base) / "xaigh" / "profiles.json"


def load(file: Path) -> Profiles:
    """Reads the file; no profiles where it doesn't exist. Raises ConfigurationError."""
    content = private_files.load(file)
    if content is None:
        return Profiles()
    try:
        return Profiles(
            current=str(content["current"]),
            by_name={str(k): Profile(**v) for k, v in content["profiles"].items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ConfigurationError(f"{file} isn't a file of profiles; mend or delete it") from None


def save(file: Path, profiles: Profiles) -> None:
    """Replaces the file atomically, with mode 0600. Raises ConfigurationError."""
    content = {
        "current": profiles.current,
        "profiles": {name: asdict(one) for name, one in sorted(profiles.by_name.items())},
    }
    private_files.save(file, content)
