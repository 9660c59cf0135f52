"""Replies beside the published document: whatever mode made one, it is of the schema promised."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parents[2] / "generated" / "openapi.json"


def violations(operation: str, status: int, body: Any) -> list[str]:
    """What of a JSON reply to an operation, by its `operationId`, isn't as published."""
    found = _validator(operation, str(status)).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in found]


@cache
def _document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DOCUMENT.read_bytes())
    return read


@cache
def _operations() -> dict[str, dict[str, Any]]:
    paths = _document()["paths"].values()
    found = [each for path in paths for each in path.values() if isinstance(each, dict)]
    return {each["operationId"]: each for each in found if "operationId" in each}


@cache
def _validator(operation: str, status: str) -> Draft202012Validator:
    components = _document()["components"]
    responses = _operations()[operation]["responses"]
    response = responses.get(status, responses["default"])
    while "$ref" in response:
        response = components["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": components})
