"""Readers of boards, against the providers' shapes on this host: whole, or not at all."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.harness.job_boards import (
    Answer,
    JobBoards,
    as_json,
    ashby_job,
    greenhouse_job,
    icims_job,
    job_boards,
    lever_posting,
    workday_row,
)

from xaigh_client.cli.boards import READERS
from xaigh_client.cli.boards.board_http import BoardHttp
from xaigh_client.cli.boards.model import Board, BoardSource, BoardUnreadable

MAKERS: dict[str, Callable[[int], dict[str, Any]]] = {
    "GREENHOUSE": greenhouse_job,
    "LEVER": lever_posting,
    "ASHBY": ashby_job,
    "WORKDAY": workday_row,
    "ICIMS": icims_job,
}
PROVIDERS = sorted(MAKERS)


@pytest.fixture(scope="module")
def server() -> Iterator[JobBoards]:
    with job_boards() as made:
        yield made


@pytest.fixture
def boards(server: JobBoards) -> JobBoards:
    """Boards that behave, empty."""
    server.jobs, server.asked, server.misbehave = [], [], None
    return server


def read(boards: JobBoards, provider: str, slept: list[float] | None = None) -> Board:
    """Reads a board, waiting for nothing; `slept` gets how long it would have waited."""
    waits: list[float] = [] if slept is None else slept
    name = "acme.wd5/External" if provider == "WORKDAY" else "acme"
    http = BoardHttp(sleep=waits.append, seconds=20)
    return READERS[provider](http, BoardSource(board=name, url=boards.url))


def refused(boards: JobBoards, provider: str) -> str:
    with pytest.raises(BoardUnreadable) as caught:
        read(boards, provider)
    return str(caught.value)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("size", [0, 1, 20, 100, 250])
def test_a_board_is_read_whole(boards: JobBoards, provider: str, size: int) -> None:
    """Over all pages, in the board's order; an empty one is a board, too."""
    boards.jobs = [MAKERS[provider](number) for number in range(1, size + 1)]
    found = read(boards, provider)
    assert len(found.records) == size
    if provider == "WORKDAY":
        assert [each["jobPostingInfo"]["jobReqId"] for each in found.records] == [
            f"R{number}" for number in range(1, size + 1)
        ]
    else:
        assert list(found.records) == boards.jobs
    assert str(size) in found.proof


def page_of_maintenance(_: str, __: str, ___: Answer) -> Answer:
    return 200, "text/html; charset=utf-8", b"<html><body>Back soon.</body></html>"


def moved(_: str, __: str, ___: Answer) -> Answer:
    return 302, "text/html", b""


def gone(_: str, __: str, ___: Answer) -> Answer:
    return as_json({"status": 404, "error": "Not found"}, 404)


def failing(_: str, __: str, ___: Answer) -> Answer:
    return as_json({"error": "oops"}, 503)


def hanging_up(_: str, __: str, ___: Answer) -> Answer:
    return None


def something_else(_: str, __: str, ___: Answer) -> Answer:
    return as_json({"status": "ok"})


def cut_off(_: str, __: str, right: Answer) -> Answer:
    assert right is not None
    return right[0], right[1], right[2][:-2]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("misbehave", "said"),
    [
        (page_of_maintenance, "no JSON"),
        (moved, "moved to elsewhere.example"),
        (gone, "no such board"),
        (failing, "answers with 503"),
        (hanging_up, "doesn't answer"),
        (something_else, ""),
        (cut_off, "no JSON"),
    ],
)
def test_what_is_no_board_is_never_an_empty_one(
    boards: JobBoards, provider: str, misbehave: Any, said: str
) -> None:
    """Whatever the host answers instead, there is nothing to send."""
    boards.jobs = [MAKERS[provider](number) for number in range(1, 4)]
    boards.misbehave = misbehave
    assert said in refused(boards, provider)


def test_an_answer_of_too_many_is_tried_again_as_late_as_it_asks(boards: JobBoards) -> None:
    """The second attempt comes after the pause; then the board is there."""
    boards.jobs = [greenhouse_job(1)]
    answers = iter([as_json({}, 429), as_json({}, 503)])
    boards.misbehave = lambda _, __, right: next(answers, right)
    slept: list[float] = []
    assert len(read(boards, "GREENHOUSE", slept).records) == 1
    assert slept == [1.0, 4.0]


@pytest.mark.parametrize("provider", ["GREENHOUSE", "ICIMS", "WORKDAY"])
def test_a_board_that_is_less_than_its_own_count_is_unreadable(
    boards: JobBoards, provider: str
) -> None:
    """A success that was cut at 15 of 60 says its real count, and gives itself away."""
    boards.jobs = [MAKERS[provider](number) for number in range(1, 61)]

    def partial(method: str, target: str, right: Answer) -> Answer:
        assert right is not None
        document = json.loads(right[2])
        name = "jobPostings" if provider == "WORKDAY" else "jobs"
        is_first = document["total"] if provider == "WORKDAY" else "page=2" not in target
        document[name] = document[name][:15] if is_first else []
        return as_json(document)

    boards.misbehave = partial
    assert "counts 60 records" in refused(boards, provider)


