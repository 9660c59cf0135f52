"""Limits of the size of a message by method, the same on both transports."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.rpc.method import Method
from xaigh_server.settings import Settings

_PUBLIC_BODY = 256 * 1024


def body_limits(methods: Mapping[str, Method], settings: Settings) -> dict[str, int]:
    """The most bytes of one message, by the path of each method.

    Public methods take 256 KiB at most: their forms are far smaller.
    """
    most = settings.max_body_bytes
    small = min(_PUBLIC_BODY, most)
    return {
        path: small if method.rule.access == "public" else most for path, method in methods.items()
    }
