"""The file of profiles."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from xaigh_client.cli import profiles
from xaigh_client.cli.profiles import Profile, Profiles
from xaigh_client.errors import ConfigurationError

STAGING = Profile(address="staging.example", api_key="test_sk_secret")


@pytest.mark.parametrize(
    ("environ", "file"),
    [
        ({"XAIGH_CONFIG": "/x/p.json", "HOME": "/h"}, "/x/p.json"),
        ({"XDG_CONFIG_HOME": "/c", "HOME": "/h"}, "/c/xaigh/profiles.json"),
        ({"HOME": "/h"}, "/h/.config/xaigh/profiles.json"),
    ],
)
def test_the_file_follows_the_environment(environ: dict[str, str], file: str) -> None:
    """XAIGH_CONFIG comes first, then the XDG base directory."""
    assert profiles.path(environ) == Path(file)


def test_profiles_are_saved_and_loaded(tmp_path: Path) -> None:
    """The last profile added is the current one."""
    file = tmp_path / "new" / "profiles.json"
    profiles.save(file, Profiles().with_profile("staging", STAGING))
    loaded = profiles.load(file)
    assert (loaded.current, loaded.get("staging")) == ("staging", STAGING)


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    """And its folder."""
    file = tmp_path / "new" / "profiles.json"
    profiles.save(file, Profiles())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The message holds the command that mends it."""
    file = tmp_path / "profiles.json"
    profiles.save(file, Profiles())
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        profiles.load(file)


def test_no_file_is_no_profiles(tmp_path: Path) -> None:
    """The first login creates it."""
    assert profiles.load(tmp_path / "none.json") == Profiles()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"current": "", "profiles": {"a": {"x": 1}}}'])
def test_a_damaged_file_is_reported(tmp_path: Path, text: str) -> None:
    """It is neither replaced nor ignored."""
    file = tmp_path / "profiles.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match="mend or delete"):
        profiles.load(file)


def test_an_unknown_profile_lists_the_known_ones() -> None:
    """In order."""
    known = Profiles(by_name={"b": STAGING, "a": STAGING})
    with pytest.raises(ConfigurationError, match="there are: a, b"):
        known.get("c")


@pytest.mark.parametrize(("removed", "current"), [("a", ""), ("b", "a")])
def test_removing_the_current_profile_leaves_none(removed: str, current: str) -> None:
    """Another one stays current."""
    known = Profiles(current="a", by_name={"a": STAGING, "b": STAGING})
    assert known.without(removed).current == current


def test_the_repr_hides_the_key() -> None:
    """Profiles end in tracebacks."""
    assert "secret" not in repr(Profiles().with_profile("staging", STAGING))
