"""Commands of `xaigh-server`, one module each.

A command that can't do its work prints one line that says why and returns 2: a port in use or a
folder that can't be written shows no traceback.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from xaigh_server.cli.audit import audit
from xaigh_server.cli.common import CommandError, explained
from xaigh_server.cli.deliver import deliver
from xaigh_server.cli.descriptor_set import descriptor_set
from xaigh_server.cli.doctor import doctor
from xaigh_server.cli.envoy_config import envoy_config
from xaigh_server.cli.migrate import migrate
from xaigh_server.cli.operators import operator
from xaigh_server.cli.reseal import reseal
from xaigh_server.cli.secrets import secrets
from xaigh_server.cli.serve import serve
from xaigh_server.logs import setup as logs
from xaigh_server.settings import Settings, load

COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "audit": audit,
    "deliver": deliver,
    "doctor": doctor,
    "migrate": migrate,
    "operator": operator,
    "reseal": reseal,
    "secrets": secrets,
    "serve": serve,
}

PRINTERS: dict[str, Callable[[argparse.Namespace], int]] = {
    "descriptor-set": descriptor_set,
    "envoy-config": envoy_config,
}
"""Commands that need neither data nor settings."""


def run(arguments: argparse.Namespace) -> int:
    """Runs a command. Returns the exit code: 0 done, 1 not verified, 2 can't be done."""
    return explained(lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command in PRINTERS:
        return PRINTERS[arguments.command](arguments)
    settings = _settings(arguments)
    logs.configure(settings.log_format)
    # An export is verified anywhere, and secrets are made before there is a server.
    if getattr(arguments, "export", None) is None and getattr(arguments, "step", "") != "new":
        _make_data_folder(settings)
    return COMMANDS[arguments.command](settings, arguments)


def _settings(arguments: argparse.Namespace) -> Settings:
    names = {
        "data_dir": "data_dir",
        "rest": "rest_address",
        "grpc": "grpc_address",
        "founder_file": "founder_file",
        "tls_cert": "tls_cert",
        "tls_key": "tls_key",
        "client_ca": "client_ca",
        "processes": "processes",
    }
    given = {name: getattr(arguments, option, None) for option, name in names.items()}
    return load(os.environ, given)


def _make_data_folder(settings: Settings) -> None:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CommandError(f"data_dir: can't write to {folder}: {error.strerror}") from error
