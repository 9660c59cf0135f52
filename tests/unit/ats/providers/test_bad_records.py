"""Bad records: a reason at a field, or a warning where the record can be kept; never a crash."""

from __future__ import annotations

import pytest
from tests.harness import normalizing, provider_records
from tests.harness.provider_records import (
    ASHBY,
    GREENHOUSE,
    ICIMS_ATTRACT,
    LEVER,
    WORKDAY_DETAIL,
    changed,
)

from xaigh_server.ats.providers.options import DEFAULTS
from xaigh_server.ats.providers.record import Normalized, Provider
from xaigh_server.ats.providers.registry import normalize

G, L, A = Provider.GREENHOUSE, Provider.LEVER, Provider.ASHBY
W, I = Provider.WORKDAY, Provider.ICIMS  # noqa: E741  # one letter a provider

WRONG = [
    # provider, payload, id, (field, reason)
    (G, changed(GREENHOUSE, location=["London"]), "7001001", [("location", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, title=["Dock Lead"]), "7001001", [("title", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, title="  \u200b"), "7001001", [("title", "REQUIRED")]),
    (G, changed(GREENHOUSE, title=None), "7001001", [("title", "REQUIRED")]),
    (G, changed(GREENHOUSE, content={"html": "x"}), "7001001", [("content", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, departments={"id": 1}), "7001001", [("departments", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, offices=["Leeds"], location={"name": "Leeds"}), "7001001",
     [("offices[0]", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, pay_input_ranges={}), "7001001", []),
    (G, changed(GREENHOUSE, pay_input_ranges="50"), "7001001",
     [("pay_input_ranges", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, content="x" * 5_000_000), "7001001", [("content", "TOO_LARGE")]),
    (G, changed(GREENHOUSE, content="<div>" * 100_000), "7001001",
     [("content", "MARKUP_TOO_COMPLEX")]),
    (L, changed(LEVER, salaryRange=None, salaryDescription="<ul><li>" * 50_000), LEVER["id"],
     [("salaryDescription", "MARKUP_TOO_COMPLEX")]),
    (G, changed(GREENHOUSE, title=7, location=[], content=8), "7001001",
     [("content", "WRONG_TYPE"), ("location", "WRONG_TYPE")]),
    (G, changed(GREENHOUSE, id=None), None, [("id", "REQUIRED")]),
    (G, changed(GREENHOUSE, id=True), None, [("id", "INVALID_ID")]),
    (G, changed(GREENHOUSE, id="a\x00b"), None, [("id", "INVALID_ID")]),
    (G, changed(GREENHOUSE, id=[7]), None, [("id", "INVALID_ID")]),
    (L, changed(LEVER, categories=[]), LEVER["id"], [("categories", "WRONG_TYPE")]),
    (L, changed(LEVER, categories__allLocations="Leeds"), LEVER["id"],
     [("categories.allLocations", "WRONG_TYPE")]),
    (L, changed(LEVER, lists=[{"text": "x", "content": 7}]), LEVER["id"],
     [("lists[0].content", "WRONG_TYPE")]),
    (L, changed(LEVER, salaryRange=[1, 2]), LEVER["id"], [("salaryRange", "WRONG_TYPE")]),
    (A, changed(ASHBY, address=[]), ASHBY["id"], [("address", "WRONG_TYPE")]),
    (A, changed(ASHBY, isRemote="maybe"), ASHBY["id"], [("isRemote", "WRONG_TYPE")]),
    (A, changed(ASHBY, secondaryLocations={"location": "x"}), ASHBY["id"],
     [("secondaryLocations", "WRONG_TYPE")]),
    (W, changed(WORKDAY_DETAIL, jobPostingInfo=[]), None,
     [("jobPostingInfo", "WRONG_TYPE"), ("jobPostingInfo.id", "REQUIRED")]),
    (W, changed(WORKDAY_DETAIL, jobPostingInfo__additionalLocations=[7]), "JR-00417",
     [("jobPostingInfo.additionalLocations[0]", "WRONG_TYPE")]),
    (I, changed(ICIMS_ATTRACT, data__title={}), "40771", [("data.title", "WRONG_TYPE")]),
    (G, [], None, [("", "WRONG_TYPE")]),
    (G, "record", None, [("", "WRONG_TYPE")]),
    (G, None, None, [("", "WRONG_TYPE")]),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "payload", "identity", "expected"), WRONG)
def test_a_wrong_member_is_named(provider, payload, identity, expected):
    """The record is refused at its fields, and still counts as seen where its id was read."""
    result = normalize(provider, payload, DEFAULTS)
    if not expected:
        assert isinstance(result, Normalized)
        return
    assert not isinstance(result, Normalized)
    found = normalizing.reasons(result)
    assert [pair for pair in found if pair in expected] == expected
    assert result.external_job_id == identity


KEPT = [
    # provider, payload, codes
    (G, changed(GREENHOUSE, title="Dock \u202eLead"), ["BIDI_CONTROLS_REMOVED"]),
    (G, changed(GREENHOUSE, title="Dock\x00 Lead"), ["CONTROL_CHARACTERS_REMOVED"]),
    (G, changed(GREENHOUSE, title="Dock \ud800 Lead"), ["CONTROL_CHARACTERS_REMOVED"]),
    (G, changed(GREENHOUSE, title="x" * 600), ["TRUNCATED"]),
    (G, changed(GREENHOUSE, title="Ask jo@example.com"), ["EMAIL_REMOVED"]),
    (G, changed(GREENHOUSE, absolute_url="javascript:alert(1)"), ["URL_INVALID"]),
    (G, changed(GREENHOUSE, updated_at="yesterday"), ["TIME_INVALID"]),
    (G, changed(GREENHOUSE, id="7001001"), []),
    (L, changed(LEVER, salaryRange__currency="$"), ["CURRENCY_UNKNOWN"]),
    (L, changed(LEVER, salaryRange__min=float("nan")), ["PAY_AMOUNT_INVALID"]),
    (L, changed(LEVER, salaryRange__min="22.4"), []),
    (L, changed(LEVER, salaryRange__min=30), ["PAY_MIN_OVER_MAX", "PAY_INTERVAL_UNKNOWN"]),
    (L, changed(LEVER, createdAt="soon"), ["TIME_INVALID"]),
]


@pytest.mark.parametrize(("provider", "payload", "codes"), KEPT)
def test_an_odd_value_is_kept_out_and_warned_about(provider, payload, codes):
    """The rest of the record is as good as ever."""
    assert normalizing.warnings(provider, payload) == codes


def pairs():
    own = [
        (provider, sample)
        for _, provider, sample in provider_records.SHAPES
        if sample is not provider_records.NORMALIZED
    ]
    for provider in (G, L, A, W, I):
        for other, sample in own:
            if other is not provider and other is not Provider.CUSTOM:
                yield pytest.param(provider, other, sample, id=f"{other}-as-{provider}")


@pytest.mark.parametrize(("provider", "other", "sample"), list(pairs()))
def test_a_record_of_another_provider_is_not_taken_nor_seen(provider, other, sample):
    """An id of another system says nothing about this one's roles."""
    answer = normalizing.refused(provider, sample)
    assert answer.external_job_id is None
    assert answer.rejections[0].code in ("WRONG_PROVIDER", "FIELD_MAP_REQUIRED")
    if answer.rejections[0].code == "WRONG_PROVIDER":
        assert other.value in answer.rejections[0].message


def test_there_are_never_more_than_fifty_reasons():
    """A record of a thousand faults is answered in a page."""
    answer = normalizing.refused(G, changed(GREENHOUSE, departments=["x"] * 1_000))
    assert len(answer.rejections) == 50


def test_lists_are_cut_to_what_a_job_can_hold():
    """With a warning, since nothing is wrong with the record."""
    names = "; ".join(f"Town{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(300))
    found = normalizing.taken(G, changed(GREENHOUSE, location={"name": names[:500]}))
    assert len(found.job.locations) <= 200
    other = [f"Town{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(300)]
    cut = normalizing.taken(L, changed(LEVER, categories__allLocations=other))
    assert len(cut.job.locations) == 200
    assert [warning.code for warning in cut.warnings] == ["TRUNCATED"]
