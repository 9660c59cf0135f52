"""Records of a feed: as they are held between the steps of a sync, and as plain Python values.

A record is its canonical JSON text (sorted members, no spaces, whole numbers as integers), which is
cheap to make, to compare and to send to a worker process. It stays in wire form where JSON can't
express it, or until its text is needed.

A Struct's numbers are doubles. Whole ones within 2^53 become integers, so that an id is read as it
was written; a larger one stays a double and can't be an id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value

from xaigh.ats.v1.normalized_job_pb2 import NormalizedJob
from xaigh_server.ats.mirror_ids import exact_integer


class WireRecord(NamedTuple):
    """A record in the wire form of its message: a Struct, or else a NormalizedJob."""

    is_struct: bool
    wire: bytes


Record: TypeAlias = bytes | WireRecord
"""A record as a canonical text, or in its wire form."""

_READ: dict[str | None, Callable[[Value], Any]] = {
    None: lambda value: None,
    "null_value": lambda value: None,
    "number_value": lambda value: _number(value.number_value),
    "string_value": lambda value: value.string_value,
    "bool_value": lambda value: value.bool_value,
    "struct_value": lambda value: struct_to_dict(value.struct_value),
    "list_value": lambda value: _list(value.list_value),
}


def record_of(message: Message) -> WireRecord:
    """The record that a message carries."""
    return WireRecord(isinstance(message, Struct), message.SerializeToString(deterministic=True))


def plain(record: Record) -> dict[str, Any]:
    """The object of a record: parsed text, a Struct, or an API message as its JSON."""
    if isinstance(record, bytes):
        found: dict[str, Any] = orjson.loads(record)
        return found
    if record.is_struct:
        return struct_to_dict(Struct.FromString(record.wire))
    return message_to_dict(NormalizedJob.FromString(record.wire))


def size_of(record: Record) -> int:
    """Bytes of a record, as it is held."""
    return len(record if isinstance(record, bytes) else record.wire)


def bytes_of(records: Iterable[Record]) -> int:
    """Bytes of records, as they are held."""
    return sum(map(size_of, records))


def canonical(records: Sequence[WireRecord]) -> tuple[list[bytes] | None, bytes]:
    """The canonical texts of Structs in their wire form, and their digest.

    The texts are None where a Struct holds a number that JSON can't say: NaN or infinity.
    """
    texts = texts_of([Struct.FromString(record.wire) for record in records])
    return texts, (digest_of_wires(records) if texts is None else digest_of(texts))


def digest_of_wires(records: Iterable[WireRecord]) -> bytes:
    """SHA-256 over records without a text."""
    digest = sha256(b"wire\n")
    for record in records:
        digest.update(len(record.wire).to_bytes(8, "big") + record.wire)
    return digest.digest()


def text_of(members: dict[str, Any]) -> bytes:
    """The canonical text of an object that JSON can say."""
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def digest_of(texts: Iterable[bytes]) -> bytes:
    """SHA-256 over texts in their order; none of them holds a line feed."""
    return sha256(b"\n".join(texts)).digest()


def texts_of(structs: Iterable[Struct]) -> list[bytes] | None:
    """The canonical texts of Structs; None where one holds a number that JSON can't say."""
    objects = [struct_to_dict(struct) for struct in structs]
    return None if any(map(_unsayable, objects)) else [text_of(each) for each in objects]


def _unsayable(value: Any) -> bool:
    if isinstance(value, float):
        return not isfinite(value)
    if isinstance(value, dict):
        return any(map(_unsayable, value.values()))
    return isinstance(value, list) and any(map(_unsayable, value))


def struct_to_dict(struct: Struct) -> dict[str, Any]:
    """The object in a Struct."""
    read = _READ
    return {name: read[value.WhichOneof("kind")](value) for name, value in struct.fields.items()}


def message_to_dict(message: Message) -> dict[str, Any]:
    """The fields that are set in a message, by their JSON names; enums by their words."""
    return {field.json_name: _plain(field, value) for field, value in message.ListFields()}


def _list(values: ListValue) -> list[Any]:
    read = _READ
    found: list[Value] = list(values.values)
    return [read[value.WhichOneof("kind")](value) for value in found]


def _number(number: float) -> int | float:
    whole = exact_integer(number)
    return number if whole is None else whole


def _plain(field: FieldDescriptor, value: Any) -> Any:
    if field.is_repeated:
        return [_single(field, item) for item in value]
    return _single(field, value)


def _single(field: FieldDescriptor, value: Any) -> Any:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        return message_to_dict(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    return value
