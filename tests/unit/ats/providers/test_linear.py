"""What searches foreign text takes time in proportion to its length."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.harness.growth import assert_linear, seconds
from tests.harness.provider_records import GREENHOUSE, LEVER

from xaigh_server.ats.fingerprint import raw_hash
from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.icims import attract, profile
from xaigh_server.ats.providers.pay import periods, prose
from xaigh_server.ats.providers.places import parse as placetext
from xaigh_server.ats.providers.places import parts as placeparts
from xaigh_server.ats.providers.places import place_codes, places, split
from xaigh_server.ats.providers.posting import is_prospect_title
from xaigh_server.ats.providers.record import Provider
from xaigh_server.ats.providers.registry import normalize
from xaigh_server.ats.providers.text import description, urls, vocabulary
from xaigh_server.ats.providers.workday import shared

FILLERS = (
    *(" ", "a", "A ", "1", "1,", "1.", "$1 ", "$1-", "-", " - ", "(", "()", "(a", ",", ", ", "/"),
    *("_ ", ". ", ";", " or ", " | ", "USD ", "remote ", ",remote", "full ", "part ", "AA ", "US-"),
    *("11111 ", ", A ", "min ", "min - ", "up to ", "to ", "1k to ", "more", "a-", "a.", "\n", "é"),
    *("1 000 ", "1'000", "1k ", "5 € ", "€", "$1 per ", "5 lakh ", "kr 5 ", "from $5 ", "$5 base "),
    *("salary ", "$5 (", "$5 a b ", "12-hour ", "base $5 OTE ", "1.", "$1,", "1 ", "USD 1 000 "),
    *("Austin, TX, ", "Remote - ", " and ", "US-TX-A ", "IN ", "St. ", "Remote (US, ", "US/", "& "),
)
WHOLE: dict[str, Callable[[str], object]] = {
    "employment": vocabulary.employment.__wrapped__,
    "workplace": vocabulary.workplace.__wrapped__,
    "interval": vocabulary.interval.__wrapped__,
    "employment label": vocabulary.is_employment_label,
    "workplace label": vocabulary.is_workplace_label,
    "pay in prose": prose.base_pay,
    "periods of pay": prose.stated_periods,
    "pay in a field": prose.pay_text,
    "period in a field": periods.of_field.__wrapped__,
    "link": urls.web_url,
    "places": split.split_locations.__wrapped__,
    "areas": placeparts.is_area,
}
"""What is given texts of any length."""

LINES: dict[str, Callable[[str], object]] = {
    "place": placetext.read.__wrapped__,
    "workplace in a place": placeparts.workplace_word.__wrapped__,
    "city in a site's name": lambda text: place_codes.city_within.__wrapped__(text, "US", "TX"),
    "more places": places.without_more,
    "number of places": places.is_count,
    "several places": placetext._SEVERAL.search,
    "prospect": lambda text: is_prospect_title(text, Notes()),
    "status": lambda text: vocabulary.status(text, {}, "status", Notes()),
    "heading": description.asks.__wrapped__,
    "word in a title": shared._TITLE_WORD.search,
    "end of a path": shared.requisition_of,
    "id in a bullet": shared.is_like_an_id,
    "customer's member": profile._CUSTOMER_FIELD.match,
    "pay in a tag": attract._PAY_TAG.search,
}
"""What is given lines, which are cut to five hundred characters before."""


@pytest.mark.parametrize("name", WHOLE)
def test_a_text_of_any_length_is_searched_in_linear_time(name):
    """Twenty thousand characters and eight times as many."""
    for filler in FILLERS:
        assert_linear(WHOLE[name], partial(_filled, filler))


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_searched_in_little_time(name):
    """Two milliseconds at most when it was measured; what backtracks without end takes hours."""
    for filler in FILLERS:
        assert seconds(LINES[name], ("a" + filler * 500)[:500]) < 0.1


def _filled(filler: str, size: int) -> str:
    return "a " + filler * (size // len(filler))


def _greenhouse(content: str) -> None:
    payload = {**GREENHOUSE, "content": content, "pay_input_ranges": []}
    normalize(Provider.GREENHOUSE, payload)
    raw_hash(Provider.GREENHOUSE, payload)


_RANGE = '<div class="pay-range">'


@pytest.mark.parametrize(
    "filler",
    [
        *('<div class="pay-input">', _RANGE, f'<div class="pay-input">{_RANGE}$1</div>', "<"),
        *('<div class="title">', "<div class='x'></div>"),
    ],
)
def test_the_pay_block_of_a_description_is_found_in_linear_time(filler):
    """Blocks that begin and never end."""
    begun = f'<p>$5</p><div class="pay-input">x{_RANGE}x'
    assert_linear(_greenhouse, lambda size: begun + filler * (size // len(filler)))


def test_places_are_told_apart_in_linear_time():
    """A list of ten thousand that differ."""

    categories = LEVER["categories"]
    assert isinstance(categories, dict)

    def located(count: int) -> None:
        placetext.read.cache_clear()
        names = [f"Town {number}, US" for number in range(count)]
        payload = {**LEVER, "categories": {**categories, "allLocations": names}}
        normalize(Provider.LEVER, payload)

    assert_linear(located, lambda size: size // 16)
