"""A list that is left unread and a rest that is read: together what the whole document says."""

from __future__ import annotations

import asyncio
import json
import pickle
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from hypothesis import example, given
from hypothesis import strategies as st

from httprule.binding import Binding
from httprule.body import BodyReader
from httprule.codec import Codec, CodecOptions
from httprule.errors import InvalidArgument
from httprule.exchange import Exchange, GatewayRoute
from httprule.headers import RequestHead
from httprule.http_rules import rules_of
from httprule.lazy_lists import Cutter, Unread
from httprule.limits import BodyLimits
from httprule.struct_lists import DetachedLists
from xaigh.ats.v1 import ats_sync_service_pb2 as pb

REQUEST: Descriptor = pb.SyncJobsRequest.DESCRIPTOR
SERVICE = pb.DESCRIPTOR.services_by_name["AtsSyncService"]
JOBS = frozenset({"xaigh.ats.v1.SyncJobsRequest.jobs"})


def endpoint(options: CodecOptions) -> GatewayRoute:
    """The endpoint of SyncJobs."""
    (rule,) = (each for each in rules_of([SERVICE]) if each.name.endswith("/SyncJobs"))
    return GatewayRoute(
        rule=rule,
        method=SERVICE.methods_by_name["SyncJobs"],
        binding=Binding.compile(rule, Codec([REQUEST, rule.response], options=options)),
        reply_has_etag=False,
        request_etag=None,
        cors=None,
        limits=BodyLimits(),
        seconds=None,
    )


CUTTING = endpoint(CodecOptions(detached_fields=JOBS, unread_bytes=1))
READING = endpoint(CodecOptions(detached_fields=JOBS))
LIMITED = endpoint(CodecOptions(detached_fields=JOBS, unread_bytes=1, max_values=20))


