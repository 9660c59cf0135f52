"""Compiles .proto text while a test runs, into a descriptor pool of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc


def compile_set(sources: Mapping[str, str], *, source_info: bool = False) -> FileDescriptorSet:
    """The descriptor set of some .proto texts by file name, imports included."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        target = Path(folder, "set.binpb")
        arguments = [
            "protoc",
            f"-I{folder}",
            f"-I{_folder_of('grpc_tools') / '_proto'}",
            f"-I{_folder_of('google.api.http_pb2').parents[1]}",
            f"--descriptor_set_out={target}",
            "--include_imports",
            *(["--include_source_info"] if source_info else []),
            *sources,
        ]
        if protoc.main(arguments) != 0:
            raise AssertionError(f"protoc refused {sorted(sources)}")
        return FileDescriptorSet.FromString(target.read_bytes())


def compile_pool(sources: Mapping[str, str]) -> DescriptorPool:
    """A pool that knows some .proto texts and nothing that other tests have made."""
    pool = DescriptorPool()
    for file in compile_set(sources).file:
        pool.Add(file)
    return pool


def new_type(pool: DescriptorPool, name: str) -> type[Any]:
    """The class of a message type of a pool."""
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def _folder_of(module: str) -> Path:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
