"""Who writes which field, by path."""

import pytest

from xaigh.jobs.v1 import job_pb2
from xaigh_server.jobs.ownership import Owner, Ownership, load_ownership

OWNERSHIP = load_ownership(job_pb2.Job.DESCRIPTOR)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("job_content", Owner.CLIENT),
        ("job_content.title", Owner.CLIENT),
        ("publication_status.state", Owner.CLIENT),
        ("pay_range.pays", Owner.CLIENT),
        ("application_destination", Owner.CLIENT),
        ("operations", None),
        ("operations.auto_offer", Owner.INTEGRATOR),
        ("operations.geofence.latitude", Owner.INTEGRATOR),
        ("operations.matching", Owner.SERVICE),
        ("operations.payroll_handoff.reference", Owner.SERVICE),
        ("job_id", Owner.SERVER),
        ("ats_link.raw_hash", Owner.SERVER),
        ("nonsense", None),
    ],
)
def test_a_field_has_its_own_owner_or_that_of_the_field_it_is_in(
    path: str, owner: Owner | None
) -> None:
    """A field whose parts differ has none."""
    assert OWNERSHIP.owner_of(path) is owner


def test_every_field_of_a_job_is_owned() -> None:
    """The two halves have the members of the contract, each with one owner."""
    assert OWNERSHIP.owned_by(Owner.CLIENT) == (
        "job_content",
        "publication_status",
        "pay_range",
        "application_destination",
    )
    assert OWNERSHIP.owned_by(Owner.INTEGRATOR) == (
        "operations.auto_offer",
        "operations.geofence",
        "operations.documents",
        "operations.readiness",
        "operations.worker_audience",
    )
    assert OWNERSHIP.owned_by(Owner.SERVICE) == (
        "operations.matching",
        "operations.fill",
        "operations.attendance",
        "operations.messages",
        "operations.payroll_handoff",
    )


@pytest.mark.parametrize(
    ("paths", "touched"),
    [
        (["job_content.title"], ("job_content.title",)),
        (["operations"], ()),
        (["operations.geofence", "pay_range"], ("pay_range",)),
        (["*"], ("job_content", "publication_status", "pay_range", "application_destination")),
        (["job_content", "job_content"], ("job_content",)),
    ],
)
def test_a_mask_touches_what_it_names_and_what_is_in_it(
    paths: list[str], touched: tuple[str, ...]
) -> None:
    """By the name given, or by the parts of a wider one; each once."""
    assert OWNERSHIP.touched(paths, Owner.CLIENT) == touched


def test_nothing_owned_is_a_mistake() -> None:
    """A message that declares no owner can't be guarded by ownership."""
    with pytest.raises(ValueError, match="owner"):
        Ownership({})
    with pytest.raises(ValueError, match=r"JobContent\.title"):
        load_ownership(job_pb2.JobContent.DESCRIPTOR)
