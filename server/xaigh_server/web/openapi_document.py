"""Loader of the OpenAPI document that was generated from the protos."""

from __future__ import annotations

from pathlib import Path

import xaigh

_PACKAGE = Path(xaigh.__file__).parent


def read_openapi() -> bytes:
    """Returns the document: from the package `xaigh` of a wheel, or from `generated/`.

    FileNotFoundError: neither has it.
    """
    shipped = _PACKAGE / "openapi.json"
    checkout = _PACKAGE.parent.parent / "openapi.json"
    return (shipped if shipped.exists() else checkout).read_bytes()
