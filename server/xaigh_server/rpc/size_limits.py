"""How large a request may be: by its method's rule, the same on both transports."""

from __future__ import annotations

from collections.abc import Mapping

from xaigh_server.rpc.method import Method
from xaigh_server.settings import Settings

_PUBLIC_BODY = 256 * 1024


def body_limits(methods: Mapping[str, Method], settings: Settings) -> dict[str, int]:
    """The most bytes of one message, by the path of each method.

    Whoever needs no credential to be heard gets no room either: a form fits many times.
    """
    most = settings.max_body_bytes
    small = min(_PUBLIC_BODY, most)
    return {
        path: small if method.rule.access == "public" else most for path, method in methods.items()
    }
