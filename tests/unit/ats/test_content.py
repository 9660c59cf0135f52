"""What differs between two states of a mirrored job."""

from __future__ import annotations

import pytest

from xaigh.jobs.v1 import job_pb2, pay_pb2
from xaigh_server.ats.content import Content, changed_fields

NO_PAY = pay_pb2.PayRange()
NOWHERE = job_pb2.ApplicationDestination()


def content(*, pay=NO_PAY, application=NOWHERE, **members) -> Content:
    said = job_pb2.JobContent(**members)
    return Content(*(each.SerializeToString() for each in (said, pay, application)))


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ({}, {}, []),
        ({"title": "A"}, {"title": "B"}, ["jobContent.title"]),
        ({"team": "A", "title": "T"}, {"title": "T"}, ["jobContent.team"]),
        ({"description_html": "a", "description_text": "a"}, {}, ["jobContent.descriptionHtml"]),
        ({"description_text": "a"}, {"description_text": "b"}, []),
        ({}, {"locations": [{"city": "Ulm"}]}, ["jobContent.locations"]),
        ({}, {"requirements": ["a"]}, ["jobContent.requirements"]),
        ({}, {"starts_at": {}}, ["jobContent.startsAt"]),
        ({"starts_at": {}}, {"starts_at": {"seconds": 1}}, ["jobContent.startsAt"]),
        (
            {"title": "A", "department": "D", "prospect": True},
            {"title": "B", "team": "T"},
            ["jobContent.department", "jobContent.prospect", "jobContent.team", "jobContent.title"],
        ),
        ({}, {"pay": pay_pb2.PayRange(pays=[{"min_minor": 1}])}, ["payRange"]),  # type: ignore[list-item]
        (
            {"application": job_pb2.ApplicationDestination(applyable=True)},
            {"application": job_pb2.ApplicationDestination(apply_url="https://a.example/")},
            ["applicationDestination.applyUrl", "applicationDestination.applyable"],
        ),
    ],
)  # fmt: skip
def test_the_fields_that_differ_are_named(old, new, fields):
    """In JSON spelling; the text drawn from the HTML is no change of its own."""
    before, after = content(**old), content(**new)
    assert sorted(changed_fields(before, after)) == fields
    assert sorted(changed_fields(after, before)) == fields
