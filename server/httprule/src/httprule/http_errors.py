"""Every refusal of the HTTP layer itself, in one list: status, code, reason, sentence."""

from __future__ import annotations

from httprule.failures import HttpRefusal


def malformed(message: str, reason: str = "MALFORMED_REQUEST") -> HttpRefusal:
    """The bytes are not HTTP/1.x, or a header that must be read cannot be."""
    return HttpRefusal(400, "invalid_argument", reason, message)


def route_unknown() -> HttpRefusal:
    return HttpRefusal(404, "not_found", "ROUTE_NOT_FOUND", "No route matches this path.")


def method_not_allowed(allow: tuple[str, ...]) -> HttpRefusal:
    return HttpRefusal(
        405,
        "method_not_allowed",
        "METHOD_NOT_ALLOWED",
        "This path exists, but not for this HTTP method; see the Allow header.",
        (("allow", ", ".join(allow)),),
    )


def not_acceptable(offers: tuple[str, ...]) -> HttpRefusal:
    return HttpRefusal(
        406,
        "not_acceptable",
        "NOT_ACCEPTABLE",
        f"The Accept header admits none of what this method can send: {', '.join(offers)}.",
    )


def request_timeout(message: str) -> HttpRefusal:
    return HttpRefusal(408, "request_timeout", "REQUEST_TIMEOUT", message)


def length_required() -> HttpRefusal:
    return HttpRefusal(
        411,
        "length_required",
        "LENGTH_REQUIRED",
        "Content-Type announces a body: send Content-Length, or a chunked Transfer-Encoding.",
    )


def payload_too_large(limit: int) -> HttpRefusal:
    return HttpRefusal(
        413,
        "payload_too_large",
        "PAYLOAD_TOO_LARGE",
        f"The request body is larger than {limit} bytes.",
    )


def message_too_large(limit: int) -> HttpRefusal:
    return HttpRefusal(
        413,
        "payload_too_large",
        "PAYLOAD_TOO_LARGE",
        f"A message of the request stream is larger than {limit} bytes.",
    )


def media_type_unsupported(offers: tuple[str, ...]) -> HttpRefusal:
    return HttpRefusal(
        415,
        "unsupported_media_type",
        "UNSUPPORTED_MEDIA_TYPE",
        f"The body must be sent as {' or '.join(offers)}.",
        (("accept", ", ".join(offers)),),
    )


def coding_unsupported() -> HttpRefusal:
    return HttpRefusal(
        415,
        "unsupported_media_type",
        "UNSUPPORTED_CONTENT_ENCODING",
        "The body must be sent plain or with Content-Encoding gzip.",
        (("accept-encoding", "gzip, identity"),),
    )


def header_too_large(message: str) -> HttpRefusal:
    return HttpRefusal(431, "header_too_large", "HEADER_TOO_LARGE", message)


def transfer_coding_unsupported() -> HttpRefusal:
    return HttpRefusal(
        501,
        "unimplemented",
        "UNSUPPORTED_TRANSFER_ENCODING",
        "The only Transfer-Encoding understood is chunked.",
    )


def overloaded() -> HttpRefusal:
    return HttpRefusal(
        503,
        "unavailable",
        "TOO_MANY_CONNECTIONS",
        "The server has as many connections as it can serve.",
        (("retry-after", "1"),),
    )
