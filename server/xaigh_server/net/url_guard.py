"""URL guard: checks every URL that a user gives, for callbacks, webhook endpoints and probes.

    url       = scheme "://" host [ ":" port ] [ path ] [ "?" query ]
    scheme    = "https", in the sandbox also "http"
    host      = name | IPv4 | "[" IPv6 "]"
    name      = label 1*( "." label )        ; ASCII, or Unicode (`host_names`)
    path, query                              ; RFC 3986, ASCII, well-formed escapes

The guard refuses a malformed URL rather than repairing it: where two parsers repair it differently,
a request can reach an internal address. `check_url` is pure; `check_resolved` asks a resolver; the
connection checks again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Protocol

from xaigh_server.errors import DomainError, FieldViolation
from xaigh_server.identity.environments import Environment
from xaigh_server.net import addresses
from xaigh_server.net.addresses import IpAddress
from xaigh_server.net.host_names import HostNameInvalid, to_ascii
from xaigh_server.net.own_hosts import OwnHosts

MAX_URL = 2048
THIS_MACHINE = OwnHosts()

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_TARGET = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_DEFAULT_PORTS = {"https": 443, "http": 80}
# Ports above 1023 of other protocols: a crafted body must not become a command there.
# fmt: off
_OTHER_PROTOCOLS = frozenset((
    1719, 1720, 1723, 2049, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666,
    6667, 6668, 6669, 6679, 6697, 9100, 10080, 11211, 27017,
))
# fmt: on
# Names that by convention stay inside a host or a network.
_INSIDE = ("localhost", "local", "internal", "intranet", "private", "corp", "home", "lan")
_INSIDE_SUFFIXES = tuple(f".{name}" for name in (*_INSIDE, "localdomain", "arpa", "onion", "alt"))


class CallbackForbidden(DomainError):
    """The URL is one that this service never calls. The violation names the field and says why."""

    reason = "CALLBACK_FORBIDDEN"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(
            f"{field}: {why}", violations=(FieldViolation(path=field, description=why),)
        )
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackUrl:
    """A URL that passed `check_url`, in its normal form.

    `host` is lower-case ASCII without brackets; `target` begins with "/". `address` is set where
    the host is an address. `loopback` says that the development setting let it pass.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: IpAddress | None
    loopback: bool

    @property
    def authority(self) -> str:
        """The value of the Host header: the port only where it isn't the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


class NameUnresolved(Exception):
    """A name has no address now. `why` is safe to show to operators and applicants."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Resolver(Protocol):
    """Looks names up. It never connects."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of the name, in the order to try them. Raises `NameUnresolved`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a look-up found. `forbidden` holds sentences, one for each address never called."""

    addresses: tuple[IpAddress, ...] = ()
    forbidden: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    """Sentences for a reviewer; what is forbidden is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Result of a probe of a callback. `status` is 0 without a reply."""

    status: int
    findings: tuple[str, ...] = ()


def check_url(
    url: str,
    *,
    environment: Environment,
    allow_loopback: bool = False,
    own: OwnHosts = THIS_MACHINE,
    field: str = "url",
) -> CallbackUrl:
    """The URL in its normal form. Raises `CallbackForbidden`. Nothing is looked up.

    `allow_loopback` is for development: it also takes http, any port and this very host. `own` are
    the server's own hosts, which are refused.
    """
    check = _UrlCheck(environment=environment, allow_loopback=allow_loopback, own=own, field=field)
    return check.run(url)


async def resolve(
    url: CallbackUrl, resolver: Resolver, *, own: OwnHosts = THIS_MACHINE
) -> Resolution:
    """Looks the host up and judges every address. A name without one is a finding."""
    try:
        texts = [url.host] if url.address else await resolver.addresses(url.host, url.port)
    except NameUnresolved as unresolved:
        return Resolution(findings=(f"{url.host} doesn't resolve: {unresolved.why}",))
    return judge(url.host, texts, loopback=url.loopback, own=own)


def judge(
    host: str, texts: Sequence[str], *, loopback: bool, own: OwnHosts = THIS_MACHINE
) -> Resolution:
    """Checks a resolver's addresses for a host. One forbidden address forbids the name.

    `loopback` says that the host may be this very one; `own` are the server's own hosts.
    """
    found: list[IpAddress] = []
    forbidden: list[str] = []
    for text in texts:
        address = addresses.parse(text)
        if address is None:
            forbidden.append(f"{host} resolves to what isn't an address.")
        elif why := addresses.refusal(address, allow_loopback=loopback):
            forbidden.append(f"{host} leads to {address}, which is {why}.")
        elif own.has_address(address):
            forbidden.append(f"{host} leads to {address}, which is this server's own.")
        else:
            found.append(address)
    findings = list(forbidden)
    if not texts:
        findings.append(f"{host} doesn't resolve: it has no address.")
    if loopback:
        findings.append(f"{host} may be this very host: the development setting allows it.")
    return Resolution(addresses=tuple(found), forbidden=tuple(forbidden), findings=tuple(findings))


