"""International host names are taken as they are written, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xaigh_server.net.host_names import HostNameInvalid, to_ascii

TAKEN = {
    "bücher.example.com": "xn--bcher-kva.example.com",
    "BÜCHER.Example.com": "xn--bcher-kva.example.com",
    "bu\u0308cher.example.com": "xn--bcher-kva.example.com",  # composed or not: the same letter
    "straße.example.com": "xn--strae-oqa.example.com",
    "пример.example.com": "xn--e1afmkfd.example.com",
    "例え.example.com": "xn--r8jz45g.example.com",
    "東京タワーtokyo.example.com": None,
    "한국어x.example.com": None,
    "δοκιμή.example.com": None,
}


@pytest.mark.parametrize(("host", "ascii_form"), TAKEN.items())
def test_a_plain_name_of_any_script_is_taken(host: str, ascii_form: str | None) -> None:
    """Lower-case, composed, and with the scripts that are written together."""
    found = to_ascii(host)
    assert found.isascii() and found == (ascii_form or found)


REFUSED = [
    "\u24d4xample.com",  # enclosed e
    "\U0001f130xample.com",  # squared A
    "\uff45xample.com",  # full-width e
    "example\uff0ecom.b\u00fc",  # full-width dot
    "ex\u3002example.com",  # ideographic dot
    "exa\u200bmple.com",  # zero-width space
    "exa\u200dmple.com",  # zero-width joiner
    "exa\u2060mple.com",  # word joiner
    "exa\u00admple.com",  # soft hyphen
    "exa\ufe0fmple.com",  # variation selector
    "\u0430pple.com",  # Cyrillic а
    "p\u0430ypal.com",
    "g\u03bfogle.com",  # Greek omicron
    "\u212aelvin.com",  # the sign of Kelvin
    "\u017fite.com",  # long s
    "\u2460.example.com",  # a circled one
    "\ufb01le.com",  # a ligature
    "日本\u0430.example.com",
    "кафеcafe.example.com",
]


@pytest.mark.parametrize("host", REFUSED)
def test_what_would_be_repaired_is_refused(host: str) -> None:
    """Also where a resolver could find what the name was turned into."""
    with pytest.raises(HostNameInvalid):
        to_ascii(host)


@given(st.text(min_size=1))
def test_any_text_is_a_name_or_is_refused(host: str) -> None:
    """In ASCII, and nothing else is raised."""
    try:
        assert to_ascii(host).isascii()
    except HostNameInvalid:
        return
