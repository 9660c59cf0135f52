"""Exceptions of the client."""

from __future__ import annotations

import pytest

from xaigh.errors.v1.error_reason_pb2 import ErrorReason, reason_spec
from xaigh_client import errors
from xaigh_client.errors import ApiError, Failure, Violation

# Over gRPC nothing fails with these: they are of the HTTP layer.
_HTTP_ONLY = {
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "REQUEST_TIMEOUT",
    "LENGTH_REQUIRED",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "HEADER_TOO_LARGE",
    "HTTP_MALFORMED",
}


def test_every_reason_of_the_api_has_a_class() -> None:
    """By its code. The HTTP layer's own codes never reach a gRPC client."""
    without = {
        value.name
        for value in ErrorReason.DESCRIPTOR.values
        if value.number and value.GetOptions().Extensions[reason_spec].code not in errors.BY_CODE
    }
    assert without <= _HTTP_ONLY


def test_an_error_reads_as_its_message_with_reason_and_request() -> None:
    """What a log needs to hold."""
    failure = Failure(message="No such job.", reason="NOT_FOUND", request_id="req_1")
    assert str(errors.NotFoundError(failure)) == "No such job. [NOT_FOUND, req_1]"
    assert str(ApiError(Failure(message="no route"))) == "no route"


def test_an_error_gives_access_to_everything_that_failed() -> None:
    """Metadata as a mapping."""
    violation = Violation(path="title", description="is empty")
    failure = Failure(
        message="no",
        cure="Mend it.",
        metadata=(("scope", "jobs:read"),),
        violations=(violation,),
        retry_after=2.0,
    )
    error = ApiError(failure, attempts=3)
    assert (error.cure, error.metadata, error.violations) == (
        "Mend it.",
        {"scope": "jobs:read"},
        (violation,),
    )
    assert (error.retry_after, error.attempts, error.details) == (2.0, 3, ())


@pytest.mark.parametrize("code", errors.BY_CODE)
def test_a_class_is_an_api_error_of_its_code(code: str) -> None:
    """One `except ApiError` catches every refused call."""
    kind = errors.BY_CODE[code]
    assert (kind.code, issubclass(kind, ApiError)) == (code, True)
