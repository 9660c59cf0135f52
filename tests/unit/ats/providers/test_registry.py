"""Board documents and the table of providers."""

from __future__ import annotations

import pytest
from tests.harness.provider_records import GREENHOUSE, LEVER, WORKDAY_DETAIL

from xaigh_server.ats.providers.record import Provider
from xaigh_server.ats.providers.registry import FORMS, records_of

DOCUMENTS = [
    # provider, document, how many, total
    (Provider.GREENHOUSE, {"jobs": [GREENHOUSE], "meta": {"total": 7}}, 1, 7),
    (Provider.GREENHOUSE, {"jobs": [], "meta": {"total": 0}}, 0, 0),
    (Provider.GREENHOUSE, GREENHOUSE, 1, None),
    (Provider.LEVER, [LEVER, LEVER], 2, None),
    (Provider.ASHBY, {"apiVersion": "1", "jobs": [{}, {}]}, 2, None),
    (Provider.WORKDAY, {"total": 31, "jobPostings": [{}] * 20}, 20, 31),
    (Provider.WORKDAY, {"total": 0, "jobPostings": [{}] * 11}, 11, None),
    (Provider.WORKDAY, {"Report_Entry": [{}]}, 1, None),
    (Provider.WORKDAY, {"total": 2, "data": [{}, {}]}, 2, 2),
    (Provider.WORKDAY, WORKDAY_DETAIL, 1, None),
    (Provider.ICIMS, {"jobs": [{"data": {}}], "totalCount": 6172, "meta_data": False}, 1, 6172),
    (Provider.ICIMS, {"searchResults": [{"id": 1}]}, 1, None),
    (Provider.CUSTOM, {"@graph": [{}, {}]}, 2, None),
    (Provider.CUSTOM, [{}], 1, None),
]


@pytest.mark.parametrize(("provider", "document", "count", "total"), DOCUMENTS)
def test_a_board_document_is_taken_apart(provider, document, count, total):
    """A list, an object around one, or a single record; a total only where it is one."""
    found = records_of(provider, document)
    assert (len(found.records), found.total, found.problem) == (count, total, None)


@pytest.mark.parametrize("document", [None, "jobs", 7])
def test_what_is_no_document_is_a_problem(document):
    """And holds no records."""
    found = records_of(Provider.GREENHOUSE, document)
    assert (found.records, found.total) == ((), None)
    assert found.problem


def test_every_provider_has_a_form_and_no_two_share_a_member():
    """What tells one provider's record tells it from all others'."""
    assert set(FORMS) == set(Provider)
    seen: dict[str, Provider] = {}
    for provider, form in FORMS.items():
        for member in form.signature:
            assert member not in seen, (member, seen.get(member), provider)
            seen[member] = provider