async def check_resolved(
    url: CallbackUrl, resolver: Resolver, *, own: OwnHosts = THIS_MACHINE, field: str = "url"
) -> Resolution:
    """`resolve`, but raises `CallbackForbidden` where an address is one that is never called."""
    resolution = await resolve(url, resolver, own=own)
    if resolution.forbidden:
        # The message omits the address: callers must not probe a name server through this error.
        raise CallbackForbidden(field, f"{url.host} leads to an address that isn't public.")
    return resolution


@dataclass(frozen=True, slots=True, kw_only=True)
class _UrlCheck:
    environment: Environment
    allow_loopback: bool
    own: OwnHosts
    field: str

    def run(self, url: str) -> CallbackUrl:
        parts = self._parts(url)
        host, port = self._authority(parts["authority"])
        address = self._literal(host)
        loopback = self.allow_loopback and (
            addresses.is_loopback(address) if address else is_local_name(host)
        )
        if address is None:
            self._name(host, loopback=loopback)
        elif why := addresses.refusal(address, allow_loopback=loopback):
            self._refuse(f"The address is {why}; give a public one.")
        elif self.own.has_address(address):
            self._refuse("The address is this server's own; give one of yours.")
        scheme = self._scheme(parts["scheme"].lower(), loopback=loopback)
        return CallbackUrl(
            scheme=scheme,
            host=str(address) if address else host,
            port=self._port(port, _DEFAULT_PORTS[scheme], loopback=loopback),
            target=self._target(parts["path"], parts["query"] or ""),
            address=address,
            loopback=loopback,
        )

    def _parts(self, url: str) -> dict[str, str]:
        if len(url) > MAX_URL:
            self._refuse(f"A URL has {MAX_URL} characters at most.")
        if any(character <= " " or character in "\\\x7f" for character in url):
            self._refuse("A URL has no spaces, control characters or backslashes.")
        match = _URL.fullmatch(url)
        if match is None:
            self._refuse("Give a whole URL: https://, a host and a path.")
        parts = match.groupdict()
        if parts["fragment"] is not None:
            self._refuse("A fragment is never sent; leave it out.")
        if "@" in parts["authority"]:
            self._refuse("A URL carries no user name or password.")
        return parts

    def _authority(self, authority: str) -> tuple[str, str | None]:
        match = _AUTHORITY.fullmatch(authority)
        if match is None:
            self._refuse("The host or the port isn't well-formed.")
        host: str = match["host"]
        if host.isascii():
            return host.lower(), match["port"]
        try:
            host = to_ascii(host)
        except HostNameInvalid as invalid:
            self._refuse(str(invalid))
        if _ends_in_number(host):
            self._refuse("Write the address in plain digits.")
        return host, match["port"]

    def _literal(self, host: str) -> IpAddress | None:
        if host.startswith("["):
            inner = addresses.parse(host[1:-1])
            if inner is None or inner.version != 6 or "%" in host:
                self._refuse("What is in the brackets isn't an IPv6 address.")
            return inner
        if not _ends_in_number(host):
            return None
        address = addresses.parse(host)
        if address is None:
            self._refuse("An IPv4 address is four decimal numbers without leading zeros.")
        return address

    def _name(self, host: str, *, loopback: bool) -> None:
        if loopback:
            return
        if host.endswith("."):
            self._refuse("Give the host without a dot at its end.")
        if is_local_name(host) or host in _INSIDE or host.endswith(_INSIDE_SUFFIXES):
            self._refuse("The host's name is one of an inner network; give a public one.")
        if len(host) > 253 or _NAME.fullmatch(host) is None:
            self._refuse("The host isn't a full domain name.")
        if self.own.has_name(host):
            self._refuse("The host is this server's own; give one of yours.")

    def _scheme(self, scheme: str, *, loopback: bool) -> str:
        plain = loopback or self.environment is not Environment.PRODUCTION
        if scheme != "https" and not (scheme == "http" and plain):
            self._refuse("Give an https URL.")
        return scheme

    def _port(self, text: str | None, default: int, *, loopback: bool) -> int:
        port = default if text is None else int(text)
        usual = port == default or (port >= 1024 and port not in _OTHER_PROTOCOLS)
        if port > 65535 or not (usual or loopback):
            self._refuse(f"Give port {default}, or a web server's from 1024 up.")
        return port

    def _target(self, path: str, query: str) -> str:
        target = (path or "/") + query
        if _TARGET.fullmatch(target) is None:
            self._refuse("Percent-encode the path and the query.")
        return target

    def _refuse(self, why: str) -> NoReturn:
        raise CallbackForbidden(self.field, why)


def is_local_name(host: str) -> bool:
    """`localhost` and what is below it: names of this very host."""
    return host == "localhost" or re.fullmatch(r"(?:[a-z0-9-]+\.)+localhost", host) is not None


def _ends_in_number(host: str) -> bool:
    """Whether some parser would read the host as an IPv4 address: `127.1`, `0x7f.1`, `1.`."""
    last = host.removesuffix(".").rpartition(".")[2]
    return _NUMBER.fullmatch(last) is not None
