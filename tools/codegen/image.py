"""The descriptor set as an index: every message, enum and service by its full name, with comments.

Options are read through a pool of their own, so that a generated module that is out of date never
has a say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet

_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6  # Field numbers in FileDescriptorProto.
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4  # Field numbers in DescriptorProto.
_METHODS = 2  # Field number in ServiceDescriptorProto and EnumDescriptorProto.


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A descriptor with the file that declares it and its leading comment, without margins."""

    name: str
    """Full, without a leading dot."""
    file: str
    package: str
    proto: Any
    comment: str
    parts: dict[str, str] = field(default_factory=dict)
    """Comments of fields, values or methods, by their short names."""

    @property
    def local_name(self) -> str:
        """The name within the package, with dots for nesting."""
        return self.name.removeprefix(f"{self.package}.")


class Image:
    """Everything that the protos declare."""

    def __init__(self, descriptors: FileDescriptorSet) -> None:
        pool = descriptor_pool.DescriptorPool()
        for file in descriptors.file:
            pool.Add(file)
        set_type = message_factory.GetMessageClass(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorSet")
        )
        message_factory.GetMessageClassesForFiles([file.name for file in descriptors.file], pool)
        own: Any = set_type.FromString(descriptors.SerializeToString())
        self._pool = pool
        self.messages: dict[str, Entry] = {}
        self.enums: dict[str, Entry] = {}
        self.services: list[Entry] = []
        for file in own.file:
            self._read(file)

    def option(self, options: Any, extension: str) -> Any:
        """The value of an extension on an options message; the default where it isn't set."""
        return options.Extensions[self._pool.FindExtensionByName(extension)]

    def own(self, prefix: str = "xaigh.") -> Iterator[Entry]:
        """Top-level messages and enums of the product, in the order of their files."""
        for entry in (*self.messages.values(), *self.enums.values()):
            if entry.package.startswith(prefix) and "." not in entry.local_name:
                yield entry

    def _read(self, file: Any) -> None:
        reader = _Reader(file)
        for at, proto in enumerate(file.message_type):
            self._read_message(reader, proto, file.package, (_MESSAGES, at))
        for at, proto in enumerate(file.enum_type):
            self._read_enum(reader, proto, file.package, (_ENUMS, at))
        for at, proto in enumerate(file.service):
            path = (_SERVICES, at)
            entry = reader.entry(proto, file.package, path, proto.method, _METHODS)
            self.services.append(entry)

    def _read_message(self, reader: _Reader, proto: Any, scope: str, path: tuple[int, ...]) -> None:
        entry = reader.entry(proto, scope, path, proto.field, _FIELDS)
        self.messages[entry.name] = entry
        for at, nested in enumerate(proto.nested_type):
            self._read_message(reader, nested, entry.name, (*path, _NESTED, at))
        for at, nested in enumerate(proto.enum_type):
            self._read_enum(reader, nested, entry.name, (*path, _NESTED_ENUMS, at))

    def _read_enum(self, reader: _Reader, proto: Any, scope: str, path: tuple[int, ...]) -> None:
        entry = reader.entry(proto, scope, path, proto.value, _METHODS)
        self.enums[entry.name] = entry


class _Reader:
    """Entries of one file, with the comments that stand above them."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._comments = {
            tuple(location.path): _plain(location.leading_comments)
            for location in file.source_code_info.location
            if location.leading_comments
        }

    def entry(
        self, proto: Any, scope: str, path: tuple[int, ...], parts: Any, number: int
    ) -> Entry:
        """A descriptor at a path; `number` is the field that holds its parts."""
        return Entry(
            name=f"{scope}.{proto.name}",
            file=self._file.name,
            package=self._file.package,
            proto=proto,
            comment=self._comments.get(path, ""),
            parts={
                part.name: self._comments.get((*path, number, at), "")
                for at, part in enumerate(parts)
            },
        )


def _plain(comment: str) -> str:
    return "\n".join(line.removeprefix(" ").rstrip() for line in comment.strip("\n").split("\n"))
