"""Events are hashed in one canonical form, and only what has one gets into the chain."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest

from xaigh_server.audit.model import GENESIS, AuditEvent, ChainId, canonical_json, seal

FIVE_HOURS = timezone(timedelta(hours=5))
TIME = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


class Colour(StrEnum):
    RED = "red"


def event(**members: Any) -> AuditEvent:
    return AuditEvent(time=TIME, actor_type="operator", actor_id="ada", action="x.y", **members)


def test_the_hash_of_an_event_is_fixed() -> None:
    """Anyone can compute it from the documented form; it never changes with a version."""
    sealed = seal(
        event(targets=("grt_1", "key_2"), after={"b": 1, "a": "ä"}, reason="because"),
        chain=ChainId("control"),
        sequence=1,
        prev_hash=GENESIS,
    )
    form = (
        '{"action":"x.y","actorId":"ada","actorType":"operator","after":{"a":"ä","b":1},'
        '"before":null,"chain":"control/-","clientRequestId":"","environment":"","organizationId":"","outcome":"DONE",'
        f'"peer":"","prevHash":"{GENESIS}","reason":"because","requestId":"","sequence":1,'
        '"targets":["grt_1","key_2"],"time":"2026-01-31T09:30:00.000000Z"}'
    )
    assert sealed.hash == hashlib.sha256(form.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"b": [1, True, None], "a": {}}, '{"a":{},"b":[1,true,null]}'),
        ({"t": (1, 2), "s": frozenset({"y", "x"})}, '{"s":["x","y"],"t":[1,2]}'),
        ({"e": Colour.RED}, '{"e":"red"}'),
        (
            {"t": TIME.astimezone(timezone(timedelta(hours=5)))},
            '{"t":"2026-01-31T09:30:00.000000Z"}',
        ),
        # UTF-16 has the astral one first, by its surrogates; code points have it last.
        ({"\uffff": 2, "\U0001f600": 1}, '{"\U0001f600":1,"\uffff":2}'),
        ({"n": 1 - 2**53, "m": 2**53 - 1}, '{"m":9007199254740991,"n":-9007199254740991}'),
        ({"text": 'a"\\\n\x01'}, '{"text":"a\\"\\\\\\n\\u0001"}'),
    ],
)
def test_canonical_json(value: object, form: str) -> None:
    """Sorted by UTF-16 code unit, compact, UTF-8, as RFC 8785 has it."""
    assert canonical_json(value).decode() == form
    assert canonical_json(json.loads(form)).decode() == form


@pytest.mark.parametrize(
    "value", [1.5, {"a": [0.1]}, 2**53, {1: "a"}, b"bytes", "\ud800", object()]
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    """Fractions, huge numbers, bytes and broken text can't be hashed alike everywhere."""
    with pytest.raises(TypeError, match="canonical JSON"):
        canonical_json(value)


@pytest.mark.parametrize(
    ("actor", "text"),
    [
        (AuditEvent(time=TIME, actor_type="key", actor_id="k1", action="a"), "key:k1"),
        (AuditEvent(time=TIME, actor_type="system", action="a"), "system"),
    ],
)
def test_an_actor_is_its_type_and_id(actor: AuditEvent, text: str) -> None:
    """Without an id the type stands alone."""
    assert actor.actor == text


@pytest.mark.parametrize(
    ("chain", "name"),
    [
        (ChainId("control"), "control/-"),
        (ChainId("sandbox", "org_1"), "sandbox/org_1"),
    ],
)
def test_a_chain_is_a_database_and_an_organization(chain: ChainId, name: str) -> None:
    """Its name is part of every hash and of every head, and says both."""
    assert str(chain) == name
    assert ChainId.parse(name) == chain
    sealed = seal(event(), chain=chain, sequence=1, prev_hash=GENESIS)
    other = seal(event(), chain=ChainId("production"), sequence=1, prev_hash=GENESIS)
    assert sealed.hash != other.hash
