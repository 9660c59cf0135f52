"""Conversion of drills to messages, for reviewers and for the organization itself."""

from __future__ import annotations

from xaigh.rehearsals.v1 import rehearsal_pb2 as pb
from xaigh_server.access.drill_repository import PassedDrills
from xaigh_server.access.drills import WANTS, DrillKind, PassedDrill
from xaigh_server.rpc.timestamps import set_time
from xaigh_server.rpc.unit_of_work import UnitOfWork


def drills_of(organization_id: str, unit: UnitOfWork) -> list[pb.Drill]:
    """Returns every drill, passed by the organization or not, in the order of a rehearsal."""
    passed = PassedDrills(unit.session).of(organization_id)
    return [drill_to_pb(kind, passed.get(kind)) for kind in DrillKind]


def drill_to_pb(kind: DrillKind, passed: PassedDrill | None) -> pb.Drill:
    """Converts a drill; None: it wasn't passed."""
    message = pb.Drill(kind=pb.Drill.Kind.Value(kind.value), wants=WANTS[kind])
    if passed is not None:
        message.key_id = passed.key_id
        message.facts.extend(pb.Drill.Fact(name=n, value=v) for n, v in passed.facts)
        set_time(message.pass_time, passed.pass_time)
    return message
