"""The records of a batch as they were sent, before anybody has read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from xaigh_server.domain.call import Unread
from xaigh_server.domain.sync.batches import MOST_RECORDS
from xaigh_server.services.sync.structs import Record, digest_of, text_of


class Unfit(Exception):
    """The records can't be read by themselves: their request has to be read whole."""


class SentRecords(Sequence[Record]):
    """Records that are read where they are sorted, which may be in another process.

    What else is asked of them is read here, once. Raises Unfit where that can't be.
    """

    def __init__(self, unread: Unread) -> None:
        self.unread = unread

    @cached_property
    def texts(self) -> list[bytes]:
        """The records as canonical texts."""
        objects = self.unread.objects()
        if objects is None or len(objects) > MOST_RECORDS:
            raise Unfit
        return [text_of(each) for each in objects]

    @cached_property
    def digest(self) -> bytes:
        """What stands for the texts in a fingerprint. It may be set by who has read them."""
        return digest_of(self.texts)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.texts)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self.texts[index]


def most_of(records: Sequence[Record]) -> int:
    """How many records these are, or may be where nobody has read them."""
    return MOST_RECORDS if isinstance(records, SentRecords) else len(records)
