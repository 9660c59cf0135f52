"""Facts of methods."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor import MethodDescriptor

from xaigh.jobs.v1.job_pb2 import Job
from xaigh.jobs.v1.jobs_service_pb2 import GetJobRequest
from xaigh.sdk.services import DESCRIPTORS
from xaigh_client import methods
from xaigh_client.methods import Method


def _descriptor(name: str) -> MethodDescriptor:
    """The method of that name; of several, the one of the first group."""
    return next(m for s in DESCRIPTORS.values() for m in s.methods if m.name == name)


def _facts(name: str) -> Method:
    return methods.of(_descriptor(name))


def test_a_method_has_its_path_and_its_types() -> None:
    """As gRPC calls it."""
    facts = _facts("GetJob")
    assert facts.path == "/xaigh.jobs.v1.JobsService/GetJob"
    assert (facts.request_type, facts.reply_type) == (GetJobRequest, Job)


@pytest.mark.parametrize(
    ("name", "keyed", "repeatable"),
    [("GetJob", False, True), ("PostJob", True, True), ("VerifyKey", False, False)],
)
def test_the_rule_decides_whether_a_retry_is_safe(name: str, keyed: bool, repeatable: bool) -> None:
    """Reads and writes with a key declare so; VerifyKey spends a unit of a limit."""
    assert (_facts(name).keyed, _facts(name).repeatable) == (keyed, repeatable)


@pytest.mark.parametrize(("name", "public"), [("SubmitAccessRequest", True), ("GetJob", False)])
def test_a_public_method_needs_no_key(name: str, public: bool) -> None:
    """Applicants have none yet."""
    assert _facts(name).public is public


@pytest.mark.parametrize(
    ("name", "client", "server", "resumable"),
    [
        ("GetJob", False, False, False),
        ("WatchJobs", False, True, True),
        ("SyncFeed", True, True, False),
    ],
)
def test_a_stream_with_a_cursor_is_resumable(
    name: str, client: bool, server: bool, resumable: bool
) -> None:
    """The cursor stands in the request and in the messages."""
    facts = _facts(name)
    assert (facts.client_streaming, facts.server_streaming) == (client, server)
    assert facts.resumable is resumable


def test_facts_are_read_once() -> None:
    """A call costs no look into descriptors."""
    assert _facts("GetJob") is _facts("GetJob")
