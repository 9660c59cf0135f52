"""Whose board a record is of."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers import boards

LINKS = [
    (boards.of_greenhouse, "https://boards.greenhouse.io/acme/jobs/1", ("acme",)),
    (boards.of_greenhouse, "https://job-boards.greenhouse.io/acme/jobs/1", ("acme",)),
    (boards.of_greenhouse, "https://job-boards.eu.greenhouse.io/acme/jobs/1", ("acme",)),
    (
        boards.of_greenhouse,
        "https://boards.greenhouse.io/embed/job_app?token=1&for=acme",
        ("acme",),
    ),
    (boards.of_greenhouse, "https://acme.example.com/jobs?gh_jid=1", ()),
    (boards.of_greenhouse, "https://boards.greenhouse.io.example.com/acme/jobs/1", ()),
    (boards.of_lever, "https://jobs.lever.co/acme/1f", ("acme",)),
    (boards.of_lever, "https://jobs.eu.lever.co/acme/1f", ("acme",)),
    (boards.of_lever, "https://acme.example.com/1f", ()),
    (boards.of_ashby, "https://jobs.ashbyhq.com/Acme/5b", ("Acme",)),
    (
        boards.of_workday,
        "https://acme.wd5.myworkdayjobs.com/en-US/Careers/job/x/Y_R1",
        ("acme", "acme.wd5.myworkdayjobs.com", "acme/Careers"),
    ),
    (
        boards.of_workday,
        "https://wd3.myworkdaysite.com/en-US/recruiting/acme/Careers/job/x/Y_R1",
        ("acme", "acme/Careers"),
    ),
    (
        boards.of_icims,
        "https://careers-acme.icims.com/jobs/7/login",
        ("careers-acme", "careers-acme.icims.com", "acme"),
    ),
    (boards.of_icims, "https://api.icims.com/customers/7788/jobs/7", ("7788",)),
    (boards.of_icims, "https://acme.example.com/jobs/7", ()),
    (boards.of_icims, None, ()),
]


@pytest.mark.parametrize(("read", "url", "names"), LINKS)
def test_a_link_on_a_providers_host_names_the_board(read, url, names):
    """A link on the client's own site names none."""
    assert read(url) == names


@pytest.mark.parametrize(
    ("declared", "names", "answer"),
    [
        ("acme", ("acme",), True),
        (" Acme ", ("acme", "other"), True),
        ("acme", ("other",), False),
        ("acme", (), None),
    ],
)
def test_a_record_belongs_or_not_or_it_cannot_be_told(declared, names, answer):
    """Without a name in the record there is no answer."""
    assert boards.belongs(declared, names) is answer
