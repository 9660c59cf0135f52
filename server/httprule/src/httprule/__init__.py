"""REST for protobuf services in the same process, by their `google.api.http` annotations.

The names below are the public interface, together with `httprule.server` (an HTTP server for the
gateway, needs the extra "server") and `httprule.openapi` (the OpenAPI document of services). Every
other module may change in any release.
"""

from httprule.asgi import Gateway
from httprule.backend import Backend
from httprule.binding import BindingOptions
from httprule.codec import CodecOptions, JsonEngine
from httprule.cors import CorsRule
from httprule.error_renderer import ErrorFormat, ErrorRenderer
from httprule.errors import InvalidArgument
from httprule.exchange import Exchange
from httprule.failures import ErrorResponse, Failure, HttpError, RpcFailure
from httprule.headers import HeaderRules, RequestHead
from httprule.limits import BodyLimits
from httprule.options import GatewayOptions
from httprule.percent import Unescape
from httprule.servicer_backend import ServicerBackend
from httprule.static import StaticPage
from httprule.streaming import Framing

__all__ = [
    "Backend",
    "BindingOptions",
    "BodyLimits",
    "CodecOptions",
    "CorsRule",
    "ErrorFormat",
    "ErrorRenderer",
    "ErrorResponse",
    "Exchange",
    "Failure",
    "Framing",
    "Gateway",
    "GatewayOptions",
    "HeaderRules",
    "HttpError",
    "InvalidArgument",
    "JsonEngine",
    "RequestHead",
    "RpcFailure",
    "ServicerBackend",
    "StaticPage",
    "Unescape",
]
