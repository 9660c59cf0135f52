"""Options of a gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from httprule.binding import BindingOptions
from httprule.codec import CodecOptions
from httprule.cors import CorsRule
from httprule.headers import HeaderRules
from httprule.limits import BodyLimits
from httprule.percent import Unescape


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayOptions:
    """The options of a gateway. Times are in seconds.

    `max_seconds` bounds every unary call, `max_stream_seconds` every other one; None means no
    bound. The head of a stream's reply leaves after `stream_head_seconds`, also without a message.
    Where the form of a stream has a keep-alive, it is sent after `stream_keep_alive_seconds` of
    silence.
    `body` bounds request bodies, `body_of` those of single methods by `/pkg.Service/Method`.
    `cors` opens methods to browsers, by `/pkg.Service/Method`. `mounts` are plain ASGI applications
    by exact path, or by prefix where the path ends in "/"; they get GET and HEAD.
    `trusted_proxies` are the CIDR blocks whose `X-Forwarded-For` is believed. `unescape` says how
    path values of several segments are decoded. With `colon_always_verb`, a colon in the last
    segment of a path is never data. `auto_routes` gives methods without an annotation the route
    `POST /pkg.Service/Method`.
    """

    max_seconds: float | None = 60.0
    max_stream_seconds: float | None = None
    stream_head_seconds: float = 1.0
    stream_keep_alive_seconds: float = 15.0
    headers: HeaderRules = field(default_factory=HeaderRules)
    body: BodyLimits = field(default_factory=BodyLimits)
    body_of: Mapping[str, BodyLimits] = field(default_factory=dict)
    codec: CodecOptions = field(default_factory=CodecOptions)
    binding: BindingOptions = field(default_factory=BindingOptions)
    cors: Mapping[str, CorsRule] = field(default_factory=dict)
    mounts: Mapping[str, Any] = field(default_factory=dict)
    trusted_proxies: tuple[str, ...] = ()
    unescape: Unescape = Unescape.ALL_EXCEPT_RESERVED
    colon_always_verb: bool = False
    auto_routes: bool = False
    gzip: bool = True
