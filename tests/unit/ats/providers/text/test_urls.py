"""Links of a job."""

from __future__ import annotations

import pytest

from xaigh_server.ats.providers.text.urls import canonical, web_url

LINKS = [
    ("https://jobs.example.com/1?a=b", "https://jobs.example.com/1?a=b"),
    (" https://jobs.example.com/1 ", "https://jobs.example.com/1"),
    ("HTTPS://Jobs.Example.com/Path", "https://jobs.example.com/Path"),
    ("https://jobs.example.com:443/1", "https://jobs.example.com/1"),
    ("https://jobs.example.com:8443/1", "https://jobs.example.com:8443/1"),
    ("https://münchen.example.com/stelle/ä", "https://xn--mnchen-3ya.example.com/stelle/%C3%A4"),
    ("https://8.8.8.8/1", "https://8.8.8.8/1"),
    ("http://jobs.example.com/1", None),
    ("javascript:alert(1)", None),
    ("data:text/html,x", None),
    ("https://user:pw@jobs.example.com/", None),
    ("https://user@jobs.example.com/", None),
    ("//jobs.example.com/1", None),
    ("/jobs/1", None),
    ("jobs.example.com/1", None),
    ("https://localhost/1", None),
    ("https://intranet/1", None),
    ("https://jobs.internal/1", None),
    ("https://127.0.0.1/1", None),
    ("https://10.1.2.3/1", None),
    ("https://[::1]/1", None),
    ("https://[fe80::1]/", None),
    ("https://169.254.169.254/latest", None),
    ("https://2130706433/", None),
    ("https://0x7f.1/", None),
    ("https://jobs.example.com/a b", None),
    ("https://jobs.example.com/\u202e", None),
    ("https://jobs.example.com/<b>", None),
    ("https://", None),
    ("https://jobs.example.com/" + "a" * 2_100, None),
    ("https://[::1", None),
    ("", None),
]


@pytest.mark.parametrize(("raw", "expected"), LINKS)
def test_a_link_is_https_absolute_and_public(raw, expected):
    """Anything else is no link at all."""
    assert web_url(raw) == expected


def test_a_root_relative_link_needs_a_base():
    """With one it is resolved, and checked like any other."""
    assert web_url("/jobs/1", "https://a.example.com/x") == "https://a.example.com/jobs/1"
    assert web_url("//evil.example.net/1", "https://a.example.com/x") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example.com/1?utm_source=x&gh_jid=5", "https://a.example.com/1?gh_jid=5"),
        ("https://a.example.com/1?gh_src=abc", "https://a.example.com/1"),
        ("https://a.example.com/1?lang=en-us", "https://a.example.com/1?lang=en-us"),
        ("https://a.example.com/1", "https://a.example.com/1"),
    ],
)
def test_a_canonical_link_says_nothing_of_where_a_visitor_came_from(url, expected):
    """Tracking parameters go, those that name the job stay."""
    assert canonical(url) == expected
