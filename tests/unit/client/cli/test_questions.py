"""Questions with a way back and a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import new_session, printed

from xaigh_client.cli import questions
from xaigh_client.cli.problems import Declined
from xaigh_client.cli.questions import Question
from xaigh_client.cli.session import Session

ASKED = (
    Question(name="tier", asks="Tier", default="starter"),
    Question(
        name="employer",
        asks="Employers",
        hints=("as ids",),
        problem=lambda text: "no blanks" if " " in text else "",
    ),
    Question(name="condition", asks="Conditions", required=False),
)


def _session(home: Path, typed: str) -> Session:
    return new_session({"XAIGH_STATE": str(home)}, stdin=typed, terminal=True)


def _answers(home: Path, typed: str, **given: str) -> dict[str, str]:
    session = _session(home, typed)
    kept = questions.draft(session, "d", given)
    questions.ask_all(session, ASKED, kept)
    return dict(kept.answers)


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ("\nemployer_1\n\n", ("starter", "employer_1", "")),
        ("growth\n\nemployer_1\nx\n", ("growth", "employer_1", "x")),
        ("growth\na b\nemployer_1\n\n", ("growth", "employer_1", "")),
        ("growht\n<\ngrowth\nemployer_1\n\n", ("growth", "employer_1", "")),
        ("growth\nemployer_1\n<\n\n-\n", ("growth", "employer_1", "")),
    ],
)
def test_answers_are_checked_and_can_be_taken_back(
    tmp_path: Path, typed: str, answers: tuple[str, ...]
) -> None:
    """An empty line takes what is offered, `<` goes back, `-` empties an answer."""
    found = _answers(tmp_path, typed)
    assert (found["tier"], found["employer"], found["condition"]) == answers


def test_what_options_gave_isnt_asked(tmp_path: Path) -> None:
    """Only the rest is."""
    assert _answers(tmp_path, "employer_1\n\n", tier="growth")["tier"] == "growth"


def test_the_end_of_input_keeps_the_draft(tmp_path: Path) -> None:
    """The next time it is offered, and only what is missing is asked."""
    with pytest.raises(EOFError):
        _answers(tmp_path, "growth\nemployer_1\n")
    assert _answers(tmp_path, "y\nnone\n")["employer"] == "employer_1"
    assert _answers(tmp_path, "n\n\nemployer_2\n\n")["employer"] == "employer_2"


def test_an_answer_can_be_changed_before_it_is_sent(tmp_path: Path) -> None:
    """By its name; no keeps the draft and says where."""
    session = _session(tmp_path, "colour\nemployer\nemployer_9\ny\nn\n")
    kept = questions.draft(session, "d", {"employer": "employer_1"})
    assert not questions.change(session, ASKED, kept, "Send?")
    assert "There are: tier, employer, condition." in printed(session.err)
    assert not questions.change(session, ASKED, kept, "Send?")
    assert kept.answers["employer"] == "employer_9"
    assert questions.change(session, ASKED, kept, "Send?")
    with pytest.raises(Declined):
        questions.change(session, ASKED, kept, "Send?")
    assert kept.file.exists()
