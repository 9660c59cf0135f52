"""Names of the job board or tenant that a record's link contains.

A link on a client's own site names none, so the board is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from xaigh_server.ats.providers.text import urls

_GREENHOUSE = re.compile(
    r"https://(?:job-)?boards(?:\.[a-z]{2})?\.greenhouse\.io/"
    r"(?:embed/[^?#]*\?(?:[^#]*&)?for=([\w-]+)|(?!embed/)([^/?#]+))"
)
_LEVER = re.compile(r"https://jobs(?:\.[a-z]{2})?\.lever\.co/([^/?#]+)")
_ASHBY = re.compile(r"https://jobs\.ashbyhq\.com/([^/?#]+)")
_WORKDAY = re.compile(r"([a-z0-9_-]+)\.wd\d+\.myworkdayjobs(?:-impl)?\.com\Z")
_WORKDAY_SHARED = re.compile(r"wd\d+\.myworkdaysite\.com\Z")
_LANGUAGE = re.compile(r"[a-z]{2}-[A-Z]{2}\Z")
_ICIMS = re.compile(r"((?:[a-z0-9]+-)*?)([a-z0-9]+)\.icims\.com\Z")
_ICIMS_CUSTOMER = re.compile(r"/customers/(\d+)/")


def belongs(declared: str, boards: Iterable[str]) -> bool | None:
    """Whether the record's names include the integration's board or tenant.

    Returns None where the record has no names.
    """
    known = [board.casefold() for board in boards]
    return declared.strip().casefold() in known if known else None


def distinct(boards: Iterable[str | None]) -> tuple[str, ...]:
    """Returns the present names, each once, in order."""
    return tuple(dict.fromkeys(board for board in boards if board))


def of_greenhouse(url: str | None) -> tuple[str, ...]:
    """Returns the board's token, from the path or from `for` of an embedded board."""
    return _named(_GREENHOUSE, url)


def of_lever(url: str | None) -> tuple[str, ...]:
    """Returns the site's name."""
    return _named(_LEVER, url)


def of_ashby(url: str | None) -> tuple[str, ...]:
    """Returns the board's name."""
    return _named(_ASHBY, url)


def of_workday(url: str | None) -> tuple[str, ...]:
    """Returns the tenant, its host, and "tenant/site"."""
    if not url:
        return ()
    host, path = urls.host_of(url), urls.path_of(url)
    path = path[1:] if path and _LANGUAGE.match(path[0]) else path
    tenant = _WORKDAY.match(host)
    if tenant:
        return distinct([tenant[1], host, f"{tenant[1]}/{path[0]}" if path else None])
    if _WORKDAY_SHARED.match(host) and len(path) > 2 and path[0] == "recruiting":
        return distinct([path[1], f"{path[1]}/{path[2]}"])
    return ()


def of_icims(url: str | None) -> tuple[str, ...]:
    """Of a portal its name ("careers-acme"), its host and the client's ("acme"); of the API, the
    customer's number.
    """
    if not url:
        return ()
    host = urls.host_of(url)
    if host.startswith("api.") and host.endswith(".icims.com"):
        customer = _ICIMS_CUSTOMER.search(url)
        return (customer[1],) if customer else ()
    portal = _ICIMS.match(host)
    return distinct([f"{portal[1]}{portal[2]}", host, portal[2]]) if portal else ()


def _named(pattern: re.Pattern[str], url: str | None) -> tuple[str, ...]:
    found = pattern.match(url) if url else None
    return tuple(filter(None, found.groups())) if found else ()
