"""Command `xaigh-server doctor`: says how a deployment is, one line for each finding, with a cure.

Exit codes for scripts: 0, all is well; 1, something needs attention; 2, something is broken.
"""

from __future__ import annotations

import argparse
import json

from xaigh_server.cli.common import run_loop
from xaigh_server.settings import Settings

_SHOWN = {0: "ok", 1: "WARN", 2: "FAULT"}


def doctor(settings: Settings, arguments: argparse.Namespace) -> int:
    return run_loop(_doctor(settings, as_json=arguments.json))


async def _doctor(settings: Settings, *, as_json: bool) -> int:
    from xaigh_server.runtime.doctor import examine

    worst = 0
    async for found in examine(settings):
        worst = max(worst, int(found.health))
        if as_json:
            stated = {"subject": found.subject, "health": found.health.name.lower()}
            print(json.dumps({**stated, "text": found.text, "cure": found.cure}))
        else:
            cure = f" -> {found.cure}" if found.cure else ""
            print(f"{_SHOWN[found.health]:<6}{found.subject:<22} {found.text}{cure}")
    return worst
