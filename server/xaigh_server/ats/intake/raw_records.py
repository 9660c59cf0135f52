"""The records of a batch as they were sent, before anybody has read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

from google.protobuf.struct_pb2 import Struct

from xaigh_server.ats.batches import MOST_RECORDS
from xaigh_server.ats.intake.structs import Record, digest_of, digest_of_wires, text_of, texts_of
from xaigh_server.rpc.call import RawList


class Unfit(Exception):
    """The records can't be read by themselves: their request has to be read whole."""


class SentRecords(Sequence[Record]):
    """Records that are read where they are sorted, which may be in another process.

    What else is asked of them is read here, once. Raises Unfit where that can't be.
    """

    def __init__(self, unread: RawList) -> None:
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


class SentStructs(Sequence[Record]):
    """Structs of some size, which are turned into texts where they are sorted.

    Turning a million values into texts takes seconds, in another process as long as it likes.
    """

    def __init__(self, structs: Sequence[Struct]) -> None:
        self.wires = [struct.SerializeToString(deterministic=True) for struct in structs]

    @cached_property
    def digest(self) -> bytes:
        """What stands for the records in a fingerprint. It may be set by who has read them."""
        texts = texts_of(iter(self))
        return digest_of_wires(self.wires) if texts is None else digest_of(texts)

    def __len__(self) -> int:
        return len(self.wires)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        if isinstance(index, slice):
            return [Struct.FromString(wire) for wire in self.wires[index]]
        return Struct.FromString(self.wires[index])

    def __iter__(self) -> Iterator[Struct]:
        return map(Struct.FromString, self.wires)


def size_of(record: Record) -> int:
    """Bytes of a record, as it is held."""
    return len(record) if isinstance(record, bytes) else record.ByteSize()


def bytes_of(records: Sequence[Record]) -> int:
    """Bytes of records, as they are held or were sent."""
    if isinstance(records, SentRecords):
        return records.unread.size
    if isinstance(records, SentStructs):
        return sum(map(len, records.wires))
    return sum(map(size_of, records))


def most_of(records: Sequence[Record]) -> int:
    """How many records these are, or may be where nobody has read them."""
    return MOST_RECORDS if isinstance(records, SentRecords) else len(records)
