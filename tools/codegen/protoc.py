"""One run of protoc over every proto of the product, without any network.

The imports come from installed packages: `google/api` from googleapis-common-protos,
`google/protobuf` from grpcio-tools, and `buf/validate/validate.proto` from the descriptors
inside protovalidate, which ships no .proto file.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import google.api
import grpc_tools
import protovalidate
from google.protobuf import descriptor_pb2
from protobuf import DescFile

VALIDATE_PROTO = "buf/validate/validate.proto"


class ProtocFailed(Exception):
    """protoc refused the protos; its own words are the message."""


def proto_files(root: Path) -> list[str]:
    """Names of the product's protos, relative to `root`, sorted."""
    return sorted(path.relative_to(root).as_posix() for path in root.glob("xaigh/**/*.proto"))


def run(protos: Path, out: Path, work: Path) -> descriptor_pb2.FileDescriptorSet:
    """Writes the pb2 modules and stubs below `out`; returns everything with imports and comments.

    `work` is a scratch folder. Raises ProtocFailed.
    """
    sources = proto_files(protos)
    validate = work / "validate.binpb"
    validate.write_bytes(_validate_descriptors().SerializeToString(deterministic=True))
    image = work / "image.binpb"
    _protoc(
        [f"--python_out={out}", f"--mypy_out=quiet:{out}"],
        [*sources, VALIDATE_PROTO],
        protos,
        validate,
    )
    _protoc(
        [f"--descriptor_set_out={image}", "--include_imports", "--include_source_info"],
        sources,
        protos,
        validate,
    )
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    with_service = [file.name for file in descriptors.file if file.service]
    own = [name for name in sources if name in with_service]
    if own:
        _protoc([f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}"], own, protos, validate)
    return descriptors


def _validate_descriptors() -> descriptor_pb2.FileDescriptorSet:
    files = descriptor_pb2.FileDescriptorSet()
    seen: set[str] = set()

    def add(desc: DescFile) -> None:
        if desc.name in seen:
            return
        seen.add(desc.name)
        for dependency in desc.dependencies:
            add(dependency)
        raw = desc.proto.to_binary()
        files.file.append(descriptor_pb2.FileDescriptorProto.FromString(raw))

    add(protovalidate.ViolationPb.desc().file)
    return files


def _protoc(outputs: list[str], sources: Iterable[str], protos: Path, validate: Path) -> None:
    googleapis = Path(next(iter(google.api.__path__))).parent.parent
    bundled = Path(next(iter(grpc_tools.__path__))) / "_proto"
    includes = [f"-I{protos}", f"-I{googleapis}", f"-I{bundled}"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={validate}"]
    # The plugins are programs beside the interpreter; the folder needn't be on the caller's PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [*command, *includes, *outputs, *sources],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ProtocFailed(done.stderr.strip() or done.stdout.strip())
