"""`python -m tests.demo`: plays the story by REST, then by gRPC. Exit code 1 if a step is off."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.demo.show import Printer
from tests.demo.story import play_each
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.server import operator, server


def main() -> int:
    """Plays it. `XAIGH_ADDR` (REST) names a running server, with `XAIGH_GRPC_ADDR` and two
    operators' credentials in `XAIGH_OPERATOR_KEY` and `XAIGH_SECOND_OPERATOR_KEY`."""
    printer = Printer()
    with _cast() as (apis, founder, second, data_dir):
        held = play_each(
            [make() for make in apis],
            printer=printer,
            founder=founder,
            second=second,
            data_dir=data_dir,
        )
    return 0 if held else 1


@contextmanager
def _cast() -> Iterator[tuple[list[Callable[[], ApiClient]], str, str, Path | None]]:
    address = os.environ.get("XAIGH_ADDR", "")
    if address:
        grpc = os.environ.get("XAIGH_GRPC_ADDR", "127.0.0.1:9090")
        yield (
            [lambda: RestClient(address.removeprefix("http://")), lambda: GrpcClient(grpc)],
            os.environ["XAIGH_OPERATOR_KEY"],
            os.environ["XAIGH_SECOND_OPERATOR_KEY"],
            None,
        )
        return
    with tempfile.TemporaryDirectory(prefix="xaigh-demo-") as folder:
        data_dir = Path(folder)
        with server(data_dir, XAIGH_ALLOW_LOOPBACK_CALLBACKS="true") as running:
            second = operator(data_dir, "api-ops", "api_ops")
            yield (
                [lambda: RestClient(running.rest), lambda: GrpcClient(running.grpc)],
                running.founder,
                second,
                data_dir,
            )


if __name__ == "__main__":
    sys.exit(main())
