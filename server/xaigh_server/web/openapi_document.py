"""The OpenAPI document, as it was generated from the protos."""

from __future__ import annotations

from pathlib import Path

import xaigh

_PACKAGE = Path(xaigh.__file__).parent


def read_openapi() -> bytes:
    """The document. A wheel carries it in the package `xaigh`, a checkout beside the Python code.

    Raises FileNotFoundError where there is neither.
    """
    shipped = _PACKAGE / "openapi.json"
    checkout = _PACKAGE.parent.parent / "openapi.json"
    return (shipped if shipped.exists() else checkout).read_bytes()
