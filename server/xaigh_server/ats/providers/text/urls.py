"""Links of a job: https, absolute, to a public host, without credentials; or none at all."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from xaigh_server.ats.providers.text.vocabulary import words

MAX_URL = 2_048
_PLAIN = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)"
    r"(?P<path>/[A-Za-z0-9\-._~!$&'()*+,;=:@/%]*)?"
    r"(?P<query>\?[A-Za-z0-9\-._~!$&'()*+,;=:@/%?\[\]]*)?\Z"
)
_LOCAL = (".local", ".localhost", ".internal", ".lan", ".home", ".test", ".invalid", ".onion")
_TRACKING = words(
    "gclid fbclid msclkid mc_cid mc_eid gh_src lever-origin lever-source source src ref"
)
_NEVER = frozenset(' "<>\\^`{|}')
_SAFE = "-._~!$&'()*+,;=:@/%"


def web_url(value: str, base: str | None = None) -> str | None:
    """Returns the link if it is public https, else None. A root-relative link needs a `base`."""
    url = value.strip()
    if len(url) > MAX_URL:
        return None
    plain = _PLAIN.match(url)
    if plain:
        return url if _is_public(plain["host"]) else None
    if url.startswith("/") and not url.startswith("//") and base:
        return web_url(urljoin(base, url))
    return _rebuilt(url)


def canonical(url: str) -> str:
    """Returns the link without tracking parameters."""
    if "?" not in url:
        return url
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if not _is_tracking(pair[0])]
    if len(kept) == len(pairs):
        return url
    return urlunsplit(parts._replace(query=urlencode(kept)))


def host_of(url: str) -> str:
    """The host of a link that `web_url` has passed."""
    return url.split("/", 3)[2].split(":", 1)[0].lower()


def path_of(url: str) -> list[str]:
    """The segments of the path of a link that `web_url` has passed."""
    return [part for part in url.split("?", 1)[0].split("#", 1)[0].split("/")[3:] if part]


def _is_tracking(name: str) -> bool:
    return name.startswith("utm_") or name.lower() in _TRACKING


def _rebuilt(url: str) -> str | None:
    """Normalizes links with ports, IDN hosts, upper case, spaces or accents."""
    if not url.isprintable() or any(c in _NEVER for c in url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
        path, query = quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE + "?[]")
        fragment = quote(parts.fragment, safe=_SAFE + "?#[]")
    except ValueError:
        return None
    if parts.scheme != "https" or "@" in parts.netloc or not _is_public(host):
        return None
    netloc = host if port in (None, 443) else f"{host}:{port}"
    return urlunsplit(("https", netloc, path, query, fragment))


@lru_cache(maxsize=1_024)
def _is_public(host: str) -> bool:
    """Whether a host is public. Cached, since hosts repeat."""
    if not host or host.endswith(_LOCAL) or "." not in host.strip("."):
        return False
    if not host.rsplit(".", 1)[-1].isalpha() and not host.rsplit(".", 1)[-1].startswith("xn--"):
        try:
            return ipaddress.ip_address(host.strip("[]")).is_global
        except ValueError:
            return False
    return True
