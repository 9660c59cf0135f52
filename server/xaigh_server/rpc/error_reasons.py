"""Table of error reasons, read from the enum in the protos: how each transport shows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xaigh.errors.v1 import error_reason_pb2 as reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """One reason as callers see it: the short `code`, the gRPC code and the HTTP status."""

    code: str
    grpc_code: int
    http_status: int
    cause: str
    cure: str


def read_reasons() -> Mapping[str, ReasonView]:
    """Every value of `ErrorReason` but zero, by name. Raises ValueError for one without a spec."""
    views: dict[str, ReasonView] = {}
    for value in reasons.ErrorReason.DESCRIPTOR.values:
        if value.number == 0:
            continue
        if not value.GetOptions().HasExtension(reasons.reason_spec):
            raise ValueError(f"the error reason {value.name} doesn't say how it shows")
        spec = value.GetOptions().Extensions[reasons.reason_spec]
        views[value.name] = ReasonView(
            code=spec.code,
            grpc_code=spec.grpc_code,
            http_status=spec.http_status,
            cause=spec.cause,
            cure=spec.cure,
        )
    return views
