"""Output of commands."""

from __future__ import annotations

import pytest
from rich.text import Text
from tests.unit.client.cli.command_runner import new_session, printed, timestamp

from xaigh.jobs.v1.job_pb2 import Job, PublicationStatus
from xaigh_client.cli import output
from xaigh_client.cli.output import Column

COLUMNS = (
    Column(title="Job"),
    Column(title="Title", wraps=True),
    Column(title="Made", keep=1),
    Column(title="Source", keep=2),
)
ROW = ("job_1", "A title that is rather long for a narrow terminal", "2 days ago", "client ats")


def _table(width: int, *rows: tuple[output.Cell, ...]) -> list[str]:
    session = new_session({}, terminal=True, width=width)
    output.table(session, COLUMNS, rows, empty="No jobs.")
    return [line.rstrip() for line in printed(session.out).splitlines()]


def test_a_wide_terminal_shows_every_column() -> None:
    """At its natural width."""
    assert _table(120, ROW)[1].split("  ")[0] == "job_1"
    assert _table(120, ROW)[0].split() == ["JOB", "TITLE", "MADE", "SOURCE"]


@pytest.mark.parametrize(
    ("width", "titles", "below"),
    [
        (57, "JOB TITLE MADE SOURCE", ""),
        (45, "JOB TITLE MADE", "source client ats"),
        (30, "JOB", "title A title"),
    ],
)
def test_a_narrow_terminal_moves_the_highest_numbers_below_the_row(
    width: int, titles: str, below: str
) -> None:
    """Prose is broken over lines before a column moves, and nothing is left out."""
    lines = _table(width, ROW)
    assert " ".join(lines[0].split()).startswith(titles)
    assert below in "\n".join(lines)
    assert all(len(line) <= width for line in lines)
    said = " ".join("\n".join(lines).split())
    for word in " ".join(ROW).split():
        assert word in said


def test_an_empty_table_says_so() -> None:
    """On a terminal; a script gets the titles alone."""
    assert _table(80) == ["No jobs."]
    session = new_session({})
    output.table(session, COLUMNS, [], empty="No jobs.")
    assert printed(session.out) == "Job\tTitle\tMade\tSource\n"


def test_into_a_pipe_cells_have_no_line_breaks_or_tabs() -> None:
    """A row stays a row, and a column a column."""
    session = new_session({})
    output.table(session, COLUMNS, [("a\nb", Text("c\td"), "", "")], empty="")
    assert printed(session.out).splitlines()[1] == "a b\tc d\t\t"


def test_facts_leave_out_empty_values() -> None:
    """On a terminal with a title."""
    session = new_session({}, terminal=True)
    output.facts(session, "Job", [("id", "job_1"), ("title", ""), ("state", Text("open"))])
    assert printed(session.out).split() == ["Job", "id", "job_1", "state", "open"]


def test_a_state_is_written_in_small_letters() -> None:
    """Its colour says whether all is well."""
    assert (output.state("NEEDS_INFO").plain, output.state("REVOKED").style) == (
        "needs info",
        "red",
    )


def test_an_unset_enum_has_no_name() -> None:
    """A value of a newer server has none either."""
    assert output.enum_name(PublicationStatus(state=PublicationStatus.OPEN), "state") == "OPEN"
    assert output.enum_name(PublicationStatus(), "state") == ""
    assert output.enum_name(PublicationStatus.FromString(b"\x08\x63"), "state") == ""


def test_times_are_relative_on_a_terminal() -> None:
    """Exact in a pipe, and with `--exact`."""
    job = Job(create_time=timestamp("2026-06-18T11:55:00Z"))
    terminal, pipe = new_session({}, terminal=True), new_session({})
    assert output.when(terminal, job, "create_time") == "5 min ago"
    assert output.when(pipe, job, "create_time") == "2026-06-18 11:55:00 UTC"
    assert output.when_both(pipe, job, "create_time") == "5 min ago (2026-06-18 11:55:00 UTC)"
    terminal.exact = True
    assert output.when(terminal, job, "create_time") == "2026-06-18 11:55:00 UTC"
    assert output.when_both(terminal, job, "create_time") == "2026-06-18 11:55:00 UTC"


def test_an_unset_time_is_empty() -> None:
    """In tables and in sheets."""
    session = new_session({})
    assert output.when(session, Job(), "create_time") == ""
    assert output.when_both(session, Job(), "create_time") == ""


def test_json_has_the_names_of_the_api() -> None:
    """Messages within lists, too; letters stay letters."""
    session = new_session({})
    output.emit_json(session, [Job(job_id="Łódź")])
    assert printed(session.out) == '[\n  {\n    "jobId": "Łódź"\n  }\n]\n'
