"""Entity tags: versions of resources as HTTP validators.

A message with a string field `etag` is a versioned resource. The field is sent as the `ETag` of a
read, weak where the body is compressed, since the tag then no longer names these bytes. `If-Match`
is put into the `etag` field of the request, so that the handler's own check is the only one.
"""

from __future__ import annotations

import re
from typing import Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from httprule import http_errors as http_errors
from httprule.failures import HttpError

FIELD: Final = "etag"

_TAG: Final = re.compile(r'\s*(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_OPAQUE: Final = re.compile(r"[\x21\x23-\x7e]+")


def has_etag(message: Descriptor) -> bool:
    """Whether messages of this type have a version."""
    field = message.fields_by_name.get(FIELD)
    return field is not None and field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated


def etag_path(request: Descriptor, body: str | None) -> tuple[str, ...] | None:
    """The field for `If-Match`: the request's own `etag`, else that of its body field."""
    if has_etag(request):
        return (FIELD,)
    field = request.fields_by_name.get(body) if body and body != "*" else None
    if field is not None and field.message_type is not None and has_etag(field.message_type):
        return (field.name, FIELD)
    return None


def of_message(message: Message) -> str | None:
    """The opaque tag of a resource; None where a header cannot hold it."""
    tag: str = getattr(message, FIELD)
    return tag if _OPAQUE.fullmatch(tag) else None


def parse_tags(header: str) -> list[str] | None:
    """The opaque tags of `If-Match` or `If-None-Match`; None for "*". Raises a 400 error."""
    if header.strip() == "*":
        return None
    tags = []
    at = 0
    while at < len(header):
        found = _TAG.match(header, at)
        if found is None:
            raise http_errors.malformed(
                'An entity tag is written in quotes, such as "v7".', "INVALID_ENTITY_TAG"
            )
        tags.append(found[1])
        at = found.end()
    return tags


def is_unchanged(if_none_match: str, tag: str) -> bool:
    """Whether the client has this version already, by weak comparison; the reply is 304 then.

    An unreadable header counts as absent, since a whole reply is never wrong.
    """
    try:
        tags = parse_tags(if_none_match)
    except HttpError:
        return False
    return tags is None or tag in tags


def apply_if_match(message: Message, path: tuple[str, ...] | None, if_match: str) -> None:
    """Puts the one tag of `If-Match` into the request. "*" does nothing.

    Raises a 400 error for several tags, for another tag in the body, and for a method without
    versions: the client must not take an unchecked precondition for one that held.
    """
    tags = parse_tags(if_match)
    if tags is None:
        return
    if path is None:
        raise http_errors.malformed("This method knows no versions: leave If-Match out.", "NO_ETAG")
    if len(tags) != 1:
        raise http_errors.malformed(
            "If-Match must hold exactly one tag here.", "INVALID_ENTITY_TAG"
        )
    for name in path[:-1]:
        message = getattr(message, name)
    known: str = getattr(message, path[-1])
    if known and known != tags[0]:
        raise http_errors.malformed("If-Match and the etag of the body differ.", "ETAG_CONFLICT")
    setattr(message, path[-1], tags[0])
