"""Index of a worker process among all of them, and the memory that they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from xaigh_server.identity.rate_limit.shared_limiter import SharedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInfo:
    """The place of one process among `of`. The first one also does what one alone may do.

    `folder` holds the sockets of the worker bus, `counts` the shared rate limits; both are None for
    a single process.
    """

    index: int = 0
    of: int = 1
    folder: Path | None = field(default=None, repr=False)
    counts: SharedCounts | None = field(default=None, repr=False)

    @property
    def first(self) -> bool:
        """Whether this process runs the periodic tasks and delivers webhooks."""
        return self.index == 0

    @property
    def alone(self) -> bool:
        """Whether this is the only process."""
        return self.of == 1

    def socket(self, index: int) -> str:
        """Returns the path of the socket on which the process `index` answers."""
        assert self.folder is not None
        return str(self.folder / f"{index}.sock")


SINGLE = WorkerInfo()
