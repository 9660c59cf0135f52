"""Whatever is raised becomes one shape; what nobody typed tells nothing."""

from datetime import timedelta
from typing import Any

import pytest
import structlog
from google.rpc import code_pb2, error_details_pb2
from tests.harness.call import UNREAD, End, call, replies

from xaigh_server.access.approval import ReviewIncomplete
from xaigh_server.db import errors as store_errors
from xaigh_server.errors import (
    DomainError,
    FieldInvalid,
    FieldViolation,
    NotFound,
    PreconditionViolation,
)
from xaigh_server.identity.errors import (
    CredentialsMissing,
    KeyRevoked,
    RateLimited,
    ScopeNotGranted,
    SecretKeyInBrowser,
)
from xaigh_server.rpc.docs_links import DocsLinks
from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.rpc.interceptors.errors import CallFailed, Errors, Failures

FAILURES = Failures(read_reasons(), DocsLinks("/docs"))


def failed(error: Exception) -> CallFailed:
    return FAILURES.of(error, request_id="req_1")


def detail(of: CallFailed, kind: type[Any]) -> Any:
    """The one detail of a kind."""
    found = [each for each in of.status.details if each.Is(kind.DESCRIPTOR)]
    assert len(found) == 1
    message = kind()
    found[0].Unpack(message)
    return message


def test_every_error_says_its_reason_and_how_it_is_cured():
    """ErrorInfo with the call's id, and a link to the page of the reason."""
    made = failed(NotFound("job", "job_1"))
    assert made.status.code == code_pb2.NOT_FOUND and made.view.http_status == 404
    info = detail(made, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain) == ("NOT_FOUND", "api.xaigh.com")
    assert dict(info.metadata) == {
        "resourceType": "job",
        "resourceId": "job_1",
        "requestId": "req_1",
    }
    help_ = detail(made, error_details_pb2.Help)
    assert help_.links[0].url.endswith("#not_found") and help_.links[0].description


def test_violations_and_preconditions_are_listed():
    """All of them, with their paths and subjects."""
    two = [FieldViolation(path="a", description="A."), FieldViolation(path="b", description="B.")]
    bad = detail(failed(FieldInvalid(two)), error_details_pb2.BadRequest)
    assert [(each.field, each.description) for each in bad.field_violations] == [
        ("a", "A."),
        ("b", "B."),
    ]
    lack = PreconditionViolation(type="REVIEW", subject="rollbackPlan", description="Missing.")
    unmet = detail(failed(ReviewIncomplete([lack])), error_details_pb2.PreconditionFailure)
    assert unmet.violations[0].subject == "rollbackPlan"


@pytest.mark.parametrize(("wait", "header"), [(0.2, "1"), (1.2, "2"), (60, "60")])
def test_a_wait_is_told_to_both_transports(wait: float, header: str):
    """Whole seconds, rounded up, as a header; exactly as a detail; with the policy."""
    made = failed(RateLimited(retry_after=wait, metadata={"policy": "minute"}))
    assert dict(made.headers)["retry-after"] == header
    delay = detail(made, error_details_pb2.RetryInfo).retry_delay.ToTimedelta()
    assert delay == timedelta(seconds=wait)
    quota = detail(made, error_details_pb2.QuotaFailure)
    assert quota.violations[0].subject == "minute"


CHALLENGES = [
    (CredentialsMissing(), 'Bearer realm="xaigh"'),
    (KeyRevoked(), 'Bearer realm="xaigh", error="invalid_token"'),
    (
        ScopeNotGranted("jobs:read"),
        'Bearer realm="xaigh", error="insufficient_scope", scope="jobs:read"',
    ),
    (NotFound("job"), None),
    (SecretKeyInBrowser(), None),
]


@pytest.mark.parametrize(("error", "challenge"), CHALLENGES)
def test_the_challenge_is_that_of_the_bearer_scheme(error: DomainError, challenge: str | None):
    """No error code where no credential was sent, by RFC 6750."""
    assert dict(failed(error).headers).get("www-authenticate") == challenge


@pytest.mark.parametrize(
    "error",
    [
        ValueError("password=hunter2"),
        KeyError("test_sk_secret"),
        RuntimeError("SELECT * FROM keys"),
        DomainError("half typed"),
    ],
)
def test_what_nobody_typed_is_internal_and_tells_nothing(error: Exception):
    """The text stays in the log, under the request's id."""
    with structlog.testing.capture_logs() as logs:
        made = failed(error)
    assert made.reason == "INTERNAL" and made.view.code == "internal"
    if not isinstance(error, DomainError) or error.reason != "INTERNAL":
        assert str(error) not in made.status.SerializeToString().decode("latin-1")
        assert logs[0]["request_id"] == "req_1" and logs[0]["exc_info"] is error


def test_a_reason_that_nobody_knows_is_internal():
    """A typed error of no documented reason says as little as an untyped one."""
    odd = NotFound("job", "secret text")
    odd.reason = "NO_SUCH_REASON"
    with structlog.testing.capture_logs() as logs:
        made = failed(odd)
    assert made.reason == "INTERNAL" and logs[0]["exc_info"] is odd
    assert b"secret text" not in made.status.SerializeToString()


def test_a_database_that_is_away_is_unavailable():
    """And says nothing of which, or where."""
    with structlog.testing.capture_logs() as logs:
        made = failed(store_errors.DatabaseUnavailable("connect to db.internal:5432 refused"))
    assert made.view.code == "unavailable" and "5432" not in made.status.message
    assert "5432" in logs[0]["cause"]


def test_every_error_of_the_domain_has_a_reason_that_is_documented():
    """No class names a reason that the protos don't know."""
    reasons = read_reasons()
    classes = [DomainError]
    for each in classes:
        classes.extend(each.__subclasses__())
    ours = {each for each in classes if each.__module__.startswith("xaigh_server.")}
    assert {each.reason for each in ours} <= set(reasons)


async def test_the_link_lets_nothing_else_out():
    """From a call, and from the middle of a stream."""
    link = Errors(FAILURES)

    async def broken(request, call):
        raise NotFound("job")

    made = call("GetJob")
    made.request_id = "req_7"
    with pytest.raises(CallFailed) as refused:
        await link(broken, UNREAD, made)
    assert detail(refused.value, error_details_pb2.ErrorInfo).metadata["requestId"] == "req_7"
    stream: Any = await link(End(lambda: replies(1, KeyRevoked())), UNREAD, call("WatchJobs"))
    assert await anext(stream) == 1
    with pytest.raises(CallFailed) as ended:
        await anext(stream)
    assert ended.value.reason == "KEY_REVOKED"


async def test_a_failure_passes_as_it_is():
    """It is made once."""
    made = failed(NotFound("job"))

    async def broken(request, call):
        raise made

    with pytest.raises(CallFailed) as refused:
        await Errors(FAILURES)(broken, UNREAD, call())
    assert refused.value is made
