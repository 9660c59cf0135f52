"""Text for a terminal."""

import pytest

from xaigh_client.cli.text import count, one_line, plain, with_options, words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Northline", "Northline"),
        ("Łódź – 東京 👷", "Łódź – 東京 👷"),
        ("two\nlines", "two\nlines"),
        ("a\tb", "a    b"),
        ("\x1b[2Jgone", "<1B>[2Jgone"),
        ("bell\x07", "bell<07>"),
        ("back\r", "back<0D>"),
        ("c1\x9b31m", "c1<9B>31m"),
        ("evil\u202egpj.exe", "evil<202E>gpj.exe"),
        ("\u2066x\u2069", "<2066>x<2069>"),
        ("null\x00", "null<00>"),
    ],
)
def test_controls_are_shown_and_not_obeyed(text: str, shown: str) -> None:
    """Nothing a stranger wrote moves the cursor or turns a line around; letters stay."""
    assert plain(text) == shown


def test_one_line_is_one_line() -> None:
    """Breaks become spaces, so that a row of a table stays a row."""
    assert one_line("a\nb\t c\n") == "a b c"


def test_names_and_numbers_read_well() -> None:
    """Enum names as words; nouns agree with their numbers."""
    assert words("NEEDS_INFO") == "needs info"
    assert [count(number, "role") for number in (0, 1, 1200)] == [
        "0 roles",
        "1 role",
        "1,200 roles",
    ]


def test_a_sentence_of_the_server_names_options() -> None:
    """Fields in camel case alone: a tier in a sentence is a tier."""
    names = {"evidenceWaiver": "--evidence-waiver", "tier": "--tier"}
    said = with_options("A tier needs an evidenceWaiver.", names)
    assert said == "A tier needs an --evidence-waiver."
