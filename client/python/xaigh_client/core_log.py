"""Log of gRPC's core, which writes to stderr past Python: silent for the command `xaigh`.

The core reads its setting when it is imported, so this module stands before all that imports it.
GRPC_VERBOSITY in the environment wins. Programs that use the client keep the core's own default.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if Path(*sys.argv[:1]).stem == "xaigh":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