async def exchange(
    body: bytes, at: GatewayRoute = CUTTING, query: str = "", **headers: str
) -> Exchange:
    """A call with this body, before anybody has read it."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    named = {"content-type": "application/json", "content-length": str(len(body)), **headers}
    head = RequestHead(http_method="POST", path="/", peer="", query=query, headers=named)
    loop = asyncio.get_running_loop()
    return Exchange(at, (), head, (), None, BodyReader(receive, named, at.limits, loop), loop)


def typed(value: object) -> str:
    """A text that tells 1 from 1.0 and from True."""
    return repr(value)


async def read(body: bytes) -> tuple[Message, DetachedLists]:
    """What a body says where nothing is left unread. Raises InvalidArgument."""
    made = await exchange(body, READING)
    return await made.request(), made.detached_lists


async def check(body: bytes) -> bool:
    """Compares the two ways, and says whether a list was left unread that could be read."""
    made = await exchange(body)
    try:
        message = await made.request()
    except InvalidArgument as refused:
        with pytest.raises(InvalidArgument) as ordinary:
            await read(body)
        assert refused.violations == ordinary.value.violations
        return False
    objects = made.unread["jobs"].objects() if made.unread else None
    if objects is not None:
        made.detached_lists["jobs"] = objects
        whole, apart = await read(body)
        assert (message, typed(made.detached_lists)) == (whole, typed(apart))
    return objects is not None


async def check_whole(body: bytes) -> None:
    """What was left unread and is read whole after all says what it says otherwise."""
    made = await exchange(body)
    await made.request()
    assert made.unread
    try:
        whole = made.whole()
    except InvalidArgument as refused:
        with pytest.raises(InvalidArgument) as ordinary:
            await read(body)
        assert refused.violations == ordinary.value.violations
        return
    assert (whole, typed(made.detached_lists)) == await typed_read(body)
    assert not made.unread


async def typed_read(body: bytes) -> tuple[Message, str]:
    message, apart = await read(body)
    return message, typed(apart)


PLAIN = [
    '{"provider":"LEVER","jobs":[{"id":1}]}',
    '{"jobs":[{"id":1},{"id":2}],"provider":"LEVER"}',
    ' {\n"jobs" :\t[ { } ]\r, "batchIndex": 3, "validateOnly": true } ',
    '{"jobs":[{"jobs":[{"a":[]}],"text":"]}\\" \\u00e9 \u00e9 \U0001f33b"}]}',
    '{"jobs":[{"a":42.0,"b":9007199254740993,"c":-0.0,"d":1e2}],"sync_run_id":"n"}',
]


@pytest.mark.parametrize("body", PLAIN)
async def test_a_plain_document_is_cut(body: str) -> None:
    """The message and the objects are those of the whole, by value and by type."""
    assert await check(body.encode())
    await check_whole(body.encode())


ODD = [
    '{"provider":"LEVER"}',
    '{"jobs":[]}',
    '{"jobs":[1]}',
    '{"jobs":[{"id":1},]}',
    '{"jobs":[{"id":1},2]}',
    '{"jobs":null}',
    '{"jobs":{"a":[{}]}}',
    '{"\\u006aobs":[{"id":1}]}',
    '{"jobs":[{"id":1}],"\\u006aobs":[]}',
    '{"\\u006aobs":[{"id":1}],"jobs":[{"id":1}]}',
    '{"\\u006aobs":[],"x":{"jobs":[{"id":1}]}}',
    '{"syncRunId":"jobs","jobs":[{"id":1}]}',
    '{"a\\"jobs":[{"id":1}]}',
    '{"syncRunId":"\\"jobs\\":[{","provider":"LEVER","x":"}]"}',
    '{"integration":{"jobs":[{"id":1}]}}',
    '{"jobs":[{"id":1}],"normalizedJobs":[]}',
    '{"jobs":[{"id":1}],"unknown":1}',
    '{"jobs":[{"id":1}],"x":{"y":[1]}}',
    '{"jobs":[{"id":1}],"x":{"y":[{}]}}',
    '{"jobs":[{"id":1}],"provider":"LEVER","provider":"LEVER"}',
    '{"jobs":[{"id":1}],"batchIndex":1,"batch_index":1}',
    '{"jobs":[{"id":1}]',
    '{"jobs":[{"id":1}]}}',
    '{"jobs":[{"id":1}]} {}',
    '\ufeff{"jobs":[{"id":1}]}',
    '[{"jobs":[{"id":1}]}]',
    '"jobs":[{"id":1}]',
]


@pytest.mark.parametrize("body", ODD)
async def test_an_odd_document_is_read_whole(body: str) -> None:
    """With the faults that it has anyway."""
    made = await exchange(body.encode())
    with suppress(InvalidArgument):
        await made.request()
    assert not made.unread
    assert not await check(body.encode())


WRONG = [
    '{"jobs":[{"id":1}],"jobs":[{"id":1}]}',
    '{"jobs":[{"id":1}],"normalizedJobs":[{"title":"x"}]}',
    '{"jobs":[{"id":1}],"x":[{}]}',
    '{"jobs":[{"id":1}],"\\u006aobs":[{}]}',
    '{"jobs":[{"id":1},2,{}]}',
    '{"jobs":[{"id":1,"id":2}]}',
    '{"jobs":[{"id":1e400}]}',
    '{"jobs":[{"id":NaN}]}',
    '{"jobs":[{"id":"\\ud800"}]}',
    '{"jobs":[{"id":"\x01"}]}',
    '{"jobs":[{"id":1},,{}]}',
    '{"jobs":[{"id":01}]}',
    '{"jobs":[{} {}]}',
    '{"jobs":[{"a":' + "[" * 17 + "]" * 17 + "}]}",
    '{"jobs":[{"a":' + '{"a":' * 150 + "1" + "}" * 150 + "}]}",
    '{"jobs":[{"a":' + "[" * 5000 + "]" * 5000 + "}]}",
]


@pytest.mark.parametrize("body", WRONG)
async def test_what_is_wrong_with_an_unread_list_is_found_by_reading(body: str) -> None:
    """Then the whole document tells it, or says that nothing was wrong but the cut."""
    assert not await check(body.encode())
    await check_whole(body.encode())


async def test_bytes_that_are_no_text_are_found_by_reading() -> None:
    """In the list; beside it they are found at once."""
    await check_whole(b'{"jobs":[{"id":"\xff"}]}')
    assert not await check(b'{"syncRunId":"\xff","jobs":[{"id":1}]}')


_text = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(
    ["jobs", "]", "[{", "}]", '"', "\\", '"jobs":[{', "}],"]
)
_value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | _text,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_text, inner, max_size=2),
    max_leaves=6,
)
_jobs = st.lists(
    st.dictionaries(_text | st.just("jobs"), _value, max_size=3), min_size=1, max_size=3
)
_names = st.sampled_from(
    [
        '"jobs"',
        '"\\u006aobs"',
        '"provider"',
        '"syncRunId"',
        '"sync_run_id"',
        '"normalizedJobs"',
        '"x"',
    ]
)
_spaces = st.text(" \t\r\n", max_size=2)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Documents of the kind, spelled in any way, some of them damaged."""

    def spelled(value: object) -> str:
        ascii_only, indent = draw(st.booleans()), draw(st.none() | st.just(1))
        return json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    members = ['"jobs":' + spelled(draw(_jobs))]
    for _ in range(draw(st.integers(0, 3))):
        value = draw(_jobs | _text | st.just("LEVER"))
        members.append(f"{draw(_names)}{draw(_spaces)}:{draw(_spaces)}{spelled(value)}")
    text = draw(_spaces) + "{" + ",".join(draw(st.permutations(members))) + "}" + draw(_spaces)
    if draw(st.booleans()):
        return text.encode()
    place = draw(st.integers(0, len(text)))
    piece = draw(st.sampled_from(["", ",", "[", "]", "{", "}", '"', "\\", "\ufeff", " 1", "]}"]))
    return (text[:place] + piece + text[place + draw(st.integers(0, 2)) :]).encode()


