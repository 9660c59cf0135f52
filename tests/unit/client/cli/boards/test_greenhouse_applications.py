"""Applications to Greenhouse's job board API, played on this host."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.harness.job_boards import (
    API_KEY,
    Answer,
    JobBoards,
    as_json,
    greenhouse_job,
    job_boards,
)

from xaigh.applications.v1.application_pb2 import Answer as Said
from xaigh.applications.v1.application_pb2 import ApplicationContent, Resume
from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.greenhouse_applications import GreenhouseApplications

CONTENT = ApplicationContent(
    given_name="Grace",
    family_name="Hopper",
    email="grace@example.org",
    phone="+1 555 0100",
    resume=Resume(file_name="hopper.pdf", content_type="application/pdf", content=b"%PDF-1"),
    answers=[
        Said(question="LinkedIn profile", answer="https://linkedin.example/grace"),
        Said(question="May you  work at night?", answer="yes"),
        Said(question="What do you know?", answer="COBOL."),
        Said(question="Nothing to say", answer=""),
    ],
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "label": "LinkedIn Profile",
        "required": False,
        "fields": [{"name": "question_1", "type": "input_text", "values": []}],
    },
    {
        "label": "May you work at night?",
        "required": True,
        "fields": [
            {
                "name": "question_2",
                "type": "multi_value_single_select",
                "values": [{"label": "Yes", "value": 1}, {"label": "No", "value": 0}],
            }
        ],
    },
    {"label": "Resume", "fields": [{"name": "resume", "type": "input_file", "values": []}]},
]


@pytest.fixture
def boards() -> Iterator[JobBoards]:
    with job_boards() as made:
        made.jobs = [greenhouse_job(7)]
        made.questions = QUESTIONS
        yield made


def sender(boards: JobBoards, key: str = API_KEY) -> GreenhouseApplications:
    return GreenhouseApplications(
        key, url=boards.url, http=BoardHttp(sleep=lambda _: None, seconds=20)
    )


def test_an_application_is_posted_once_with_answers_where_they_belong(boards: JobBoards) -> None:
    """Text and choices go to their questions by their words, the rest into the letter."""
    sent = sender(boards).send("acme", "7", CONTENT)
    assert (sent.outcome, sent.status) == ("FORWARDED", 200)
    ((path, form),) = boards.submitted
    assert path == "/v1/boards/acme/jobs/7"
    assert form == {
        "first_name": "Grace",
        "last_name": "Hopper",
        "email": "grace@example.org",
        "phone": "+1 555 0100",
        "resume_content": "JVBERi0x",
        "resume_content_filename": "hopper.pdf",
        "question_1": "https://linkedin.example/grace",
        "question_2": 1,
        "cover_letter_text": "What do you know?\nCOBOL.",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(401, "REFUSED"), (404, "REFUSED"), (422, "REFUSED"), (429, "REFUSED"), (301, "REFUSED"),
     (500, "UNCERTAIN"), (503, "UNCERTAIN")],
)  # fmt: skip
def test_what_an_answer_means(boards: JobBoards, status: int, outcome: str) -> None:
    """Posted once, whatever the answer; who may have it isn't asked again."""

    def answer(method: str, _: str, right: Answer) -> Answer:
        return as_json({}, status) if method == "POST" else right

    boards.misbehave = answer
    sent = sender(boards).send("acme", "7", CONTENT)
    assert (sent.outcome, sent.status) == (outcome, status)
    assert len(boards.submitted) == 1


def test_a_host_that_takes_it_and_hangs_up_may_have_it(boards: JobBoards) -> None:
    boards.misbehave = lambda method, _, right: None if method == "POST" else right
    sent = sender(boards).send("acme", "7", CONTENT)
    assert (sent.outcome, sent.status) == ("UNCERTAIN", 0)
    assert len(boards.submitted) == 1


def test_nothing_is_sent_to_a_job_that_cannot_be_read(boards: JobBoards) -> None:
    """Its questions come first: without them the answers would be lost."""
    assert sender(boards).send("acme", "8", CONTENT).outcome == "NOT_SENT"
    assert boards.submitted == []


def test_nothing_is_sent_where_nobody_listens(boards: JobBoards) -> None:
    with job_boards() as gone:
        gone.jobs = [greenhouse_job(7)]
        absent = sender(gone)
    assert absent.send("acme", "7", CONTENT).outcome == "NOT_SENT"


def test_a_wrong_key_is_refused(boards: JobBoards) -> None:
    sent = sender(boards, "another").send("acme", "7", CONTENT)
    assert (sent.outcome, sent.status) == ("REFUSED", 401)
