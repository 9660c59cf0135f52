"""Settings of the server: one frozen value with everything that a deployment can choose.

Three sources, later ones winning: the TOML file that `XAIGH_SETTINGS` names, the environment, the
command line. The field `rest_address` is `rest_address` in the file and `XAIGH_REST_ADDRESS` in the
environment. Secrets never appear in a repr. The comments and docstrings of the fields are the text
of `docs/reference/settings.md`: a comment begins a section, a docstring explains one setting.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from xaigh_server.audit.sink_settings import AuditSink
from xaigh_server.identity.rate_limit.model import SHIPPED_TIERS, Tier, Window
from xaigh_server.identity.scopes import SHIPPED_FAMILIES, ProductFamily, RoutePattern

PREFIX = "XAIGH_"
_IN_FILE_ONLY = ("tiers", "families", "audit_sinks")


class SettingsError(ValueError):
    """A setting can't be used. The text names it and says what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one deployment. Addresses are `host:port`, sizes bytes, times seconds."""

    # Addresses and TLS

    rest_address: str = "127.0.0.1:8080"
    """Where REST listens. Port 0 takes a free port, which the server prints."""
    grpc_address: str = "127.0.0.1:9090"
    """Where gRPC listens. Port 0 takes a free port, which the server prints."""
    admin_address: str = "127.0.0.1:9464"
    """Where `/metrics`, `/healthz` and `/readyz` are for the people who run the server, by HTTP
    without TLS. It asks for no credential: keep it on loopback or inside. Empty: nowhere."""
    admin_grpc_address: str = "127.0.0.1:9465"
    """Where gRPC's health service and reflection are for the same people. Empty: nowhere."""
    tls_cert: Path | None = None
    """PEM file with the certificate chain of both transports. Without it they speak plain text."""
    tls_key: Path | None = None
    """PEM file with the private key of `tls_cert`. Give both or neither."""
    client_ca: Path | None = None
    """PEM file with the CA of client certificates: gRPC then demands one (mutual TLS)."""
    founder_file: Path | None = None
    """New file, mode 0600, for the credential of the first operator, whom the first start adds.
    Without it the credential goes to the terminal; where standard output is no terminal, the start
    adds no operator, and `xaigh-server operator add NAME --role founder` does."""
    public_names: tuple[str, ...] = ()
    """Names and addresses under which callers reach this server, separated by commas, such as
    `api.example.com`; `*.` at the front stands for one label. No callback may lead there. The names
    of `tls_cert` and the addresses of this machine count without being listed."""
    name_servers: tuple[str, ...] = ()
    """Name servers for callbacks, as `address` or `address:port`, separated by commas. Empty: those
    of the system. Search domains aren't used; a look-up ends after 1.5 s."""
    trusted_proxies: tuple[str, ...] = ()
    """CIDR blocks of proxies whose `X-Forwarded-For` counts. From other peers it is ignored."""

    # Data

    data_dir: Path = Path("data")
    """Folder for SQLite files, generated secrets, the audit signing key and the anchor file."""
    control_url: str = field(default="", repr=False)
    """PostgreSQL URL of the control database. Empty: the SQLite file `control.db` in `data_dir`.
    Give all three URLs or none; with URLs, run `xaigh-server migrate` before the first start."""
    sandbox_url: str = field(default="", repr=False)
    """PostgreSQL URL of the sandbox's business data. Empty: `sandbox.db` in `data_dir`."""
    production_url: str = field(default="", repr=False)
    """PostgreSQL URL of production's business data. Empty: `production.db` in `data_dir`."""

    # Secrets

    pepper: str = field(default="", repr=False)
    """Pepper under which credentials are hashed, 64 hexadecimal digits. Empty: the file `pepper` in
    `data_dir`, which the first start makes on SQLite. Without it no issued key works any more. On
    PostgreSQL all secrets are given, the same to every server: `xaigh-server secrets new`."""
    previous_pepper: str = field(default="", repr=False)
    """Pepper that `pepper` replaces, while credentials hashed under it are alive. It needs
    `pepper`, too; the file has a second line for it."""
    webhook_key: str = field(default="", repr=False)
    """Key that encrypts webhook secrets at rest, 64 hexadecimal digits; an older key may follow
    behind a comma. Empty: the file `webhook-key` in `data_dir`, which the first start makes on
    SQLite."""
    application_key: str = field(default="", repr=False)
    """Key that encrypts the personal data of applications at rest, and the secrets that sign them,
    64 hexadecimal digits; an older key may follow behind a comma, until all is encrypted again,
    which the server does by itself. Empty: the file `application-key` in `data_dir`, which the
    first start makes on SQLite."""
    audit_key: str = field(default="", repr=False)
    """Ed25519 key that signs anchors of the audit log, 64 hexadecimal digits. Empty: the file
    `audit/signing_key.pem` in `data_dir`, which the first start makes on SQLite."""
    previous_audit_key: str = field(default="", repr=False)
    """Key that `audit_key` replaces, while the servers of a fleet change over; before that the one
    that will replace it. It needs `audit_key`, too; beside the file it is
    `audit/previous_signing_key.pem`."""

    # Limits

    max_body_bytes: int = 32 * 1024 * 1024
    """Largest request body over REST and largest message over gRPC, in bytes. Public methods and
    single records of a stream have smaller limits of their own."""
    max_deadline: float = 60.0
    """Longest time in seconds that a REST call or a unary gRPC call may take, its message included;
    a shorter `X-Request-Timeout` or `grpc-timeout` wins. Streams of events have no limit."""
    stream_idle_seconds: float = 300.0
    """Longest time in seconds that the sender of a request stream, such as a feed, may send
    nothing. Then the stream ends with `REQUEST_TIMEOUT`."""
    connections: int = 10_000
    """Connections over REST that each process takes; further ones get 503. Keep the limit of open
    files above it."""
    connections_per_address: int = 1_000
    """Connections of one peer address to each process, over REST and over gRPC each; further ones
    get 503 over REST, and over gRPC, where every connection is accepted, are closed within a
    second. Those of `trusted_proxies` have no limit of their own. Of IPv6 a /64 counts as one
    address."""
    calls_per_address: int = 2_000
    """Calls that one peer address may have open at a time at each process, over REST and gRPC
    together. Behind `trusted_proxies` the address is the client's."""
    streams_per_key: int = 100
    """Streams, such as watches and feeds, that one key may have open at a time at each process."""
    streams: int = 2_000
    """Streams of all callers at each process. Idle watches read the change log 1,000 times a second
    at most, all together, so with more of them each looks more seldom."""
    drain_seconds: float = 10.0
    """How long running calls and deliveries may go on after SIGTERM, in seconds."""
    drain_delay_seconds: float = 3.0
    """How long the server answers as before after SIGTERM while `/readyz` and gRPC's health say
    that it stops, in seconds: at least twice the interval at which load balancers ask. SIGINT, as
    by Ctrl-C, doesn't wait."""
    tiers: tuple[Tier, ...] = SHIPPED_TIERS
    """Rate limit tiers, the narrowest first: `[tiers.standard]` with a line such as
    `minute = {calls = 600, seconds = 60}` for each window. Only in the file; replaces all of the
    shipped ones."""
    default_tier: str = "standard"
    """Tier of a grant whose reviewer names none."""
    public_limit_per_minute: int = 60
    """Calls of public methods that one peer address may make in a minute."""
    public_bytes_per_day: int = 8 * 1024 * 1024
    """Bytes that one peer address may have stored by public methods in a day: its messages, and 4
    KiB for each call. A few times as much is written for them, until `ended_request_days`."""
    contact_limit_per_day: int = 20
    """Access requests that one `contactEmail` may submit in a day, from whatever addresses."""
    bad_credential_limit_per_minute: int = 60
    """Made-up credentials that one peer address may send in a minute, and as many tries of each
    credential that has ended. Good credentials of the address are never held up."""
    limits_url: str = field(default="", repr=False)
    """Redis in which all servers of a fleet count calls together: `redis://HOST:PORT/NUMBER`, with
    `rediss` over TLS, and `:PASSWORD@` before the host where it has one. Empty: each machine counts
    for itself, so N of them let N times the tier's calls through."""
    limits_when_unavailable: str = "open"
    """What happens while the Redis of `limits_url` doesn't answer: `open` lets each machine count
    for itself, `closed` refuses the calls of keys and of public methods as `UNAVAILABLE`."""
    proof_limit_per_hour: int = 20
    """Attempts to prove a domain or a callback in an hour, for one peer address and for one ticket
    alike: each makes this server connect to where an applicant says."""

    # Review, keys and idempotency

    families: tuple[ProductFamily, ...] = SHIPPED_FAMILIES
    """Product families whose services ask this gate with `VerifyKey`: `[families.nature]` with
    `launched`, `summary`, `high_risk` and, by verb, `routes`; a route may be a table with
    `publishable`. Only in the file; adds to the shipped ones, and changes one of the same name in
    what it says."""
    solo_approvals: bool = False
    """Lets one operator approve high-risk scopes in production alone, for teams of one. Every use
    is an audit event."""
    max_rotation_grace: int = 7 * 24 * 3600
    """Longest grace of a rotation in seconds: how long the replaced key may still work."""
    ticket_idle_days: int = 30
    """Days without activity after which an open access request expires."""
    idempotency_hours: int = 48
    """Hours for which a repeated idempotency key gets the recorded reply. At least 24, which the
    API promises."""

    # Retention

    change_days: int = 30
    """Days for which the change log of jobs is complete. Older changes are thinned out: the last
    of each kind stays for every job, so no cursor of `WatchJobs` goes stale. 0: for ever."""
    ended_request_days: int = 90
    """Days after which an access request is deleted that expired, was denied or withdrawn, and led
    to no grant and no proposal. Its audit events stay. 0: never."""
    sync_event_days: int = 0
    """Days for which ATS sync events are kept. 0: for ever."""
    delivery_days: int = 30
    """Days for which ended webhook deliveries stay in their log, and events in theirs."""
    application_days: int = 30
    """Days after which the personal data of an application is erased, from when it was forwarded,
    refused or failed."""
    request_log_days: int = 7
    """Days for which calls of known keys can be looked up; on PostgreSQL up to one more, since days
    are dropped whole. 0: calls aren't recorded."""

    # Processes

    processes: int = 1
    """Worker processes that serve behind the same addresses. 0: one for each core. Linux only."""
    hang_seconds: float = 30.0
    """How long a worker process may give no sign of life before it is killed and started again, in
    seconds. Only with several processes."""
    sync_processes: int = 1
    """Processes that read the records of ATS batches, for each worker process. 0 is 1: a record may
    be made to break its parser, so the server never reads one itself."""

    # Behaviour

    reflection: bool = False
    """Whether gRPC server reflection is at `grpc_address`, too, where every caller can use it."""
    log_format: str = "auto"
    """`json`, `console` or `auto`, which is `console` on a terminal and `json` elsewhere."""
    tracing: bool = False
    """Whether each call sends a span by OTLP; the standard `OTEL_*` variables say where to. Needs
    `pip install 'xaigh[tracing]'`."""
    deliver_webhooks: bool = True
    """Whether this server delivers webhooks. Off: leave it to `xaigh-server deliver`."""
    allow_loopback_callbacks: bool = False
    """Allows `http` callbacks to this host, for development. Never in production: it opens
    services on the loopback interface to whoever may name a callback."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call public methods from a browser, separated by commas. Methods for
    publishable keys take the origins listed on the key instead."""
    audit_sinks: tuple[AuditSink, ...] = ()
    """HTTPS destinations that get every audit event and anchor: `[audit_sinks.archive]` with `url`,
    and `secret` (`whsec_…`, signs as Standard Webhooks 1.0), `bearer`, or both. Only in the file.
    A sink under a new name gets everything from the first event on."""
    docs_url: str = ""
    """Where the documentation is, for the links in errors, such as `https://api.example.com/docs`.
    Empty: this server's own pages, at `https://` and the first of `public_names`, else where REST
    listens."""

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_words()
        self._check_what_goes_together()
        self._check_addresses()

    def _check_numbers(self) -> None:
        if self.processes < 0:
            raise SettingsError("processes: takes a number, or 0 for one on each core")
        if self.idempotency_hours < 24:
            raise SettingsError("idempotency_hours: takes at least 24, which the API promises")
        for name in ("change_days", "ended_request_days", "sync_event_days"):
            if getattr(self, name) < 0:
                raise SettingsError(f"{name}: takes a number of days, or 0 for ever")
        if self.application_days < 1:
            raise SettingsError("application_days: takes at least one day")
        if self.request_log_days < 0:
            raise SettingsError("request_log_days: takes a number of days, or 0 to record nothing")
        if self.drain_delay_seconds < 0:
            raise SettingsError("drain_delay_seconds: takes a number of seconds, or 0 for none")
        if self.hang_seconds < 2:
            raise SettingsError("hang_seconds: takes at least 2; a sign of life comes each second")

    def _check_words(self) -> None:
        if self.default_tier not in {tier.name for tier in self.tiers}:
            raise SettingsError(f"default_tier: {self.default_tier!r} isn't one of the tiers")
        if self.log_format not in ("auto", "json", "console"):
            raise SettingsError("log_format: takes auto, json or console")
        if self.limits_url and not self.limits_url.startswith(("redis://", "rediss://")):
            raise SettingsError("limits_url: takes redis://HOST:PORT/NUMBER, or rediss:// over TLS")
        if self.limits_when_unavailable not in ("open", "closed"):
            raise SettingsError("limits_when_unavailable: takes open or closed")

    def _check_what_goes_together(self) -> None:
        if self.previous_pepper and not self.pepper:
            raise SettingsError(
                "previous_pepper: needs pepper, too; in the file `pepper` it is the second line"
            )
        if self.previous_audit_key and not self.audit_key:
            raise SettingsError(
                "previous_audit_key: needs audit_key, too; beside the file"
                " `audit/signing_key.pem` it is `audit/previous_signing_key.pem`"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("tls_cert and tls_key: give both or neither")
        if self.client_ca is not None and self.tls_cert is None:
            raise SettingsError("client_ca: needs tls_cert and tls_key, too")
        given = [bool(url) for url in (self.control_url, self.sandbox_url, self.production_url)]
        if any(given) and not all(given):
            raise SettingsError("control_url, sandbox_url and production_url: give all or none")

    def _check_addresses(self) -> None:
        for network in self.trusted_proxies:
            _network("trusted_proxies", network)
        for server in self.name_servers:
            _name_server(server)
        for name in ("rest_address", "grpc_address"):
            split_address(name, getattr(self, name))
        for name in ("admin_address", "admin_grpc_address"):
            if getattr(self, name):
                split_address(name, getattr(self, name))

    @property
    def audit_dir(self) -> Path:
        """Where the audit log's signing key and anchors are."""
        return self.data_dir / "audit"

    @property
    def anchor_file(self) -> Path:
        """The anchors of the audit chains, outside the databases."""
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
    names = {PREFIX + name.upper(): name for name in _KINDS if name not in _IN_FILE_ONLY}
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


def _name_server(text: str) -> None:
    """Raises SettingsError unless it is like `192.0.2.1`, `192.0.2.1:53` or `[::1]:53`."""
    host, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    try:
        ipaddress.ip_address(host.strip("[]"))
        if port and not 0 < int(port) < 65536:
            raise ValueError(f"{port} isn't a port")
    except ValueError as error:
        raise SettingsError(f"name_servers: takes address or address:port: {error}") from error


def _tiers(value: Any) -> tuple[Tier, ...]:
    """`[tiers.standard]` with `minute = {calls = 600, seconds = 60}`, the narrowest tier first."""
    if isinstance(value, tuple):
        return value
    return tuple(
        Tier(name=name, windows=tuple(Window(name=key, **facts) for key, facts in windows.items()))
        for name, windows in value.items()
    )


def _families(value: Any) -> tuple[ProductFamily, ...]:
    """The shipped families, as the file changes them by name, and those that it adds."""
    if isinstance(value, tuple):
        return value
    families = {family.name: family for family in SHIPPED_FAMILIES}
    for name, facts in value.items():
        families[name] = _family(name, facts, families.get(name))
    return tuple(families.values())


def _family(name: str, facts: Mapping[str, Any], shipped: ProductFamily | None) -> ProductFamily:
    """A family of the file. What it doesn't say of a shipped one stays as shipped.

    A new family says whether it is launched, and its routes.
    """
    unknown = sorted(facts.keys() - {"launched", "summary", "high_risk", "routes"})
    if unknown:
        raise ValueError(f"{name} has no member {unknown[0]!r}")
    base = shipped or ProductFamily(name=name, launched=_flag(facts["launched"]), routes={})
    stated = facts.get("routes", {}) if shipped else facts["routes"]
    routes = {verb: tuple(map(_route, listed)) for verb, listed in stated.items()}
    return replace(
        base,
        launched=_flag(facts.get("launched", base.launched)),
        summary=str(facts.get("summary", base.summary)),
        high_risk=frozenset(facts.get("high_risk", base.high_risk)),
        routes={**base.routes, **routes},
    )


def _route(stated: Any) -> RoutePattern:
    """`"GET /v1/nature/*"`, or a table with that as `route` and `publishable = true`."""
    facts = stated if isinstance(stated, Mapping) else {"route": stated}
    text = str(facts["route"])
    methods, space, path = text.partition(" ")
    if not space or not path.startswith("/"):
        raise ValueError(f"the route {text!r} isn't a method and a path, as in GET /v1/nature/*")
    publishable = _flag(facts.get("publishable", False))
    return RoutePattern(methods=frozenset(methods.split("|")), path=path, publishable=publishable)


def _sinks(value: Any) -> tuple[AuditSink, ...]:
    """`[audit_sinks.archive]` with `url`, and `secret`, `bearer` or both."""
    if isinstance(value, tuple):
        return value
    for name, facts in value.items():
        unknown = sorted(facts.keys() - {"url", "secret", "bearer"})
        if unknown:
            raise ValueError(f"{name} has no member {unknown[0]!r}")
    return tuple(AuditSink(name=name, **facts) for name, facts in value.items())


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
    "tuple[AuditSink, ...]": _sinks,
}
_KINDS: dict[str, Callable[[Any], Any]] = {
    entry.name: _BY_TYPE[str(entry.type)] for entry in fields(Settings)
}