@given(documents())
@example(b'{"jobs":[{}],"provider":"LEVER"}')
def test_both_ways_say_the_same(body: bytes) -> None:
    """Whatever the document: a cut that is taken for right is right, and faults are the same."""
    asyncio.run(check(body))


async def test_other_faults_of_a_request_wait_for_all_of_its_body() -> None:
    """A bad parameter is told with what is wrong with the list."""
    made = await exchange(b'{"jobs":[{"id":1,"id":2}]}', query="no=1")
    with pytest.raises(InvalidArgument) as refused:
        await made.request()
    assert [each.field for each in refused.value.violations] == ["jobs[0].id", "no"]


async def test_only_what_is_long_is_left_unread() -> None:
    """And only where little stands beside it, and the document holds no more values than it may."""
    body = b'{"jobs":[{"id":1}]}'
    assert Cutter("jobs", len(b'[{"id":1}]')).cut(body) is not None
    assert Cutter("jobs", len(b'[{"id":1}]') + 1).cut(body) is None
    beside = b'{"syncRunId":"%b","jobs":[{"id":1}]}'
    assert Cutter("jobs", 1).cut(beside % (b"n" * 4000)) is not None
    assert Cutter("jobs", 1).cut(beside % (b"n" * 5000)) is None
    few = b'{"jobs":[{"a":"%b"}]}' % (b"long" * 20)
    for small in (body, few):
        made = await exchange(small, LIMITED)
        await made.request()
        assert made.unread
    many = b'{"jobs":[{"a":[%b1]}]}' % (b"1," * 20)
    with pytest.raises(InvalidArgument, match="over 20 values"):
        await (await exchange(many, LIMITED)).request()


def test_an_unread_list_goes_to_other_processes() -> None:
    """As the text that it is."""
    unread = Unread(b'[{"id":42.0}]')
    assert pickle.loads(pickle.dumps(unread)).objects() == [{"id": 42}]
