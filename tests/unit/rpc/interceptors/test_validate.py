"""Messages are held to the rules beside their fields, and to what every database can keep."""

from typing import Any

import protovalidate
import pytest
from google.protobuf.json_format import ParseDict
from tests.harness.call import BY_NAME, End, Source, call

from xaigh_server.errors import FieldInvalid
from xaigh_server.rpc.interceptors.validate import Validate, json_name

LINK = Validate(protovalidate.Validator())


def request(name: str, /, **members: Any) -> Any:
    """A request of a method, from its JSON."""
    return ParseDict(members, BY_NAME[name].request_type())


async def refused(name: str, /, **members) -> list[tuple[str, str]]:
    """The violations of a request; nothing ran."""
    end = End()
    with pytest.raises(FieldInvalid) as caught:
        await LINK(end, request(name, **members), call(name))
    assert not end.ran
    return [(each.path, each.description) for each in caught.value.violations]


JOB = {
    "employerUserId": "emp_1",
    "title": "Crew",
    "slots": 2,
    "startsAt": "2027-01-01T00:00:00Z",
}


async def test_a_good_message_goes_on_as_it_is():
    """It isn't copied and isn't changed."""
    end, message = End(), request("PostJob", **JOB)
    await LINK(end, message, call("PostJob"))
    assert end.requests[0] is message


async def test_every_violation_is_named_by_its_path_in_json():
    """In words that end as sentences do."""
    found = await refused("PostJob", **{**JOB, "slots": 0, "requirements": ["x", ""]})
    assert [path for path, _ in found] == ["slots", "requirements[1]"]
    assert all(text[0].isupper() and text.endswith(".") for _, text in found)


async def test_a_path_goes_into_messages_and_maps():
    """Below the form of an amendment, and to a key of a map."""
    form = await refused("AmendAccessRequest", ticketId="tkt_1", form={"contactEmail": "x"})
    assert "form.contactEmail" in [path for path, _ in form]
    labels = {"k" * 300: "x"}
    found = await refused("IssueKey", grantId="grt_1", name="n", labels=labels)
    assert any(path.startswith('labels["kkk') for path, _ in found), found


NULS = [
    ("PostJob", {**JOB, "title": "Crew\0"}, ["title"]),
    (
        "PostJob",
        {**JOB, "requirements": ["a", "b\0", "\0"]},
        ["requirements[1]", "requirements[2]"],
    ),
    ("PostJob", {**JOB, "location": {"city": "A\0"}}, ["location.city"]),
    ("IssueKey", {"grantId": "g\0", "name": "n"}, ["grantId"]),
    ("IssueKey", {"grantId": "g", "name": "n", "labels": {"a": "\0"}}, ['labels["a"]']),
    ("ListAuditEvents", {"actor": "\0"}, ["actor"]),
    ("ListJobs", {"pageToken": "a\0"}, ["pageToken"]),
]


@pytest.mark.parametrize(("name", "members", "paths"), NULS)
async def test_a_nul_is_refused_by_path_in_any_text(
    name: str, members: dict[str, Any], paths: list[str]
):
    """No text reaches a database that one of the engines can't keep."""
    assert [path for path, _ in await refused(name, **members)] == paths


async def test_zeros_that_are_no_text_are_fine():
    """The bytes of a number may be zero."""
    end = End()
    at = {"latitude": 52.0, "longitude": 13.0}
    members = {**JOB, "location": {"city": "B", **at}} if _has_coordinates() else JOB
    await LINK(end, request("PostJob", **members), call("PostJob"))
    assert end.ran


def _has_coordinates() -> bool:
    kind = BY_NAME["PostJob"].request_type.DESCRIPTOR.fields_by_name["location"].message_type
    return {"latitude", "longitude"} <= set(kind.fields_by_name)


async def test_records_of_a_feed_answer_for_themselves():
    """A NUL in one record must not fail the other 199."""
    end = End()
    sync = request("SyncJobs", provider="GREENHOUSE", jobs=[{"id": 1, "title": "x\0"}])
    await LINK(end, sync, call("SyncJobs"))
    assert end.ran


async def test_messages_of_a_stream_are_checked_as_they_come():
    """The first bad one ends it."""
    good = request("GetJob", jobId="job_1")
    bad = request("GetJob", jobId="")
    end = End()
    await LINK(end, Source(good, bad).messages(), call("SyncFeed"))
    seen = []
    with pytest.raises(FieldInvalid):
        async for each in end.requests[0]:
            seen.append(each)
    assert seen == [good]


@pytest.mark.parametrize(
    ("name", "json"), [("a", "a"), ("job_id", "jobId"), ("a_b_c", "aBC"), ("sha_256", "sha256")]
)
def test_json_names_are_those_of_the_specification(name: str, json: str):
    """Underscores go, and what follows is a capital."""
    assert json_name(name) == json
