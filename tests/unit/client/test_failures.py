"""Exceptions made of failed calls."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2 as rpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from xaigh_client import errors, failures

Metadata = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A failed call as a blocking channel raises it."""

    status: grpc.StatusCode
    message: str | None = "no"
    trailing: Metadata | None = None

    def code(self) -> grpc.StatusCode:
        return self.status

    def details(self) -> str | None:
        return self.message

    def trailing_metadata(self) -> Metadata | None:
        return self.trailing


def _trailing(code: grpc.StatusCode, message: str = "no", reason: str = "KEY_REVOKED") -> Metadata:
    status = Status(code=code.value[0], message=message)
    info = rpc.ErrorInfo(reason=reason, domain="api.xaigh.com", metadata={"requestId": "req_1"})
    status.details.add().Pack(info)
    trailing: Metadata = rpc_status.to_status(status).trailing_metadata
    return trailing


def test_the_reason_decides_on_the_class() -> None:
    """A known reason has a code of the API, whatever code gRPC gave."""
    code = grpc.StatusCode.UNKNOWN
    error = failures.of(Failed(status=code, trailing=_trailing(code)), attempts=3)
    assert type(error) is errors.UnauthenticatedError
    assert (error.reason, error.request_id, error.attempts) == ("KEY_REVOKED", "req_1", 3)


def test_an_error_of_an_asyncio_channel_is_read_at_once() -> None:
    """`AioRpcError` holds its trailing metadata: nothing is awaited."""
    code = grpc.StatusCode.UNAUTHENTICATED
    trailing = grpc.aio.Metadata(*_trailing(code))
    raised = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), trailing, "no", None)
    assert failures.of(raised, attempts=1).reason == "KEY_REVOKED"


def test_an_unknown_reason_leaves_the_class_to_the_grpc_code() -> None:
    """A newer server may have reasons that this client doesn't know."""
    code = grpc.StatusCode.NOT_FOUND
    failed = Failed(status=code, trailing=_trailing(code, reason="NEWER_THAN_THIS"))
    error = failures.of(failed, attempts=1)
    assert type(error) is errors.NotFoundError
    assert error.reason == "NEWER_THAN_THIS"


@pytest.mark.parametrize(
    "trailing",
    [
        None,
        (),
        (("x-request-id", "req_1"),),
        (("grpc-status-details-bin", b"\xff\xff"),),
        _trailing(grpc.StatusCode.NOT_FOUND),
        _trailing(grpc.StatusCode.UNAUTHENTICATED, message="another one"),
    ],
    ids=["none", "empty", "other", "damaged", "other code", "other message"],
)
def test_a_status_that_cannot_be_trusted_is_left_out(trailing: Metadata | None) -> None:
    """Without details that agree with the call, its own code and message remain."""
    failed = Failed(status=grpc.StatusCode.UNAUTHENTICATED, trailing=trailing)
    error = failures.of(failed, attempts=1)
    assert type(error) is errors.UnauthenticatedError
    assert (error.message, error.reason, error.details) == ("no", "", ())


@pytest.mark.parametrize("message", [None, ""])
def test_a_failure_without_a_message_names_its_code(message: str | None) -> None:
    """An exception always says something."""
    failed = Failed(status=grpc.StatusCode.CANCELLED, message=message)
    assert failures.of(failed, attempts=1).message == "the call ended with CANCELLED"


def test_a_code_without_a_class_is_internal() -> None:
    """DATA_LOSS and its like are the server's fault."""
    failed = Failed(status=grpc.StatusCode.DATA_LOSS)
    assert type(failures.of(failed, attempts=1)) is errors.InternalError


def test_a_detail_of_an_unknown_type_is_passed_over() -> None:
    """The details that this client knows remain."""
    status = Status(code=grpc.StatusCode.ABORTED.value[0], message="no")
    status.details.add(type_url="type.googleapis.com/example.Unknown", value=b"x")
    status.details.add().Pack(rpc.RequestInfo(request_id="req_2"))
    trailing = rpc_status.to_status(status).trailing_metadata
    error = failures.of(Failed(status=grpc.StatusCode.ABORTED, trailing=trailing), attempts=1)
    assert error.details == (rpc.RequestInfo(request_id="req_2"),)


def test_an_unmet_precondition_is_a_violation_by_its_subject() -> None:
    """Where the subject is empty, the type of the precondition names it."""
    status = Status(code=grpc.StatusCode.FAILED_PRECONDITION.value[0], message="no")
    unmet = rpc.PreconditionFailure()
    unmet.violations.add(type="STATE", subject="job_1", description="closed")
    unmet.violations.add(type="EVIDENCE", description="missing")
    status.details.add().Pack(unmet)
    trailing = rpc_status.to_status(status).trailing_metadata
    failed = Failed(status=grpc.StatusCode.FAILED_PRECONDITION, trailing=trailing)
    found = failures.of(failed, attempts=1).violations
    assert [(one.path, one.description) for one in found] == [
        ("job_1", "closed"),
        ("EVIDENCE", "missing"),
    ]


@pytest.mark.parametrize(
    ("message", "untrusted"),
    [
        ("failed to connect: SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED: self signed", True),
        ("Hostname Verification Check failed.", True),
        ("failed to connect: Connection refused", False),
    ],
)
def test_a_certificate_that_isnt_trusted_has_a_cure(message: str, untrusted: bool) -> None:
    """Whatever the address: it answers."""
    failed = Failed(status=grpc.StatusCode.UNAVAILABLE, message=message)
    error = failures.of(failed, attempts=1)
    assert error.cure == (failures.UNTRUSTED_CURE if untrusted else "")
    assert isinstance(error, errors.UnavailableError)
