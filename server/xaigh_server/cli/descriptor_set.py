"""Command `xaigh-server descriptor-set`: writes the API's descriptors for proxies and tools."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2

from xaigh_server.rpc.services import FILES


def descriptor_set(arguments: argparse.Namespace) -> int:
    written = make_descriptor_set().SerializeToString(deterministic=True)
    if arguments.file == "-":
        sys.stdout.buffer.write(written)
    else:
        Path(arguments.file).write_bytes(written)
    return 0


def make_descriptor_set() -> FileDescriptorSet:
    """Returns all files of the API with their imports, dependencies first.

    It includes the messages of error details: a proxy needs them to print errors as JSON.
    """
    files = FileDescriptorSet()
    known: set[str] = set()

    def add(file: FileDescriptor) -> None:
        if file.name in known:
            return
        known.add(file.name)
        for dependency in file.dependencies:
            add(dependency)
        file.CopyToProto(files.file.add())

    for file in (*FILES, error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR):
        add(file)
    return files
