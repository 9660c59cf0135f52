"""HTTP client of board readers: takes JSON from one host, and nothing else for it.

A web page, a redirect, a cut-off body or a refusal is never an empty board: each raises
BoardUnreadable. Answers of 429 and 5xx are tried again, as late as the provider asks for.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from xaigh_client.cli.boards.model import BoardUnreadable
from xaigh_client.cli.redirects import NoRedirects

_SECONDS = 30.0
_MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1 << 20
_PAUSES = (1.0, 4.0, 15.0, 30.0)
_LONGEST_WAIT = 120.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SAID = {
    401: "the credential isn't accepted",
    403: "the credential may not read the board, or the board is closed",
    404: "there is no such board",
    410: "there is no such board any more",
}


class BoardHttp:
    """Asks one provider, one request after another, with a pause between them."""

    def __init__(
        self,
        *,
        pause: float = 0.1,
        sleep: Callable[[float], None] = time.sleep,
        seconds: float = _SECONDS,
    ) -> None:
        """`pause` is between two requests, in seconds: providers limit their rate."""
        self._pause = pause
        self._sleep = sleep
        self._seconds = seconds
        self._asked = False
        self._opener = urllib.request.build_opener(NoRedirects)  # one that moved is another board

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON at a URL. Raises BoardUnreadable."""
        return self._ask(url, None, headers or {})

    def post(self, url: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON answer to a search. Raises BoardUnreadable."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        return self._ask(url, json.dumps(body).encode(), sent)

    def _ask(self, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        check_url(url)
        if self._asked:
            self._sleep(self._pause)
        self._asked = True
        for pause in (*_PAUSES, None):
            try:
                return self._once(url, body, headers)
            except _TryAgain as again:
                if pause is None or again.wait > _LONGEST_WAIT:
                    raise BoardUnreadable(again.why) from None
                self._sleep(max(pause, again.wait))
        raise AssertionError("the last attempt returns or raises")

    def _once(self, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        request = urllib.request.Request(
            url,
            data=body,
            headers={"Accept": "application/json", "User-Agent": "xaigh-agent", **headers},
        )
        try:
            with self._opener.open(request, timeout=self._seconds) as reply:
                return _json_of(reply.headers, _read(reply))
        except urllib.error.HTTPError as refused:
            with refused:
                raise _refusal(refused) from None
        except (OSError, http.client.HTTPException) as failed:
            why = str(getattr(failed, "reason", failed)) or type(failed).__name__
            raise _TryAgain(f"{urlsplit(url).hostname} doesn't answer: {why}") from None


class _TryAgain(Exception):
    """An answer that another attempt may better. `wait` is what the provider asks for."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.wait = wait


def check_url(url: str) -> None:
    """Raises BoardUnreadable unless the URL is https, or of this machine."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise BoardUnreadable(f"{url!r} is no https URL")


def _read(reply: http.client.HTTPResponse) -> bytes:
    body = bytearray()
    while chunk := reply.read(_CHUNK):
        body += chunk
        if len(body) > _MOST_BYTES:
            raise BoardUnreadable("the answer is larger than 256 MB")
    return bytes(body)


def _json_of(headers: Message, body: bytes) -> Any:
    kind = headers.get_content_type()
    if "json" not in kind:
        raise BoardUnreadable(f"the answer is {kind} and no JSON: a page of maintenance, perhaps")
    try:
        return json.loads(body)
    except ValueError as error:
        raise _TryAgain(f"the answer is no JSON: {error}") from None


def _refusal(refused: urllib.error.HTTPError) -> Exception:
    status = refused.code
    if 300 <= status < 400:
        host = urlsplit(refused.headers.get("Location", "")).hostname or "another address"
        return BoardUnreadable(f"the board moved to {host}: name its new address")
    if status == 429 or status >= 500:
        return _TryAgain(f"the provider answers with {status}", _wait_of(refused.headers))
    return BoardUnreadable(_SAID.get(status, f"the provider answers with {status}"))


def _wait_of(headers: Message) -> float:
    """Seconds that the answer asks to wait; 0 where it says none."""
    said = headers.get("Retry-After", "").strip()
    return float(said[:10]) if said.isascii() and said.isdigit() else 0.0
