"""Constructors of every error of the HTTP layer: status, code, reason, message."""

from __future__ import annotations

from httprule.failures import HttpError


def malformed(message: str, reason: str = "MALFORMED_REQUEST") -> HttpError:
    """400: the bytes are not HTTP/1.x, or a header is malformed."""
    return HttpError(400, "invalid_argument", reason, message)


def route_unknown() -> HttpError:
    return HttpError(404, "not_found", "ROUTE_NOT_FOUND", "No route matches this path.")


def method_not_allowed(allow: tuple[str, ...]) -> HttpError:
    return HttpError(
        405,
        "method_not_allowed",
        "METHOD_NOT_ALLOWED",
        "This path exists, but not for this HTTP method; see the Allow header.",
        (("allow", ", ".join(allow)),),
    )


def not_acceptable(offers: tuple[str, ...]) -> HttpError:
    return HttpError(
        406,
        "not_acceptable",
        "NOT_ACCEPTABLE",
        f"The Accept header admits none of what this method can send: {', '.join(offers)}.",
    )


def request_timeout(message: str) -> HttpError:
    return HttpError(408, "request_timeout", "REQUEST_TIMEOUT", message)


def length_required() -> HttpError:
    return HttpError(
        411,
        "length_required",
        "LENGTH_REQUIRED",
        "Content-Type announces a body: send Content-Length, or a chunked Transfer-Encoding.",
    )


def payload_too_large(limit: int) -> HttpError:
    return HttpError(
        413,
        "payload_too_large",
        "PAYLOAD_TOO_LARGE",
        f"The request body is larger than {limit} bytes.",
    )


def message_too_large(limit: int) -> HttpError:
    return HttpError(
        413,
        "payload_too_large",
        "PAYLOAD_TOO_LARGE",
        f"A message of the request stream is larger than {limit} bytes.",
    )


def media_type_unsupported(offers: tuple[str, ...]) -> HttpError:
    return HttpError(
        415,
        "unsupported_media_type",
        "UNSUPPORTED_MEDIA_TYPE",
        f"The body must be sent as {' or '.join(offers)}.",
        (("accept", ", ".join(offers)),),
    )


def coding_unsupported() -> HttpError:
    return HttpError(
        415,
        "unsupported_media_type",
        "UNSUPPORTED_CONTENT_ENCODING",
        "The body must be sent plain or with Content-Encoding gzip.",
        (("accept-encoding", "gzip, identity"),),
    )


def header_too_large(message: str) -> HttpError:
    return HttpError(431, "header_too_large", "HEADER_TOO_LARGE", message)


def transfer_coding_unsupported() -> HttpError:
    return HttpError(
        501,
        "unimplemented",
        "UNSUPPORTED_TRANSFER_ENCODING",
        "The only Transfer-Encoding understood is chunked.",
    )


def overloaded() -> HttpError:
    return HttpError(
        503,
        "unavailable",
        "TOO_MANY_CONNECTIONS",
        "The server, or this address, has as many connections as it may have.",
        (("retry-after", "1"),),
    )
