"""The catalogue of events is that of the protos, and a body says what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from google.protobuf import json_format

from xaigh.options.v1 import options_pb2
from xaigh.webhooks.v1 import event_pb2
from xaigh_server.errors import FieldInvalid
from xaigh_server.webhooks.events import EVENT_TYPES, Event, check_types

SPECS = [
    value.GetOptions().Extensions[event_pb2.event_spec]
    for value in event_pb2.EventType.DESCRIPTOR.values
    if value.number
]


def event(data: dict[str, object], name: str = "job.created") -> Event:
    return Event(
        id="evt_1",
        type=EVENT_TYPES[name],
        time=datetime(2026, 3, 1, 12, 0, 0, 1000, tzinfo=UTC),
        environment="sandbox",
        organization_id="org_1",
        data=json.dumps(data),
    )


def test_the_catalogue_is_that_of_the_protos():
    """Names and scopes, none missing on either side."""
    declared = {spec.name: _scope(spec.scope) for spec in SPECS}
    assert {each.name: each.scope for each in EVENT_TYPES.values()} == declared
    others = {spec.name: frozenset(map(_scope, spec.or_scopes)) for spec in SPECS}
    assert {each.name: each.or_scopes for each in EVENT_TYPES.values()} == others


def test_every_event_type_names_a_message_of_its_data():
    """The message exists beside it."""
    messages = event_pb2.DESCRIPTOR.message_types_by_name
    assert {spec.data for spec in SPECS} <= set(messages)


def test_a_body_is_the_message_event_as_json():
    """The reference implementation reads it back, strictly."""
    body = event({"jobId": "job_1", "employerUserId": "emp_1"}).body()
    message = json_format.Parse(body, event_pb2.Event())
    assert message.id == "evt_1"
    assert message.type == "job.created"
    assert message.timestamp.ToDatetime(tzinfo=UTC).microsecond == 1000
    assert message.environment == "sandbox"
    assert message.organization_id == "org_1"
    assert message.data["jobId"] == "job_1"
    assert list(json.loads(body)) == [
        "id",
        "type",
        "timestamp",
        "environment",
        "organizationId",
        "data",
    ]


@pytest.mark.parametrize(
    ("data", "employers"),
    [
        ({}, set()),
        ({"employerUserId": ""}, set()),
        ({"employerUserId": "a"}, {"a"}),
        ({"employerUserIds": ["a", "b"]}, {"a", "b"}),
    ],
)
def test_an_event_knows_whose_data_it_is_about(data, employers):
    """One employer for a job, several for an integration, none for a key."""
    assert event(data).employers == employers


@pytest.mark.parametrize("name", ["job.deleted", "webhook.test", "job", ""])
def test_only_types_that_can_be_subscribed_to_pass(name):
    """The refusal names the place in the list. A test event is sent whatever is listened to."""
    with pytest.raises(FieldInvalid) as refused:
        check_types(["job.created", name])
    assert [each.path for each in refused.value.violations] == ["eventTypes[1]"]


def _scope(number: int) -> str:
    if not number:
        return ""
    value = options_pb2.Scope.DESCRIPTOR.values_by_number[number]
    return value.GetOptions().Extensions[options_pb2.scope_spec].name
