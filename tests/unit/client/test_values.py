"""Plain values as fields of messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from xaigh.ats.v1.ats_sync_service_pb2 import SyncJobsRequest
from xaigh.jobs.v1.jobs_service_pb2 import ListJobsRequest, PostJobRequest, UpdateJobRequest
from xaigh.keys.v1.key_admin_service_pb2 import IssueKeyRequest, RotateKeyRequest, VerifyKeyRequest
from xaigh_client.values import build, duration, struct, timestamp

NOON = "2026-06-18T12:00:00Z"


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 6, 18, 12, tzinfo=UTC),
        datetime(2026, 6, 18, 14, tzinfo=timezone(timedelta(hours=2))),
        NOON,
        "2026-06-18T14:00:00+02:00",
        timestamp(NOON),
    ],
)
def test_a_time_is_the_same_however_it_is_given(value: Any) -> None:
    """Zones are respected."""
    assert timestamp(value).ToJsonString() == NOON


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can tell which noon is meant."""
    with pytest.raises(ValueError, match="time zone"):
        timestamp(datetime(2026, 6, 18, 12))  # noqa: DTZ001  # This is what is refused.


@pytest.mark.parametrize("value", [90, 90.0, timedelta(seconds=90), duration(90)])
def test_a_span_is_the_same_however_it_is_given(value: Any) -> None:
    """Numbers are seconds."""
    assert build(RotateKeyRequest, {"grace": value}).grace.ToJsonString() == "90s"


@pytest.mark.parametrize(
    "value", ["job_content.title,operations", ["job_content.title", "operations"]]
)
def test_a_mask_is_a_list_of_paths(value: Any) -> None:
    """As text with commas, or as a list."""
    mask = build(UpdateJobRequest, {"update_mask": value}).update_mask
    assert list(mask.paths) == ["job_content.title", "operations"]


def test_none_leaves_a_field_unset() -> None:
    """The server's default holds."""
    request = build(PostJobRequest, {"title": "x", "ends_at": None, "pay": None})
    assert not request.HasField("ends_at")
    assert not request.HasField("pay")


def test_a_mapping_is_a_message_to_any_depth() -> None:
    """Times within it are converted as well."""
    request = build(UpdateJobRequest, {"job": {"job_id": "j", "job_content": {"starts_at": NOON}}})
    assert request.job.job_content.starts_at.ToJsonString() == NOON


def test_an_enum_is_named() -> None:
    """By its name in JSON."""
    assert build(ListJobsRequest, {"source": "CLIENT_ATS"}).source == 2
    with pytest.raises(ValueError, match="FTP"):
        build(ListJobsRequest, {"source": "FTP"})


def test_an_unknown_field_is_refused() -> None:
    """Also within a mapping, by name."""
    with pytest.raises(TypeError, match="Pay has no field 'curency'"):
        build(PostJobRequest, {"pay": {"curency": "GBP"}})


def test_two_members_of_a_choice_are_refused() -> None:
    """The wire would silently keep the last one."""
    with pytest.raises(TypeError, match="at most one of scope, route"):
        build(VerifyKeyRequest, {"scope": "jobs:read", "route": {"path": "/x"}})


def test_one_text_is_no_list() -> None:
    """`scopes="jobs:read"` would otherwise be nine scopes of one letter."""
    with pytest.raises(TypeError, match="scopes"):
        build(IssueKeyRequest, {"scopes": "jobs:read"})


def test_labels_are_a_mapping() -> None:
    """Map fields take a dict."""
    assert dict(build(IssueKeyRequest, {"labels": {"team": "ops"}}).labels) == {"team": "ops"}


def test_payloads_of_a_provider_go_as_they_are() -> None:
    """Members named like those of a Struct itself are nothing special; nulls stay nulls."""
    payload = {"fields": {"a": 1}, "list": [1, None, {"b": True}], "text": "é", "none": None}
    job: Any = build(SyncJobsRequest, {"jobs": [payload]}).jobs[0]
    assert job["fields"]["a"] == 1
    assert list(job["list"])[1] is None
    assert "none" in job


@pytest.mark.parametrize(
    ("given", "sent"), [(2**53, 2.0**53), (2**53 + 1, str(2**53 + 1)), (-(2**60), str(-(2**60)))]
)
def test_a_large_integer_isnt_rounded(given: int, sent: Any) -> None:
    """An id past 2^53 goes as text: a Struct's number would make it another id."""
    assert struct({"id": given})["id"] == sent
