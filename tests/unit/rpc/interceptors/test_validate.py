"""Messages are held to the rules beside their fields, and to what every database can keep."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import protovalidate
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict
from tests.harness.call import BY_NAME, End, Source, call, new_key

from xaigh_server.errors import FieldInvalid
from xaigh_server.identity import webhook_secrets
from xaigh_server.rpc.errors import CredentialInField
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


KEY = new_key().text


def texts(kind: Descriptor, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, ...]]:
    """The way to every text of a message type that isn't for a credential, by names of fields."""
    for field in kind.fields:
        inner = field.message_type
        if field.type == FieldDescriptor.TYPE_STRING:
            if not field.GetOptions().debug_redact:
                yield (field.name,)
        elif inner is not None and inner.full_name not in (
            "google.protobuf.Struct",
            "xaigh.ats.v1.NormalizedJob",
            *seen,
        ):
            for rest in texts(inner, seen | {inner.full_name}):
                yield (field.name, *rest)


def put(message: Any, way: tuple[str, ...], text: str) -> str:
    """Puts the text there. Returns the path in JSON."""
    field = message.DESCRIPTOR.fields_by_name[way[0]]
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        held = getattr(message, field.name)
        if way[1] == "key":
            held[text] = "x"
            return str(field.json_name)
        held["a"] = text
        return f'{field.json_name}["a"]'
    if kind is None:
        if field.is_repeated:
            getattr(message, field.name).append(text)
            return f"{field.json_name}[0]"
        setattr(message, field.name, text)
        return str(field.json_name)
    inner = getattr(message, field.name)
    if field.is_repeated:
        return f"{field.json_name}[0].{put(inner.add(), way[1:], text)}"
    return f"{field.json_name}.{put(inner, way[1:], text)}"


EVERY_TEXT = [
    pytest.param(name, way, id=f"{name}-{'.'.join(way)}")
    for name, method in sorted(BY_NAME.items())
    for way in texts(method.request_type.DESCRIPTOR)
]


@pytest.mark.parametrize(("name", "way"), EVERY_TEXT)
async def test_a_credential_is_refused_in_every_text_of_every_method(
    name: str, way: tuple[str, ...]
):
    """By the path of the field, before a handler sees it, and without an echo."""
    message = BY_NAME[name].request_type()
    path = put(message, way, f"the key is {KEY}, sorry")
    end = End()
    with pytest.raises(CredentialInField) as caught:
        if BY_NAME[name].client_streaming:
            await LINK(end, stream_of(message), call(name))
            async for _ in end.requests[0]:
                pass
        await LINK(end, message, call(name))
    assert [each.path for each in caught.value.violations] == [path]
    assert KEY not in str(caught.value)


async def stream_of(message: Any) -> AsyncIterator[Any]:
    """A stream of one message."""
    yield message


async def test_a_field_for_a_credential_takes_one():
    """VerifyKey is asked about a key; a client may send an endpoint back as it got it."""
    secret = webhook_secrets.to_text(b"s" * 32)
    end = End()
    await LINK(end, request("VerifyKey", presentedKey=KEY, scope="jobs:read"), call("VerifyKey"))
    endpoint = {"endpointId": "whe_1", "secret": secret, "url": "https://x.example/"}
    await LINK(end, request("UpdateEndpoint", endpoint=endpoint), call("UpdateEndpoint"))
    assert len(end.requests) == 2


async def test_the_records_of_a_sync_are_judged_by_the_sync():
    """A posting of the ATS that shows a key doesn't stop the other 199."""
    end = End()
    record = {"id": 1, "title": f"use {KEY}"}
    body = {"provider": "GREENHOUSE", "employerUserId": "e", "jobs": [record]}
    await LINK(end, request("SyncJobs", **body), call("SyncJobs"))
    assert end.ran


BLANK = [
    ("PostJob", {**JOB, "title": " \t"}, ["title"]),
    ("PostJob", {**JOB, "title": "\u200b\u2060\ufeff"}, ["title"]),
    ("PostJob", {**JOB, "title": "\u3164"}, ["title"]),
    ("PostJob", {**JOB, "requirements": ["lift", " "]}, ["requirements[1]"]),
    ("RevokeKey", {"keyId": "0123456789", "reason": "\u00a0"}, ["reason"]),
    ("NarrowGrant", {"grantId": "grt_1", "reason": "\u2003"}, ["reason"]),
    ("ReplyToReview", {"ticketId": "tkt_1", "text": "\u00ad"}, ["text"]),
    ("SuspendOrganization", {"organizationId": "org_1", "reason": "\u200b"}, ["reason"]),
]


@pytest.mark.parametrize(("name", "members", "paths"), BLANK)
async def test_blank_text_is_no_text(name: str, members: dict[str, Any], paths: list[str]):
    """Where text is required: white space, zero-width and filler characters show nothing."""
    assert await refused(name, **members) == [(path, "Must not be blank.") for path in paths]


@pytest.mark.parametrize("title", ["x", " x", "…", "\u200bक", "水", "\u200d🧱"])
async def test_text_that_shows_is_text(title: str):
    """Of any script, whatever stands around it."""
    end = End()
    await LINK(end, request("PostJob", **{**JOB, "title": title}), call("PostJob"))
    assert end.ran
