"""Descriptions and the requirements in them."""

from __future__ import annotations

import pytest
from tests.harness.growth import assert_linear

from xaigh_server.ats.providers.fields import Notes
from xaigh_server.ats.providers.text.description import asks, describe, item_texts

ASKS = (
    "Requirements|Basic Requirements|Qualifications:|What you bring|What You\u2019ll Bring"
    "|What You Will Need|What Will You Need|Who you are|What we require|What we value"
    "|Your background includes:|Dein Profil|Must-haves|To apply you must have:|About you"
    "|We are looking for someone who:|Some things we're looking for|At a minimum, you need to have:"
    "|Anforderungen|Skills and experience|You'll need|You\u2019ll Need:|What we need to see"
    "|Minimum Qualifications|Basic qualifications|Must Haves|What it takes|What you'll need"
    "|Ihr Profil|Das bringst du mit|Was du mitbringst|Voraussetzungen|Ihre Qualifikationen"
    "|Votre profil|Profil recherché|Compétences requises|Prérequis|Ce que nous recherchons"
    "|Requisitos|Tu perfil|Perfil buscado|Lo que buscamos|Qualificações|Seu perfil"
    "|Functie-eisen|Wat vragen wij|Jouw profiel|Requisiti|Il tuo profilo|Cosa cerchiamo"
)
OFFERS = (
    "What you'll do|Responsibilities|Nice to have|Nice to Haves|Preferred qualifications"
    "|What we offer|Benefits|Bonus points if you have|You'll be a great addition if you have"
    "|About us|Perks|It's a plus if you have|Key activities|Interview plan|What you'll get"
    "|Wir bieten|Das bieten wir dir|Ihre Aufgaben|Von Vorteil|Vos missions|Avantages|Nous offrons"
    "|Ofrecemos|Beneficios|Funciones|Requisitos deseables|Wij bieden|Cosa offriamo"
    "|Preferred Requirements|Compétences souhaitées"
)


@pytest.mark.parametrize("heading", ASKS.split("|"))
def test_a_heading_that_asks(heading):
    """What a candidate must bring stands under it."""
    assert asks(heading)


@pytest.mark.parametrize("heading", OFFERS.split("|"))
def test_a_heading_that_does_not_ask(heading):
    """Duties, wishes and offers are no requirements."""
    assert not asks(heading)


REQUIREMENTS = [
    (
        "<h3>What you bring</h3><ul><li>A</li><li>B <b>b</b></li></ul>"
        "<h3>We offer</h3><ul><li>C</li></ul>",
        ("A", "B b"),
    ),
    (
        "<h2>Requirements</h2><p>Here is what counts most to us:</p><ul><li>A</li></ul>",
        ("A",),
    ),
    (
        "<p>Qualifications</p><ul><li>A<ul><li>A1</li></ul></li><li><p>B</p></li></ul>",
        ("A", "A1", "B"),
    ),
    ("<h3>Requirements</h3><ul><li>A</li></ul><h3>Nice to have</h3><ul><li>B</li></ul>", ("A",)),
    ("<h3>Requirements</h3><p>Only prose.</p>", ()),
    ("<ul><li>A</li></ul>", ()),
    ("<h3>You'll need</h3><p>• A</p><p>• B</p><h3>We offer</h3><p>• C</p>", ("A", "B")),
    ("<p>Ihr Profil</p><p>- A<br>- B<br></p><p>Wir bieten</p><p>- C</p>", ("A", "B")),
    ("<p><b>Requirements:</b><br>•A<br>•B</p>", ("A", "B")),
    ("<p>Votre profil</p><p>▪ A</p><p>▪ B</p>", ("A", "B")),
    ("<p>Requirements</p><p>* A</p><p>* B</p>", ("A", "B")),
    ("<p>About us</p><p>• A</p>", ()),
    ("<h3>Must-haves</h3><ol><li>A</li></ol><ul><li>B</li></ul>", ("A",)),
]


@pytest.mark.parametrize(("markup", "expected"), REQUIREMENTS)
def test_requirements_are_the_lists_under_headings_that_ask(markup, expected):
    """Nested items follow their parent; a list counts by the heading right above it."""
    assert describe(markup, "content", Notes()).requirements == expected


def test_a_description_within_the_limit_is_taken_and_a_larger_one_refused():
    """A mebibyte is the limit; nothing is ever cut."""
    notes = Notes()
    assert describe("<p>" + "a" * 1_000_000 + "</p>", "content", notes).text == "a" * 1_000_000
    assert notes.rejections == []
    for markup in ("a" * 5_000_000, "<p>" + "ü" * 600_000 + "</p>"):
        refused = Notes()
        assert describe(markup, "content", refused).html == ""
        assert [r.code for r in refused.rejections] == ["TOO_LARGE"]


def test_controls_and_addresses_are_taken_out():
    """NULs vanish, unpaired surrogates are replaced, e-mail addresses go with a warning."""
    notes = Notes()
    found = describe("<p>a\x00b \ud800 write to jo@example.com</p>", "content", notes)
    assert found.text == "ab \ufffd write to [e-mail removed]"
    assert [warning.code for warning in notes.warnings] == ["EMAIL_REMOVED"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["A licence", "  Two years  "], ("A licence", "Two years")),
        (["<ul><li>A</li><li>B</li></ul>"], ("A", "B")),
        (["<p>A</p><p>B</p>"], ("A", "B")),
        ([None, 7, ""], ()),
        (["Use R&amp;D"], ("Use R&D",)),
    ],
)
def test_requirements_stated_on_their_own(values, expected):
    """Texts, or markup with a list or without one."""
    assert item_texts(values, "requirements", Notes()) == expected


ITEMS = (
    *(
        "<li>Lift",
        "<li>x</li>",
        "x<br>",
        "<ul><li>x</li></ul>",
        "<p>x</p>",
        "<li></li>",
        "<li>x<p>y",
        "<p>• x</p>",
        "• ",
        "<br>- x",
    ),
    *("<h2>Requirements</h2>", "<h2>Requirements</h2><ul><li>x</li></ul>", "<div>x</div>"),
)


@pytest.mark.parametrize("filler", ITEMS)
def test_requirements_are_found_in_linear_time(filler):
    """Also in one item without an end, and in thousands of lists."""

    def described(markup: str) -> None:
        describe(markup, "content", Notes())
        item_texts([markup] * 2, "requirements", Notes())

    def made(size: int) -> str:
        return f"<h2>Requirements</h2><ul><li>x{filler * (size // len(filler))}"

    assert_linear(described, made)


def test_of_an_item_as_much_is_kept_as_may_be():
    """A thousand characters, whatever number of lines they come in; sixty items."""
    lines = "<br>".join(str(number) for number in range(5_000))
    found = describe(f"<h2>Requirements</h2><ul><li>{lines}</ul>", "content", Notes())
    assert found.requirements == (" ".join(map(str, range(5_000)))[:1_000],)
    many = "".join(f"<li><p></p><li>Item {number}" for number in range(100))
    found = describe(f"<h2>Requirements</h2><ul>{many}</ul>", "content", Notes())
    assert found.requirements == tuple(f"Item {number}" for number in range(60))
