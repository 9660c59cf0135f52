"""Reads who owns which field off the protos, for the domain that knows no protos."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor

from xaigh.options.v1 import options_pb2
from xaigh_server.jobs.ownership import Owner, Ownership

_OWNERS = {
    options_pb2.OWNER_CLIENT: Owner.CLIENT,
    options_pb2.OWNER_INTEGRATOR: Owner.INTEGRATOR,
    options_pb2.OWNER_SERVICE: Owner.SERVICE,
    options_pb2.OWNER_SERVER: Owner.SERVER,
}


def load_ownership(message: Descriptor) -> Ownership:
    """The owners of a message's fields.

    ValueError, naming the field: neither it nor any field in it has an owner, so nobody could say
    who writes it.
    """
    return Ownership(dict(_declared(message, "")))


def _declared(message: Descriptor, prefix: str) -> Iterator[tuple[str, Owner]]:
    for field in message.fields:
        path = f"{prefix}{field.name}"
        owner = _OWNERS.get(field.GetOptions().Extensions[options_pb2.owner])
        if owner is not None:
            yield path, owner
        elif field.message_type is None or field.is_repeated:
            raise ValueError(f"{message.full_name}.{field.name} has no owner")
        else:
            yield from _declared(field.message_type, f"{path}.")
