"""`xaigh login`, `logout`, `use` and `profiles`."""

from __future__ import annotations

import grpc
import pytest
from tests.unit.client.cli.command_runner import (
    VALID_CREDENTIAL,
    VALID_KEY,
    CommandRunner,
    new_session,
)
from tests.unit.client.scripted_server import Fail

from xaigh.keys.v1.self_service_pb2 import Identity
from xaigh_client.cli import profiles
from xaigh_client.cli.profiles import Profile, Profiles


def _kept(cli: CommandRunner) -> Profiles:
    return profiles.load(profiles.path(cli.environ))


def _keep(cli: CommandRunner, *names: str) -> None:
    kept = Profiles()
    for name in names:
        kept = kept.with_profile(name, Profile(address=f"{name}.example", api_key=VALID_KEY))
    profiles.save(new_session(cli.environ).config_file, kept)


def _login(cli: CommandRunner, key: str) -> int:
    address = cli.environ["XAIGH_ADDR"]
    return cli.run("login", "staging", "--address", address, stdin=f"{key}\n").code


def test_a_key_is_kept_after_the_server_accepted_it(cli: CommandRunner) -> None:
    """It becomes the current profile."""
    cli.script("WhoAmI", Identity())
    assert _login(cli, VALID_KEY) == 0
    assert (_kept(cli).current, _kept(cli).get("staging").api_key) == ("staging", VALID_KEY)


def test_an_operators_credential_is_verified_by_a_method_of_operators(cli: CommandRunner) -> None:
    """As a key is: WhoAmI takes both."""
    cli.script("WhoAmI", Identity())
    assert _login(cli, VALID_CREDENTIAL) == 0
    assert len(cli.sent("WhoAmI")) == 1


def test_an_unknown_key_is_not_kept(cli: CommandRunner) -> None:
    """The exit code is that of the refusal."""
    cli.script("WhoAmI", Fail(code=grpc.StatusCode.UNAUTHENTICATED, reason="KEY_UNKNOWN"))
    assert _login(cli, VALID_KEY) == 3
    assert _kept(cli) == Profiles()


def test_a_key_without_a_scope_is_kept(cli: CommandRunner) -> None:
    """The server knows it."""
    cli.script("WhoAmI", Fail(code=grpc.StatusCode.PERMISSION_DENIED, reason="SCOPE_NOT_GRANTED"))
    assert _login(cli, VALID_KEY) == 0
    assert _kept(cli).current == "staging"


def test_a_mistyped_key_is_never_sent(cli: CommandRunner) -> None:
    """Its checksum is wrong."""
    assert _login(cli, VALID_KEY[:-1] + "x") == 2
    assert cli.sent("WhoAmI") == []


@pytest.mark.parametrize(("arguments", "left"), [((), ["a"]), (("a",), ["b"])])
def test_logout_forgets_a_profile(
    cli: CommandRunner, arguments: tuple[str, ...], left: list[str]
) -> None:
    """The current one, where none is named."""
    _keep(cli, "a", "b")
    assert cli.run("logout", *arguments).code == 0
    assert list(_kept(cli).by_name) == left


def test_logout_without_a_profile_is_wrong_usage(cli: CommandRunner) -> None:
    """There is nothing to forget."""
    assert cli.run("logout").code == 2


def test_use_changes_the_current_profile(cli: CommandRunner) -> None:
    """An unknown one is refused."""
    _keep(cli, "a", "b")
    cli.run("use", "a")
    assert _kept(cli).current == "a"
    assert cli.run("use", "c").code == 2


def test_profiles_never_show_a_key(cli: CommandRunner) -> None:
    """Only its prefix."""
    _keep(cli, "a", "b")
    assert cli.run("profiles").rows == [
        ["a", "", "a.example", "test_sk_…"],
        ["b", "current", "b.example", "test_sk_…"],
    ]
    assert VALID_KEY not in cli.run("profiles", "--json").out
