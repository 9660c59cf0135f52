"""A process that delivers webhooks and is killed by its test: `python -m … FOLDER LEASE`."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import timedelta
from pathlib import Path

import structlog
from tests.harness.delivery import opened


async def deliver(folder: Path, lease: float) -> None:
    """Delivers until it is killed."""
    async with opened(folder, fresh=False) as harness:
        rules = harness.rules(lease=timedelta(seconds=lease))
        async with harness.working(rules=rules, seconds=lease / 2):
            sys.stdout.write("delivering\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(deliver(Path(sys.argv[1]), float(sys.argv[2])))
