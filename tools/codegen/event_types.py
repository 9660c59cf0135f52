"""The module `xaigh.sdk.events`: types of events for type checkers, from the catalogue."""

from collections.abc import Sequence

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from codegen.events import EventSpec, read

_HEAD = """\
# Generated from the protos by `make generate`. Don't edit.
\"\"\"Events of webhooks: the members of their `data`, and what `verify_webhook` returns.

A test of `event.type` tells a type checker what `event.data` holds. Members that are empty are left
out of `data`. New types of events may come: answer 2xx to one that you don't know.
\"\"\"

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from xaigh_client.webhook_event import WebhookEvent


class ChallengeEvent(TypedDict, total=False):
    \"\"\"The `data` of `callback.challenge`, which proves that a callback is yours.\"\"\"

    ticketId: str
    challenge: str
"""
_KINDS = {
    FieldDescriptor.CPPTYPE_STRING: "str",
    FieldDescriptor.CPPTYPE_INT32: "int",
    FieldDescriptor.CPPTYPE_BOOL: "bool",
    FieldDescriptor.CPPTYPE_MESSAGE: "str",  # a timestamp, the only message that events hold
}


def module(image: FileDescriptorSet) -> str:
    """The text of the module."""
    pool = DescriptorPool()
    for file in image.file:
        pool.Add(file)
    specs = read(pool)
    kinds = {each.data.full_name: each for each in specs}.values()
    union = "\n    | ".join(f'WebhookEvent[Literal["{e.name}"], {e.data.name}]' for e in specs)
    return (
        _HEAD
        + "".join(_typed_dict(each, specs) for each in kinds)
        + "\n\nAnyWebhookEvent: TypeAlias = (\n"
        + f'    {union}\n    | WebhookEvent[Literal["callback.challenge"], ChallengeEvent]\n)\n'
        + '"""One of the events that there are today, told apart by `type`."""\n'
    )


def _typed_dict(spec: EventSpec, specs: Sequence[EventSpec]) -> str:
    names = ", ".join(f"`{each.name}`" for each in specs if each.data is spec.data)
    members = "".join(f"    {f.json_name}: {_type(f, spec.data)}\n" for f in spec.data.fields)
    doc = f'    """The `data` of {names}."""'
    if len(doc) > 100:
        doc = f'    """The `data` of `{spec.name.split(".")[0]}.*`."""'
    return f"\n\nclass {spec.data.name}(TypedDict, total=False):\n{doc}\n\n{members}"


def _type(field: FieldDescriptor, owner: Descriptor) -> str:
    """The annotation of a member. ValueError: events have had no such members so far."""
    kind = _KINDS.get(field.cpp_type)
    if kind is None:
        raise ValueError(f"{owner.full_name}.{field.name}: no annotation for its type")
    return f"list[{kind}]" if field.is_repeated else kind
