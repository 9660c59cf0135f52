"""Program `xaigh-server`: parses the arguments and runs a command.

Exit codes: 0 done, 1 not verified, 2 something that the user has to put right.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the program. Returns the exit code."""
    arguments = _parser().parse_args(argv)
    # gRPC's core writes to stderr past Python's log, and reads this when it is imported.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    if arguments.command == "serve":
        gc.disable()  # until it serves
    from xaigh_server import cli as commands  # after parsing, so that --help is instant

    return commands.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xaigh-server",
        description="The XaiGH access gateway. Every setting is also XAIGH_* in the environment.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data-dir", metavar="DIR", help="where the databases are (./data)")
    _serve(commands, common)
    _upkeep(commands, common)
    _operator(commands, common)
    _audit(commands, common)
    _secrets(commands, common)
    descriptors = commands.add_parser(
        "descriptor-set", help="write the descriptors of the API, for Envoy, grpcurl and the like"
    )
    descriptors.add_argument("file", help="where to; - for standard output")
    _envoy_config(commands)
    return parser


def _upkeep(commands: Commands, common: argparse.ArgumentParser) -> None:
    commands.add_parser(
        "deliver", parents=[common], help="deliver webhooks, beside servers or instead of them"
    )
    migrate = commands.add_parser(
        "migrate", parents=[common], help="bring the databases to this version's schema"
    )
    migrate.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 where there is work to do"
    )
    doctor = commands.add_parser(
        "doctor",
        parents=[common],
        help="say how the deployment is, with cures; exit codes 0 well, 1 attention, 2 broken",
    )
    doctor.add_argument("--json", action="store_true", help="print a JSON object for each line")
    commands.add_parser(
        "reseal",
        parents=[common],
        help="seal webhook secrets under the current key",
        description="Seals webhook secrets under the current key, the first of two. Restart all "
        "servers with both keys before: one that lacks the new key can't sign any more.",
    )


def _serve(commands: Commands, common: argparse.ArgumentParser) -> None:
    serve = commands.add_parser("serve", parents=[common], help="serve REST and gRPC")
    serve.add_argument("--rest", metavar="HOST:PORT", help="where REST listens (127.0.0.1:8080)")
    serve.add_argument("--grpc", metavar="HOST:PORT", help="where gRPC listens (127.0.0.1:9090)")
    serve.add_argument("--tls-cert", metavar="FILE", help="certificate chain, PEM")
    serve.add_argument("--tls-key", metavar="FILE", help="its private key, PEM")
    serve.add_argument(
        "--processes", metavar="N", help="how many processes serve; 0: one for each core (1)"
    )
    serve.add_argument(
        "--founder-file", metavar="FILE",
        help="new file for the first operator's credential; without it a terminal gets it",
    )  # fmt: skip
    serve.add_argument(
        "--client-ca", metavar="FILE", help="CA of client certificates: mutual TLS on gRPC"
    )


def _operator(commands: Commands, common: argparse.ArgumentParser) -> None:
    operator = commands.add_parser("operator", help="add, list, rotate and revoke operators")
    steps = operator.add_subparsers(dest="step", required=True, metavar="STEP")
    add = steps.add_parser("add", parents=[common], help="add one; prints its credential once")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=("founder", "api_ops", "auditor", "service"))
    add.add_argument(
        "--person", default="", help="who that is, the same for all operators of one person (NAME)"
    )
    add.add_argument("--days", type=int, help="after how many days the credential ends")
    steps.add_parser("list", parents=[common], help="list them")
    rotate = steps.add_parser("rotate", parents=[common], help="replace a credential")
    rotate.add_argument("name")
    revoke = steps.add_parser("revoke", parents=[common], help="end an operator for good")
    revoke.add_argument("name")
    revoke.add_argument("--reason", default="", help="kept in the audit log")


def _audit(commands: Commands, common: argparse.ArgumentParser) -> None:
    audit = commands.add_parser("audit", help="verify and export the audit log")
    steps = audit.add_subparsers(dest="step", required=True, metavar="STEP")
    verify = steps.add_parser(
        "verify", parents=[common], help="check every chain against its anchors, or an export"
    )
    verify.add_argument("--export", metavar="FILE", help="an export, instead of the databases")
    verify.add_argument("--public-key", metavar="FILE", help="the key that verifies it, PEM")
    verify.add_argument(
        "--expect-heads", metavar="FILE|CHAIN:SEQUENCE:HASH", action="append", default=[],
        help="heads that you know, as an earlier verification printed them; repeatable",
    )  # fmt: skip
    verify.add_argument(
        "--allow-unanchored", action="store_true", help="exit with 0 where no head proves the end"
    )
    export = steps.add_parser(
        "export", parents=[common], help="anchor the chains, then write every event as NDJSON"
    )
    export.add_argument("file", help="where to; - for standard output")
    export.add_argument(
        "--organization", metavar="ID", default="",
        help="only this one's chains, with proofs that name no other organization",
    )  # fmt: skip
    export.add_argument(
        "--allow-unanchored", action="store_true",
        help="sign the chains although anchors of older events are missing",
    )  # fmt: skip


def _secrets(commands: Commands, common: argparse.ArgumentParser) -> None:
    secrets = commands.add_parser("secrets", help="make the secrets of a fleet, replace a lost one")
    steps = secrets.add_subparsers(dest="step", required=True, metavar="STEP")
    new = steps.add_parser("new", help="write a fresh secret of each kind, as XAIGH_* lines")
    new.add_argument("file", help="a new file, for its owner alone; - for standard output")
    accept = steps.add_parser(
        "accept",
        parents=[common],
        help="make this server's secret the fleet's",
        description="For a secret that is lost: what depended on the lost one stays lost. To "
        "replace one that you have, give the new one and the old one as the previous one.",
    )
    accept.add_argument("name", choices=("pepper", "webhook_key", "audit_key", "application_key"))


def _envoy_config(commands: Commands) -> None:
    envoy = commands.add_parser(
        "envoy-config",
        help="print a configuration for Envoy in front of several servers",
        description="Prints JSON for `envoy -c`. The servers must name Envoy's network in "
        "XAIGH_TRUSTED_PROXIES, or every caller has Envoy's address.",
    )
    envoy.add_argument("--listen", metavar="HOST:PORT", default="0.0.0.0:443", help="(0.0.0.0:443)")
    envoy.add_argument(
        "--replica", metavar="HOST:PORT", action="append", required=True,
        help="where a server has REST; once for each",
    )  # fmt: skip
    envoy.add_argument(
        "--grpc-replica", metavar="HOST:PORT", action="append", required=True,
        help="where it has gRPC",
    )  # fmt: skip
    envoy.add_argument("--tls-cert", metavar="FILE", help="certificate chain, PEM")
    envoy.add_argument("--tls-key", metavar="FILE", help="its private key, PEM")
    envoy.add_argument(
        "--transcode", metavar="FILE",
        help="let Envoy turn REST into gRPC, by this file of `descriptor-set`",
    )  # fmt: skip


def _exit() -> NoReturn:
    sys.exit(main())


if __name__ == "__main__":
    _exit()
