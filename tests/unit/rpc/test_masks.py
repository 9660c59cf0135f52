"""Field masks."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from xaigh.jobs.v1 import job_pb2
from xaigh_server.errors import FieldInvalid
from xaigh_server.rpc import masks

JOB = job_pb2.Job.DESCRIPTOR


@pytest.mark.parametrize(
    ("job", "paths"),
    [
        ({}, ()),
        ({"job_content": {"title": "T", "slots": 2}}, ("job_content.title", "job_content.slots")),
        ({"pay_range": {}}, ("pay_range",)),
        ({"pay_range": {"pays": [{"currency": "USD"}]}}, ("pay_range",)),
        ({"operations": {"geofence": {"latitude": 1.0}}}, ("operations.geofence",)),
        ({"job_content": {"starts_at": {"seconds": 1}}}, ("job_content.starts_at",)),
    ],
)
def test_without_a_mask_what_is_set_is_named(job: dict[str, Any], paths: tuple[str, ...]) -> None:
    """Down to what is carried over in one piece; lists and times are one."""
    assert masks.named_paths(FieldMask(), job_pb2.Job(**job)) == paths


@pytest.mark.parametrize(
    "path",
    ["x", "job_content.x", "job_content.title.x", "pay_range.pays.currency", "jobContent", ""],
)
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    """Past a list or a single value, too; names are those of the protos."""
    with pytest.raises(FieldInvalid):
        masks.named_paths(FieldMask(paths=[path]), job_pb2.Job())


def test_what_only_the_server_writes_is_no_leaf() -> None:
    """Unless it is asked about by its own name."""
    found = masks.leaves(JOB, "publication_status")
    assert found == ("publication_status.state", "publication_status.listed")
    assert masks.output_only(JOB, "publication_status.close_time")
    assert masks.output_only(JOB, "operations.matching.state")
    assert not masks.output_only(JOB, "operations.geofence.latitude")


def test_carrying_sets_clears_and_tells_what_changed() -> None:
    """What is equal isn't spoken of."""
    source = job_pb2.Job(job_content={"title": "New", "slots": 2}, operations={"fill": {}})  # type: ignore[arg-type]
    target = job_pb2.Job(
        job_content={"title": "Old", "slots": 2, "requirements": ["a"]},  # type: ignore[arg-type]
        operations={"auto_offer": {"enabled": True}},  # type: ignore[arg-type]
    )
    changed = masks.carry(
        source,
        target,
        [
            "job_content.title",
            "job_content.slots",
            "job_content.requirements",
            "operations.auto_offer",
            "operations.geofence",
        ],
    )
    assert changed == ["job_content.title", "job_content.requirements", "operations.auto_offer"]
    assert target == job_pb2.Job(job_content={"title": "New", "slots": 2}, operations={})  # type: ignore[arg-type]


def test_paths_read_as_json() -> None:
    """As callers spell them."""
    assert masks.json_path(JOB, "job_content.description_html") == "jobContent.descriptionHtml"
    assert masks.json_path(JOB, "nonsense") == "nonsense"
