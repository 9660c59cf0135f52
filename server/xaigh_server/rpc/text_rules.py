"""Rules for all text of a message, whichever field it stands in.

- No text holds U+0000, which PostgreSQL can't store.
- Only a field with the option `debug_redact` holds a credential. A key that somebody pasted into a
  note would stay in the audit log for ever.
- Text that is required, or that must have a length, isn't blank: it has a character that shows.

Records of a sync are left out: the ATS wrote them, not the caller, and the sync judges each of them
by itself. The first two rules cost a few searches through the bytes of a message, and walk through
it only where a search finds something.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from xaigh_server.errors import FieldViolation
from xaigh_server.identity.detector import holds_credential, may_hold_credential
from xaigh_server.rpc.errors import CredentialInField
from xaigh_server.text.sanitize import is_blank

_RECORDS = frozenset({"google.protobuf.Struct", "xaigh.ats.v1.NormalizedJob"})
_STRING = FieldDescriptor.TYPE_STRING
_MESSAGE = FieldDescriptor.TYPE_MESSAGE


def unfit(message: Message) -> list[FieldViolation]:
    """A violation for each text with U+0000 in it. Raises `CredentialInField`."""
    raw = message.SerializePartialToString()
    if may_hold_credential(raw):
        paths = [path for path, text in _texts(message, "") if holds_credential(text)]
        if paths:
            raise CredentialInField(paths)
    if b"\0" not in raw:
        return []
    return [
        FieldViolation(path=path, description="Must not contain U+0000.")
        for path, text in _texts(message, "")
        if "\0" in text
    ]


def _texts(message: Message, prefix: str) -> Iterator[tuple[str, str]]:
    """Each text that may not be a credential, with its path in JSON."""
    for field, value in message.ListFields():
        path = prefix + field.json_name
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            if field.GetOptions().debug_redact:
                continue
            for key in sorted(value):
                yield from _single(key, path)
                yield from _single(value[key], f"{path}[{_shown(key)}]")
        elif kind is not None and kind.full_name in _RECORDS:
            continue
        elif field.is_repeated and field.type in (_STRING, _MESSAGE):
            for index, item in enumerate(value):
                yield from _single(item, f"{path}[{index}]")
        elif not field.GetOptions().debug_redact:
            yield from _single(value, path)


def _single(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Message):
        yield from _texts(value, f"{path}.")


def _shown(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) else str(key)


class _Holder(NamedTuple):
    """A field that is required text (`is_text`), or a message that can hold such text."""

    name: str
    json_name: str
    is_text: bool
    is_list: bool


def blank(message: Message) -> list[FieldViolation]:
    """A violation for each text that is required and shows nothing."""
    return [
        FieldViolation(path=path, description="Must not be blank.") for path in _blanks(message, "")
    ]


def _blanks(message: Message, prefix: str) -> Iterator[str]:
    for field in _holders(message.DESCRIPTOR):
        if field.is_list:
            for index, item in enumerate(getattr(message, field.name)):
                yield from _blank(field, item, f"{prefix}{field.json_name}[{index}]")
        elif field.is_text or message.HasField(field.name):
            yield from _blank(field, getattr(message, field.name), prefix + field.json_name)


def _blank(field: _Holder, value: Any, path: str) -> Iterator[str]:
    if not field.is_text:
        yield from _blanks(value, f"{path}.")
    elif value and not "!" <= value[0] <= "~" and is_blank(value):  # most begin with ASCII
        yield path


@cache
def _holders(kind: Descriptor) -> tuple[_Holder, ...]:
    """The fields of a message type in which required text can stand, at any depth."""
    return tuple(
        _Holder(field.name, field.json_name, field.type == _STRING, field.is_repeated)
        for field in kind.fields
        if _requires_text(field) or _is_parent(field, frozenset())
    )


def _is_parent(field: FieldDescriptor, seen: frozenset[str]) -> bool:
    kind = field.message_type
    if kind is None or kind.GetOptions().map_entry:
        return False
    if kind.full_name in _RECORDS or kind.full_name in seen:
        return False
    seen |= {kind.full_name}
    return any(_requires_text(each) or _is_parent(each, seen) for each in kind.fields)


def _requires_text(field: FieldDescriptor) -> bool:
    if field.type != _STRING:
        return False
    options = field.GetOptions()
    rules = options.Extensions[validate_pb2.field]
    text = rules.repeated.items.string if field.is_repeated else rules.string
    # The stubs of google.api type the extension as a plain descriptor.
    behavior: Any = options.Extensions[field_behavior_pb2.field_behavior]  # type: ignore[index]  # ^
    required = field_behavior_pb2.REQUIRED in behavior
    return bool(text.min_len) or (required and not field.is_repeated)
