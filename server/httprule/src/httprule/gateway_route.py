"""Route of a gateway: a rule with everything that a request to it needs."""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.descriptor import MethodDescriptor

from httprule.binding import Binding
from httprule.cors import CorsRule
from httprule.http_rules import Rule
from httprule.limits import BodyLimits
from httprule.template import Template


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GatewayRoute:
    """One rule, resolved at the start. `seconds` is the bound of a call, None for no bound."""

    rule: Rule
    method: MethodDescriptor
    binding: Binding
    reply_has_etag: bool
    request_etag: tuple[str, ...] | None
    cors: CorsRule | None
    limits: BodyLimits
    seconds: float | None

    @property
    def name(self) -> str:
        return self.rule.name

    @property
    def http_method(self) -> str:
        return self.rule.http_method

    @property
    def template(self) -> Template:
        return self.rule.template
