"""Command `xaigh-server envoy-config`: prints a configuration for Envoy before several servers."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from xaigh_server.cli.common import CommandError
from xaigh_server.cli.envoy.configuration import Address, EnvoyFrontConfig, make_configuration
from xaigh_server.settings import split_address


def envoy_config(arguments: argparse.Namespace) -> int:
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise CommandError("--tls-cert and --tls-key: give both or neither")
    if len(arguments.replica) != len(arguments.grpc_replica):
        raise CommandError("--replica and --grpc-replica: give each server's two addresses")
    front = EnvoyFrontConfig(
        listen=_address("--listen", arguments.listen),
        rest=tuple(_address("--replica", each) for each in arguments.replica),
        grpc=tuple(_address("--grpc-replica", each) for each in arguments.grpc_replica),
        tls_cert=_path(arguments.tls_cert),
        tls_key=_path(arguments.tls_key),
        descriptors=_path(arguments.transcode),
    )
    print(json.dumps(make_configuration(front), indent=2))
    return 0


def _address(option: str, text: str) -> Address:
    return Address(*split_address(option, text))


def _path(text: str | None) -> str:
    """Returns the absolute path, for Envoy may start elsewhere. `CommandError`: no such file."""
    if text is None:
        return ""
    path = Path(text).resolve()
    if not path.is_file():
        raise CommandError(f"{text}: there is no such file")
    return str(path)
