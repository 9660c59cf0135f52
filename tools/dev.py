"""Development server: `make dev` serves from ./data and restarts when a source file changes.

Arguments are passed on to `xaigh-server serve`. Settings that suit development are defaults here;
the environment wins. A server that can't start, because of a syntax error say, is started again
with the next change.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from watchfiles import Change, PythonFilter, run_process

ROOT = Path(__file__).resolve().parent.parent
WATCHED = ("server/xaigh_server", "server/httprule/src", "generated/python")
DEFAULTS = {
    "XAIGH_DRAIN_SECONDS": "1",
    "XAIGH_ALLOW_LOOPBACK_CALLBACKS": "true",
}


class SourceFilter(PythonFilter):
    """Lets Python files pass, and the static files of the documentation."""

    def __init__(self) -> None:
        super().__init__(extra_extensions=(".css", ".html", ".js", ".json"))


def main(arguments: list[str]) -> int:
    """Serves until Ctrl+C."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    run_process(
        *(ROOT / folder for folder in WATCHED),
        target=shlex.join([sys.executable, "-m", "xaigh_server", "serve", *arguments]),
        target_type="command",
        callback=_tell,
        watch_filter=SourceFilter(),
        debounce=300,
        sigint_timeout=5,
    )
    return 0


def _tell(changes: set[tuple[Change, str]]) -> None:
    names = sorted(os.path.relpath(path, ROOT) for _, path in changes)
    print(f"changed: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
