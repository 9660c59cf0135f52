"""Session of one command."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.client.cli.command_runner import CommandRunner, new_session
from tests.unit.client.scripted_server import Server

from xaigh.jobs.v1.job_pb2 import Job
from xaigh_client.cli import profiles
from xaigh_client.cli.profiles import Profile, Profiles
from xaigh_client.cli.session import Session, tls_of
from xaigh_client.errors import ConfigurationError


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with two profiles, of which `a` is the current one."""
    file = tmp_path / "profiles.json"
    kept = Profiles(
        current="a",
        by_name={
            "a": Profile(address="a.example", api_key="key_a"),
            "b": Profile(address="b.example", api_key="key_b", ca_file="b.pem"),
        },
    )
    profiles.save(file, kept)
    return {"XAIGH_CONFIG": str(file)}


def _profile(environ: dict[str, str], **options: str) -> tuple[str, str]:
    session = new_session(environ)
    for name, value in options.items():
        setattr(session, name, value)
    found = session.resolve_profile()
    return found.address, found.api_key


def test_the_current_profile_is_the_default(home: dict[str, str]) -> None:
    """No option and no variable name another one."""
    assert _profile(home) == ("a.example", "key_a")


def test_a_named_profile_comes_before_the_environment(home: dict[str, str]) -> None:
    """`--profile` is the most explicit."""
    environ = {**home, "XAIGH_API_KEY": "key_env", "XAIGH_ADDR": "env.example"}
    assert _profile(environ, profile="b") == ("b.example", "key_b")


def test_the_environments_key_never_contradicts_a_profile_silently(home: dict[str, str]) -> None:
    """It goes neither to the profile's server nor to another one; both ways out are named."""
    with pytest.raises(ConfigurationError) as refused:
        _profile({**home, "XAIGH_API_KEY": "key_env"})
    assert "XAIGH_ADDR=a.example" in str(refused.value)
    assert "--profile a" in str(refused.value)
    environ = {**home, "XAIGH_API_KEY": "key_env"}
    assert _profile(environ, address="x.example") == ("x.example", "key_env")
    assert _profile({**environ, "XAIGH_ADDR": "y.example"}) == ("y.example", "key_env")
    assert _profile({"XAIGH_CONFIG": "none", "XAIGH_API_KEY": "key_env"}) == ("", "key_env")


def test_the_environment_may_name_a_profile(home: dict[str, str]) -> None:
    """XAIGH_PROFILE is as `--profile`, behind XAIGH_ADDR."""
    assert _profile({**home, "XAIGH_PROFILE": "b"}) == ("b.example", "key_b")
    environ = {**home, "XAIGH_PROFILE": "b", "XAIGH_ADDR": "env.example"}
    assert _profile(environ) == ("env.example", "key_b")


def test_an_address_of_the_command_line_comes_first(home: dict[str, str]) -> None:
    """The key stays that of the profile."""
    assert _profile(home, profile="b", address="x.example") == ("x.example", "key_b")


@pytest.mark.parametrize(("key", "operator"), [("xop_1", True), ("test_sk_1", False), ("", False)])
def test_an_operator_is_known_by_the_credential(
    home: dict[str, str], key: str, operator: bool
) -> None:
    """By its prefix."""
    environ = {**home, "XAIGH_API_KEY": key, "XAIGH_ADDR": "a.example"}
    assert new_session(environ).is_operator is operator


@pytest.mark.parametrize(
    ("stdin", "stderr", "interactive"), [(True, True, True), (False, True, False)]
)
def test_prompts_need_a_terminal_on_both_sides(
    stdin: bool, stderr: bool, interactive: bool
) -> None:
    """The question goes to stderr, the answer comes from stdin."""
    session = new_session({}, terminal=stdin)
    session.err = new_session({}, terminal=stderr).err
    assert session.interactive is interactive


def test_a_replayed_reply_is_reported(cli: CommandRunner, server: Server) -> None:
    """The user knows that nothing new happened."""
    server.headers = (("idempotent-replayed", "true"),)
    cli.script("GetJob", Job())
    assert "This was done before" in cli.run("jobs", "show", "job_1").err


def test_a_rotated_key_is_reported_with_its_end(cli: CommandRunner, server: Server) -> None:
    """While its grace lasts."""
    server.headers = (("deprecation", "true"), ("sunset", "Fri, 19 Jun 2026 12:00:00 GMT"))
    cli.script("GetJob", Job())
    assert "ends: Fri, 19 Jun 2026" in cli.run("jobs", "show", "job_1").err


def test_certificates_are_read_from_a_file(tmp_path: Path) -> None:
    """A file that can't be read is a wrong setting."""
    file = tmp_path / "ca.pem"
    file.write_bytes(b"pem")
    found = tls_of(str(file))
    assert found is not None
    assert (found.ca, tls_of("")) == (b"pem", None)
    with pytest.raises(ConfigurationError):
        tls_of(str(tmp_path / "none.pem"))


def test_closing_a_session_without_a_client_does_nothing() -> None:
    """Offline commands connect to no server."""
    Session().close()
