"""Times out of range are found wherever a message can hold one, and brought back into range."""

from collections.abc import Iterator
from typing import Any

import protovalidate
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, timestamp_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from tests.harness.call import METHODS, End, call

from xaigh.jobs.v1 import job_pb2
from xaigh_server.errors import FieldInvalid
from xaigh_server.rpc.interceptors.validate import Validate
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.timestamps import DURATION, TIMESTAMP, clamp, out_of_range

LINK = Validate(protovalidate.Validator())
WRONG = {TIMESTAMP: {"seconds": 2**62}, DURATION: {"seconds": 1, "nanos": -1}}


def routes(kind: Descriptor, seen: tuple[str, ...] = ()) -> Iterator[tuple[FieldDescriptor, ...]]:
    """Every way from a message to a time, without going in circles. Plain, to check the other."""
    for field in kind.fields:
        inner = field.message_type
        if inner is None or inner.full_name in seen:
            continue
        if inner.full_name in WRONG:
            yield (field,)
        else:
            yield from ((field, *rest) for rest in routes(inner, (*seen, kind.full_name)))


ROUTES = [
    (method, route)
    for method in METHODS.values()
    for route in routes(method.request_type.DESCRIPTOR)
]


def with_wrong_time(method: Method, route: tuple[FieldDescriptor, ...]) -> tuple[Message, str]:
    """A request that has one wrong time at the end of a route, and its path in JSON."""
    request = method.request_type()
    at, path = request, []
    for field in route:
        held = getattr(at, field.name)
        at = held.add() if field.is_repeated else held
        path.append(field.json_name + ("[0]" if field.is_repeated else ""))
    for name, value in WRONG[at.DESCRIPTOR.full_name].items():
        setattr(at, name, value)
    return request, ".".join(path)


@pytest.mark.parametrize(
    ("method", "route"),
    ROUTES,
    ids=[f"{m.full_name}-{'.'.join(f.name for f in r)}" for m, r in ROUTES],
)
async def test_each_time_of_each_method_is_checked_before_any_handler(
    method: Method, route: tuple[FieldDescriptor, ...]
):
    """By its path in JSON, and also in the messages of a stream."""
    request, path = with_wrong_time(method, route)
    end = End()
    with pytest.raises(FieldInvalid) as caught:
        if method.client_streaming:
            await LINK(end, _stream(request), call(of=method))
            async for _ in end.requests.pop():
                pass
        else:
            await LINK(end, request, call(of=method))
    assert [each.path for each in caught.value.violations] == [path]
    assert not end.ran


async def _stream(message: Message):
    yield message


def test_there_are_methods_with_times():
    """Else the walk above would prove nothing."""
    names = {method.full_name.rpartition(".")[2] for method, _ in ROUTES}
    assert {"PostJob", "UpdateJob", "SyncFeed", "RotateKey", "ListAuditEvents"} <= names
    assert len(ROUTES) > 25


TIMES = [
    ((-62_135_596_800, 0), True),
    ((-62_135_596_801, 999_999_999), False),
    ((253_402_300_799, 999_999_999), True),
    ((253_402_300_800, 0), False),
    ((0, -1), False),
    ((0, 1_000_000_000), False),
    ((-1, 1), True),
    ((2**63 - 1, 2**31 - 1), False),
]
DURATIONS = [
    ((315_576_000_000, 999_999_999), True),
    ((-315_576_000_000, -999_999_999), True),
    ((315_576_000_001, 0), False),
    ((-315_576_000_001, 0), False),
    ((1, -1), False),
    ((-1, 1), False),
    ((0, -1), True),
    ((0, 1), True),
    ((0, 1_000_000_000), False),
    ((0, -1_000_000_000), False),
]
PAIRS = [
    *((timestamp_pb2.Timestamp, *each) for each in TIMES),
    *((duration_pb2.Duration, *each) for each in DURATIONS),
]


@pytest.mark.parametrize(("kind", "pair", "good"), PAIRS)
def test_ranges_are_those_of_the_specification(kind: type, pair: tuple[int, int], good: bool):
    """JSON can print what is in range, and clamping makes everything so."""
    holder = HOLDER()
    name = "time" if kind is timestamp_pb2.Timestamp else "duration"
    time = getattr(holder, name)
    time.seconds, time.nanos = pair
    assert [path for path, _ in out_of_range(holder)] == ([] if good else [name])
    clamp(holder)
    assert out_of_range(holder) == []
    assert ((time.seconds, time.nanos) == pair) == good
    time.ToJsonString()


def test_times_in_lists_maps_and_circles_are_found():
    """Each by its path; what isn't there isn't made."""
    holder: Any = HOLDER()
    holder.times.add().seconds = 2**60
    holder.times.add().seconds = 1
    holder.by_name["a"].nanos = -1
    holder.by_number[7].inner.durations.add(seconds=1, nanos=-1)
    assert [path for path, _ in out_of_range(holder)] == [
        "times[0]", 'byName["a"]', "byNumber[7].inner.durations[0]",
    ]  # fmt: skip
    assert not holder.HasField("inner") and not holder.HasField("time")
    clamp(holder)
    assert out_of_range(holder) == []


def test_a_clamped_time_keeps_its_place_in_the_order():
    """Far past stays before everything, far future behind."""
    content = job_pb2.JobContent()
    content.starts_at.seconds, content.ends_at.seconds = -(2**62), 2**62
    clamp(content)
    assert content.starts_at.ToJsonString() == "0001-01-01T00:00:00Z"
    assert content.ends_at.ToJsonString() == "9999-12-31T23:59:59.999999999Z"


def _holder() -> type[Message]:
    """A type with times in every position that the surface may have one day."""
    file = descriptor_pb2.FileDescriptorProto(
        name="times_test.proto", package="times.test", syntax="proto3"
    )
    file.dependency.extend(["google/protobuf/timestamp.proto", "google/protobuf/duration.proto"])
    holder = file.message_type.add(name="Holder")
    for number, (name, kind, repeated) in enumerate(
        [
            ("time", TIMESTAMP, False),
            ("duration", DURATION, False),
            ("times", TIMESTAMP, True),
            ("durations", DURATION, True),
            ("inner", "times.test.Holder", False),
            ("by_name", "times.test.Holder.ByNameEntry", True),
            ("by_number", "times.test.Holder.ByNumberEntry", True),
        ],
        start=1,
    ):
        holder.field.add(
            name=name, number=number, type=11, type_name=f".{kind}", label=3 if repeated else 1
        )
    for name, key, value in (
        ("ByNameEntry", 9, TIMESTAMP),
        ("ByNumberEntry", 5, "times.test.Holder"),
    ):
        entry = holder.nested_type.add(name=name)
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, type=key, label=1)
        entry.field.add(name="value", number=2, type=11, type_name=f".{value}", label=1)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return GetMessageClass(pool.FindMessageTypeByName("times.test.Holder"))


HOLDER = _holder()
