"""Property tests: the codec agrees with `google.protobuf.json_format`."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from httprule.codec import Codec, CodecOptions, JsonEngine, MessageCodec
from httprule.errors import InvalidArgument
from httprule_harness.kinds import kinds_pool, kinds_type, messages

Kinds = kinds_type()
ENGINES = list(JsonEngine)

relaxed = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@cache
def codec(engine: JsonEngine = JsonEngine.PROTOBUF_PY, **options: bool) -> MessageCodec:
    chosen = CodecOptions(engine=engine, **options)
    return Codec([Kinds.DESCRIPTOR], options=chosen).of(Kinds.DESCRIPTOR)


def printed(message: Any, **options: bool) -> str:
    return json_format.MessageToJson(message, descriptor_pool=kinds_pool(), **options)


def parsed(text: str | bytes) -> Any:
    return json_format.Parse(text, Kinds(), descriptor_pool=kinds_pool())


def wire(message: Any) -> bytes:
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("engine", ENGINES)
@relaxed
@given(message=messages(Kinds))
def test_reads_what_the_reference_prints(engine, message):
    """A message printed by the reference reads back as the same message."""
    assert wire(codec(engine).decode(printed(message).encode())) == wire(message)


@pytest.mark.parametrize("engine", ENGINES)
@relaxed
@given(message=messages(Kinds))
def test_the_reference_reads_what_it_prints(engine, message):
    """A message printed here reads back through the reference as the same message."""
    assert wire(parsed(codec(engine).encode(message))) == wire(message)


@relaxed
@given(message=messages(Kinds))
def test_prints_the_same_members(message):
    """Names, order-free structure and spelled values are those of the reference."""
    assert _alike(json.loads(codec().encode(message)), json.loads(printed(message)))


@relaxed
@given(message=messages(Kinds))
def test_reads_proto_names(message):
    """The names of the .proto file are read as well as the JSON names."""
    text = printed(message, preserving_proto_field_name=True)
    assert wire(codec().decode(text.encode())) == wire(message)


@relaxed
@given(message=messages(Kinds))
def test_options_print_as_the_reference_does(message):
    """Defaults, enum numbers and proto names print as the reference prints them."""
    here = codec(emit_defaults=True, enums_as_numbers=True, proto_names=True).encode(message)
    there = printed(
        message,
        always_print_fields_with_no_presence=True,
        use_integers_for_enums=True,
        preserving_proto_field_name=True,
    )
    assert _alike(json.loads(here), json.loads(there))


_NAMES = [name for field in Kinds.DESCRIPTOR.fields for name in (field.name, field.json_name)]
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [
            "",
            "1",
            "-1",
            "1.5",
            "1e2",
            "RED",
            "red",
            "NaN",
            "1s",
            "-0.5s",
            "aGk=",
            "aGk",
            "a,b",
            "x",
            "2026-01-31T09:30:00Z",
            "2026-01-31T09:30:00.5+02:00",
            "true",
            "18446744073709551615",
        ]
    )
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*_NAMES, "value", "1", "true", "text", "bigNumber"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
_DOCUMENTS = st.dictionaries(st.sampled_from([*_NAMES, "unknown"]), _TREES, max_size=4)


@settings(relaxed, max_examples=600)
@given(tree=_DOCUMENTS)
def test_accepts_only_what_the_reference_accepts(tree):
    """A document that is accepted means to the reference what it means here."""
    body = json.dumps(tree).encode()
    try:
        message = codec().decode(body)
    except InvalidArgument as refused:
        assert refused.violations
        assert all(each.description and each.reason for each in refused.violations)
        return
    try:
        wanted = parsed(body)
    except json_format.ParseError as failed:
        # The reference trips over null for a list of Values.
        assume("AttributeError" not in str(failed))
        raise
    assert wire(message) == wire(wanted)


@settings(relaxed, max_examples=300)
@given(tree=_DOCUMENTS)
def test_lenient_mode_drops_unknown_members_only(tree):
    """Leniently, a document means what it says without its unknown members, or is refused."""
    lenient = codec(ignore_unknown=True)
    strict_tree = {key: value for key, value in tree.items() if key != "unknown"}
    try:
        message = lenient.decode(json.dumps(tree).encode())
    except InvalidArgument as refused:
        assert "UNKNOWN_FIELD" not in {each.reason for each in refused.violations}
        return
    assert wire(message) == wire(lenient.decode(json.dumps(strict_tree).encode()))


@pytest.mark.parametrize("engine", ENGINES)
@relaxed
@given(body=st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode("utf-8")))
def test_never_fails_otherwise(engine, body):
    """Any bytes are a message or an `InvalidArgument`."""
    try:
        codec(engine).decode(body)
    except InvalidArgument as refused:
        assert refused.violations


def _alike(here: Any, there: Any) -> bool:
    """Equal, with numbers compared as `float`s: how many digits are printed is a matter of taste.

    A NullValue is null here, also where enums print as numbers, as the specification says.
    """
    if isinstance(here, dict) and isinstance(there, dict):
        return here.keys() == there.keys() and all(_alike(here[k], there[k]) for k in here)
    if isinstance(here, list) and isinstance(there, list):
        return len(here) == len(there) and all(map(_alike, here, there))
    if isinstance(here, int | float) and isinstance(there, int | float):
        return math.isclose(here, there, rel_tol=1e-6, abs_tol=1e-45)
    return here == there or (here is None and there == 0)
