"""The command `xaigh`, for operators and integrators. Needs the extra `cli`."""

from __future__ import annotations

import sys

_NEEDED = ("typer", "rich", "click")


def main() -> None:
    """Runs the command line and exits."""
    try:
        from xaigh_client.cli.app import run
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.split(".")[0] not in _NEEDED:
            raise
        print(
            "xaigh: the command line isn't installed; try: pip install 'xaigh[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))
