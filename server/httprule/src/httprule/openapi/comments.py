"""Comments of .proto files, by the full names of the elements that they describe.

A descriptor set has them only if it was made with `--include_source_info`.
"""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

# Field numbers of the descriptor messages; paths of source locations consist of them.
_FILE: Final = {"message_type": 4, "enum_type": 5, "service": 6}
_MESSAGE: Final = {"field": 2, "nested_type": 3, "enum_type": 4}
_ENUM: Final = {"value": 2}
_SERVICE: Final = {"method": 2}

Path = tuple[int, ...]


class Comments:
    """The comments of some files. The name of an enum value is below its enum: `pkg.Colour.RED`."""

    def __init__(self, files: FileDescriptorSet) -> None:
        self._texts: dict[str, str] = {}
        for file in files.file:
            self._read(file)

    def of(self, full_name: str) -> str:
        """The comment of a message, field, enum, value, service or method; "" without one."""
        return self._texts.get(full_name, "")

    def _read(self, file: FileDescriptorProto) -> None:
        found = {
            tuple(location.path): _plain(location.leading_comments or location.trailing_comments)
            for location in file.source_code_info.location
        }
        for part, number in _FILE.items():
            for index, each in enumerate(getattr(file, part)):
                self._walk(part, each, file.package, (number, index), found)

    def _walk(self, kind: str, proto: Any, scope: str, path: Path, found: dict[Path, str]) -> None:
        name = f"{scope}.{proto.name}" if scope else proto.name
        if found.get(path):
            self._texts[name] = found[path]
        for part, number in _PARTS.get(kind, {}).items():
            for index, each in enumerate(getattr(proto, part)):
                self._walk(part, each, name, (*path, number, index), found)


_PARTS: Final = {
    "message_type": _MESSAGE,
    "nested_type": _MESSAGE,
    "enum_type": _ENUM,
    "service": _SERVICE,
}


def _plain(text: str) -> str:
    lines = [line.removeprefix(" ").rstrip() for line in text.strip("\n").split("\n")]
    return "\n".join(lines).strip()


def paragraphs(text: str) -> str:
    """A comment as CommonMark: joins the lines of a paragraph, keeps lists and blank lines."""
    joined: list[str] = []
    for line in text.split("\n"):
        begins = not line or line.startswith(("- ", "* ", "  ")) or not joined or not joined[-1]
        if begins:
            joined.append(line)
        else:
            joined[-1] += f" {line}"
    return "\n".join(joined)


def first_sentence(text: str) -> str:
    """The first sentence of a comment without its full stop, for a summary."""
    flat = " ".join(text.split("\n\n")[0].split())
    at = flat.find(". ")
    return (flat if at < 0 else flat[:at]).removesuffix(".")
