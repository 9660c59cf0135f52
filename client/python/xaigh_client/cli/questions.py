"""Questions on the terminal, one after another, with a way back and a draft of the answers.

An answer is text as it was typed, under the name of the option that says the same. The draft is
saved after every answer, so nothing is lost when a call is refused or the terminal closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.text import Text

from xaigh_client.cli import output, private_files, prompts, times
from xaigh_client.cli.problems import Declined, UsageProblem
from xaigh_client.cli.session import Session
from xaigh_client.cli.text import count, plain

BACK = "<"
NOTHING = "-"

Answers = MutableMapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. An empty line takes the earlier answer, else the default."""

    name: str
    """The option that gives the same answer, without its dashes."""
    asks: str
    hints: Sequence[str] = ()
    default: str = ""
    required: bool = True
    problem: Callable[[str], str] = lambda text: ""
    """Says what is wrong with an answer; empty where nothing is."""
    read: Callable[[str], str] = lambda text: text
    """Turns what was typed into the answer. UsageProblem: why it can't be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Answers in a file of the state folder, until they are sent."""

    file: Path
    answers: Answers

    def save(self, now: datetime) -> None:
        """Writes the answers down."""
        private_files.save(self.file, {"time": now.isoformat(), "answers": dict(self.answers)})

    def forget(self) -> None:
        """Deletes the file: the answers were sent."""
        private_files.forget(self.file)


def draft(session: Session, name: str, given: Mapping[str, str]) -> Draft:
    """Opens the draft of that name; offers earlier answers, before which options go."""
    file = session.state_folder / "drafts" / f"{name}.json"
    kept = private_files.load(file)
    earlier: dict[str, str] = {}
    if kept and kept.get("answers"):
        saved = datetime.fromisoformat(kept["time"])
        age = times.format_span(session.now() - saved)
        number = count(len(kept["answers"]), "answer")
        session.err.print(Text(f"You began this {age} ago: {number} are kept in {file}."))
        session.err.print(Text("Go on with them? [Y/n] ", style="bold"), end="")
        if prompts.line(session).lower() not in ("n", "no"):
            earlier = dict(kept["answers"])
    return Draft(file=file, answers={**earlier, **given})


def ask_all(session: Session, questions: Sequence[Question], kept: Draft) -> None:
    """Asks what has no answer yet, in order, and saves the draft after every answer."""
    session.err.print(
        Text(
            f"Enter takes what stands in [ ], {BACK} goes a step back, Ctrl-C keeps a draft.", "dim"
        )
    )
    at = _next(questions, kept.answers, 0)
    while at < len(questions):
        if ask(session, questions[at], kept.answers):
            kept.save(session.now())
            at = _next(questions, kept.answers, at + 1)
        else:
            at = max(0, at - 1)


def ask(session: Session, question: Question, answers: Answers) -> bool:
    """Asks one question until the answer is right. False: the person wants a step back."""
    for hint in question.hints:
        prompts.hint(session, plain(hint))
    offered = answers.get(question.name) or question.default
    while True:
        text = f"{question.asks} [{plain(offered)}]: " if offered else f"{question.asks}: "
        session.err.print(Text(text, style="bold"), end="")
        typed = prompts.line(session)
        if typed == BACK:
            return False
        try:
            answers[question.name] = _read(question, "" if typed == NOTHING else typed or offered)
        except UsageProblem as wrong:
            session.warn(str(wrong))
        else:
            return True


def change(session: Session, questions: Sequence[Question], kept: Draft, prompt: str) -> bool:
    """Asks whether to go on, and lets answers be changed. True for yes; False once one changed.

    Raises Declined for no and for an empty line; the draft stays.
    """
    by_name = {question.name: question for question in questions}
    session.err.print(Text(f"{prompt} [y, n, or the name of an answer to change] ", "bold"), end="")
    typed = prompts.line(session).lower()
    if typed in ("y", "yes"):
        return True
    if typed in ("", "n", "no"):
        session.note(f"Your answers are kept in {kept.file}.")
        raise Declined
    question = by_name.get(typed.lstrip("-"))
    if question is None:
        session.warn(f"There are: {', '.join(by_name)}.")
    else:
        ask(session, question, kept.answers)
        kept.save(session.now())
    return False


def show(session: Session, title: str, questions: Sequence[Question], answers: Answers) -> None:
    """Prints the answers by their names."""
    pairs = [(one.name, answers.get(one.name) or Text("none", style="dim")) for one in questions]
    output.facts(session, title, pairs, to=session.err)


def listed(text: str) -> list[str]:
    """Splits an answer of several values at commas and blanks."""
    return text.replace(",", " ").split()


def _read(question: Question, text: str) -> str:
    """The answer that a text is. Raises UsageProblem where it is none."""
    wrong = "This needs an answer." if question.required and not text else ""
    wrong = wrong or (question.problem(text) if text else "")
    if wrong:
        raise UsageProblem(wrong)
    return question.read(text) if text else ""


def _next(questions: Sequence[Question], answers: Answers, at: int) -> int:
    while at < len(questions) and questions[at].name in answers:
        at += 1
    return at
