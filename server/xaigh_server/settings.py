"""Every setting, as one frozen value: from a TOML file, then `XAIGH_*`, then the command line.

A name `rest_address` is `XAIGH_REST_ADDRESS` in the environment and `rest_address` in the file that
`XAIGH_SETTINGS` names. Secrets never show in a repr.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from xaigh_server.identity.rate_limit.model import SHIPPED_TIERS, Tier, Window
from xaigh_server.identity.scopes import SHIPPED_FAMILIES, ProductFamily, RoutePattern

PREFIX = "XAIGH_"


class SettingsError(ValueError):
    """A setting can't be used. The text names it and says what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a deployment can choose. Times are seconds, sizes bytes, addresses `host:port`."""

    # Where it listens. Port 0 takes a free one.
    rest_address: str = "127.0.0.1:8080"
    grpc_address: str = "127.0.0.1:9090"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    trusted_proxies: tuple[str, ...] = ()

    # Where it keeps things. Empty URLs mean SQLite files in the data folder.
    data_dir: Path = Path("data")
    control_url: str = field(default="", repr=False)
    sandbox_url: str = field(default="", repr=False)
    production_url: str = field(default="", repr=False)

    # Secrets. Empty ones come from files made at the first start, beside the databases.
    pepper: str = field(default="", repr=False)
    previous_pepper: str = field(default="", repr=False)
    webhook_key: str = field(default="", repr=False)

    # Limits.
    max_body_bytes: int = 32 * 1024 * 1024
    max_deadline: float = 60.0
    drain_seconds: float = 10.0
    tiers: tuple[Tier, ...] = SHIPPED_TIERS
    default_tier: str = "standard"
    public_limit_per_minute: int = 60
    bad_credential_limit_per_minute: int = 60

    # Rules of the gate.
    families: tuple[ProductFamily, ...] = SHIPPED_FAMILIES
    solo_approvals: bool = False
    max_rotation_grace: int = 7 * 24 * 3600
    ticket_idle_days: int = 30
    idempotency_hours: int = 48

    # How long it remembers every change of a job, of which it keeps the last of each kind
    # afterwards, and what syncs did to single roles. In days; 0 is for ever.
    change_days: int = 30
    sync_event_days: int = 0

    # How many processes serve behind the same addresses; 0: one for each core.
    processes: int = 1

    # How many worker processes read the records of batches, in each process that serves; 0 is 1.
    sync_processes: int = 1

    # Behaviour.
    reflection: bool = True
    log_format: str = "auto"
    tracing: bool = False
    allow_loopback_callbacks: bool = False
    deliver_webhooks: bool = True
    delivery_days: int = 30
    cors_origins: tuple[str, ...] = ()
    docs_url: str = "https://api.xaigh.com/docs"

    def __post_init__(self) -> None:
        if self.default_tier not in {tier.name for tier in self.tiers}:
            raise SettingsError(f"default_tier: {self.default_tier!r} isn't one of the tiers")
        if self.processes < 0:
            raise SettingsError("processes: takes a number, or 0 for one on each core")
        for name in ("change_days", "sync_event_days"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name}: takes a number of days, or 0 for ever")
        if self.log_format not in ("auto", "json", "console"):
            raise SettingsError("log_format: takes auto, json or console")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("tls_cert and tls_key: give both or neither")
        if self.client_ca is not None and self.tls_cert is None:
            raise SettingsError("client_ca: needs tls_cert and tls_key, too")
        given = [bool(url) for url in (self.control_url, self.sandbox_url, self.production_url)]
        if any(given) and not all(given):
            raise SettingsError("control_url, sandbox_url and production_url: give all or none")
        for network in self.trusted_proxies:
            _network("trusted_proxies", network)
        for name in ("rest_address", "grpc_address"):
            split_address(name, getattr(self, name))

    @property
    def audit_dir(self) -> Path:
        """Where the audit log's signing key and anchors are."""
        return self.data_dir / "audit"

    @property
    def anchor_file(self) -> Path:
        """The signed heads of the audit chains, outside the databases."""
        return self.audit_dir / "anchors.jsonl"


def split_address(name: str, address: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[::1]:port` or `:port`. Raises `SettingsError`."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{name}: {address!r} isn't host:port, for example 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def load(
    environ: Mapping[str, str] = os.environ, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Settings from the file, the environment and the command line, later ones winning."""
    values: dict[str, Any] = {}
    path = environ.get(PREFIX + "SETTINGS", "")
    if path:
        values.update(_from_file(Path(path)))
    values.update(_from_environment(environ))
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    return Settings(**{name: _convert(name, value) for name, value in values.items()})


def _from_file(path: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{PREFIX}SETTINGS: can't read {path}: {error}") from error
    unknown = sorted(set(read) - _KINDS.keys())
    if unknown:
        raise SettingsError(f"{path}: there is no setting {unknown[0]!r}")
    return read


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {PREFIX + name.upper(): name for name in _KINDS if name not in ("tiers", "families")}
    return {name: environ[key] for key, name in names.items() if key in environ}


def _convert(name: str, value: Any) -> Any:
    kind = _KINDS[name]
    try:
        return kind(value)
    except (TypeError, ValueError, KeyError) as error:
        raise SettingsError(f"{name}: can't use {value!r}: {error}") from error


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ValueError("takes true or false")
    return text in ("1", "true", "yes", "on")


def _path(value: Any) -> Path | None:
    return Path(value) if value else None


def _words(value: Any) -> tuple[str, ...]:
    words = value.split(",") if isinstance(value, str) else value
    return tuple(word.strip() for word in words if word.strip())


def _network(name: str, text: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


def _tiers(value: Any) -> tuple[Tier, ...]:
    """`[tiers.standard]` with `minute = {calls = 600, seconds = 60}`, the narrowest tier first."""
    if isinstance(value, tuple):
        return value
    return tuple(
        Tier(name=name, windows=tuple(Window(name=key, **facts) for key, facts in windows.items()))
        for name, windows in value.items()
    )


def _families(value: Any) -> tuple[ProductFamily, ...]:
    """`[families.nature]` with `launched` and, by verb, routes such as `GET /v1/nature/*`."""
    if isinstance(value, tuple):
        return value
    return tuple(_family(name, facts) for name, facts in value.items())


def _family(name: str, facts: Mapping[str, Any]) -> ProductFamily:
    return ProductFamily(
        name=name,
        launched=_flag(facts["launched"]),
        summary=str(facts.get("summary", "")),
        high_risk=frozenset(facts.get("high_risk", ())),
        routes={verb: tuple(map(_route, listed)) for verb, listed in facts["routes"].items()},
    )


def _route(text: str) -> RoutePattern:
    methods, space, path = text.partition(" ")
    if not space or not path.startswith("/"):
        raise ValueError(f"the route {text!r} isn't a method and a path, as in GET /v1/nature/*")
    return RoutePattern(methods=frozenset(methods.split("|")), path=path)


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": _flag,
    "Path": Path,
    "Path | None": _path,
    "tuple[str, ...]": _words,
    "tuple[Tier, ...]": _tiers,
    "tuple[ProductFamily, ...]": _families,
}
_KINDS: dict[str, Callable[[Any], Any]] = {
    entry.name: _BY_TYPE[str(entry.type)] for entry in fields(Settings)
}
