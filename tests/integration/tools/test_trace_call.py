"""`tools/trace_call.py` on the server as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_three_calls_are_traced_with_every_process() -> None:
    """Each call has figures; a POST runs through HTTP, handler and database; a GET is shorter."""
    found = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "trace_call.py"), "--files"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    ).stdout
    post, get, sync = re.split(r"^(?:GET |SyncJobs )", found, flags=re.MULTILINE)
    files = [int(number) for number in re.findall(r"^  files +(\d+)", found, re.MULTILINE)]
    assert len(files) == 3 and files[1] < files[0] < files[2]
    for name in ("httprule/protocol.py", "jobs/service.py", "db/sqlite/writer.py"):
        assert name in post, post
    assert "jobs/service.py" in get and "db/sqlite/writer.py" not in get
    assert "ats/providers/greenhouse/" in sync, "records are normalized in another process"
