"""Links of iCIMS portals and of its API: both name a job by its number."""

from __future__ import annotations

import re

_JOB = re.compile(r"/jobs/(\d{1,18})(?:[/?#]|\Z)")


def id_of_link(link: object) -> str | None:
    """The number behind "/jobs/" in a portal's or the API's link."""
    found = _JOB.search(link) if isinstance(link, str) else None
    return found[1] if found else None
