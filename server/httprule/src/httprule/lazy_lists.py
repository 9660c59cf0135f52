"""A long list of objects that is left as it was sent, for whoever needs it to read elsewhere.

Reading a large document costs a hundred times what finding one list in it does. So the list is cut
out by its looks: the member's name and an object begin it, and the last bracket of the document,
after an object, ends it. That may be wrong, and is proved afterwards:

* what is left is read as strictly as ever, with an empty list in the place of the one that was cut;
  it has no escapes and holds the name once, so that the empty list stands where the other one did;
* the list has to be one JSON document. Cut too far, it isn't.

Where either proof fails, the document is read whole, and says itself what is wrong with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from httprule.errors import InvalidArgument
from httprule.strict_json import parse_json
from httprule.struct_lists import normalize_numbers

_MOST_BESIDE: Final = 4096  # bytes beside the list: with more of them, less is gained
_LOOK_BACK: Final = 64  # bytes in which the last object of a list ends


@dataclass(frozen=True, slots=True)
class Unread:
    """A list as the text that was sent. It may be read in another process: it can be pickled."""

    text: bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.text)

    def objects(self) -> list[dict[str, Any]] | None:
        """The objects, their numbers as a Struct would say them.

        None where anything about them is out of the ordinary, or the list was cut wrongly.
        """
        try:
            found = parse_json(self.text)
        except InvalidArgument:
            return None
        return found if normalize_numbers(found) else None


class Cut(NamedTuple):
    """A document in two: the list of the member `name`, and the rest, where that list is empty."""

    name: str
    rest: bytes
    unread: Unread


class Cutter:
    """Cuts one member's list out of documents where it takes `least` bytes, 1 or more."""

    def __init__(self, name: str, least: int) -> None:
        self._name = name
        self._least = least
        self._key = b'"%b"' % name.encode()
        self._opening = re.compile(re.escape(self._key) + rb"\s*:\s*(?=\[\s*\{)")

    def cut(self, body: bytes) -> Cut | None:
        """The document in two, or None where it doesn't look like that."""
        start, end = self._span(body)
        if end - start < self._least or len(body) - (end - start) > _MOST_BESIDE:
            return None
        rest = b"%b[]%b" % (body[:start], body[end:])
        if b"\\" in rest or rest.count(self._key) != 1:
            return None
        return Cut(self._name, rest, Unread(body[start:end]))

    def _span(self, body: bytes) -> tuple[int, int]:
        """Where the list seems to begin and to end; nowhere where none seems to."""
        key = body.find(self._key, 0, _MOST_BESIDE)
        opening = self._opening.match(body, key) if key >= 0 else None
        end = body.rfind(b"]")
        if opening is None or not body[max(end - _LOOK_BACK, 0) : end].rstrip().endswith(b"}"):
            return 0, 0
        return opening.end(), end + 1