def test_a_short_page_of_lever_is_not_the_end(boards: JobBoards) -> None:
    """A page that is cut to 40 is followed by what was left out."""
    boards.jobs = [lever_posting(number) for number in range(1, 131)]
    cut: list[str] = []

    def shorter(_: str, target: str, right: Answer) -> Answer:

        assert right is not None
        if not cut:
            cut.append(target)
            return as_json(json.loads(right[2])[:40])
        return right

    boards.misbehave = shorter
    # The first page isn't what it was, so the list is read anew, and comes whole.
    assert len(read(boards, "LEVER").records) == 130


def test_a_list_that_moves_while_it_is_read_is_read_anew(boards: JobBoards) -> None:
    """A posting comes in front between two pages: one would come twice, one would be missed."""
    boards.jobs = [lever_posting(number) for number in range(1, 151)]
    added: list[str] = []

    def moving(_: str, target: str, right: Answer) -> Answer:
        if parse_qs(urlsplit(target).query)["skip"] == ["0"] and not added:
            added.append(target)
            boards.jobs.insert(0, lever_posting(999))
        return right

    boards.misbehave = moving
    assert len(read(boards, "LEVER").records) == 151


def test_a_list_that_never_rests_is_unreadable(boards: JobBoards) -> None:
    """After some attempts; nothing is sent rather than something doubtful."""
    boards.jobs = [lever_posting(number) for number in range(1, 151)]
    numbers = iter(range(1000, 2000))

    def moving(_: str, target: str, right: Answer) -> Answer:
        if parse_qs(urlsplit(target).query)["skip"] == ["0"]:
            boards.jobs.insert(0, lever_posting(next(numbers)))
        return right

    boards.misbehave = moving
    assert "moved" in refused(boards, "LEVER")


def test_workday_shows_only_so_many_rows(boards: JobBoards) -> None:
    """Behind its cap it begins anew, so a list that large is never taken for whole."""
    boards.jobs = [workday_row(number) for number in range(1, 2_001)]
    assert "2000" in refused(boards, "WORKDAY").replace(",", "")


def test_a_workday_list_that_repeats_itself_is_unreadable(boards: JobBoards) -> None:
    """As it does behind the cap, and where offsets are ignored."""
    boards.jobs = [workday_row(number) for number in range(1, 61)]

    def first_page_again(_: str, target: str, right: Answer) -> Answer:
        if target.endswith("/jobs"):
            return as_json({"total": 60, "jobPostings": boards.jobs[:20]})
        return right

    boards.misbehave = first_page_again
    assert "comes twice" in refused(boards, "WORKDAY")


def test_a_workday_detail_that_cannot_be_read_ends_the_reading(boards: JobBoards) -> None:
    """A role that couldn't be read isn't one that is gone."""
    boards.jobs = [workday_row(number) for number in range(1, 4)]

    def no_second(_: str, target: str, right: Answer) -> Answer:
        return as_json({"httpStatus": 404}, 404) if target.endswith("_R2") else right

    boards.misbehave = no_second
    assert "no such board" in refused(boards, "WORKDAY")


@pytest.mark.parametrize("name", ["acme", "acme.wd5", "https://acme.wd5.myworkdayjobs.com/x", ""])
def test_a_workday_site_has_a_form(boards: JobBoards, name: str) -> None:
    with pytest.raises(BoardUnreadable, match="write TENANT"):
        READERS["WORKDAY"](BoardHttp(), BoardSource(board=name, url=boards.url))


@pytest.mark.parametrize("url", ["http://boards.example.org", "ftp://localhost/x", "boards"])
def test_only_https_is_asked(url: str) -> None:
    """A board in clear text could be anybody's."""
    with pytest.raises(BoardUnreadable, match="no https URL"):
        READERS["GREENHOUSE"](BoardHttp(), BoardSource(board="acme", url=url))


def test_a_name_cannot_reach_another_path(boards: JobBoards) -> None:
    """Whatever stands in it is one segment."""
    with pytest.raises(BoardUnreadable, match="no such board"):
        source = BoardSource(board="acme/jobs/1?x=", url=boards.url)
        READERS["GREENHOUSE"](BoardHttp(sleep=lambda _: None), source)
    ((_, target),) = boards.asked
    assert target.startswith("/v1/boards/acme%2Fjobs%2F1%3Fx%3D/jobs?")
