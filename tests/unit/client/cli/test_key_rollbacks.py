"""`xaigh keys rollback` and `xaigh keys release-holds`."""

from __future__ import annotations

from tests.unit.client.cli.command_runner import CommandRunner, timestamp

from xaigh.keys.v1.rollback_pb2 import Rollback

KEY = "4fT0aQ9xZb"
HELD = Rollback(
    rollback_id="rbk_1",
    state=Rollback.HELD,
    key_id=KEY,
    key_ids=[KEY],
    job_count=2,
    jobs=[Rollback.HeldJob(job_id="job_1", title="Closeout crew", employer_user_id="employer_1")],
)


def test_a_dry_run_lists_the_jobs_and_asks_for_nothing(cli: CommandRunner) -> None:
    """One call, which writes nothing; the span counts back from now."""
    cli.script("RollbackKey", HELD)
    done = cli.run("keys", "rollback", KEY, "--since", "2h", "--dry-run")
    assert done.rows == [["job_1", "Closeout crew", "employer_1", ""]]
    assert f"Would revoke {KEY} and hold 2 jobs" in done.err
    (sent,) = cli.sent("RollbackKey")
    assert (sent.validate_only, sent.since) == (True, timestamp("2026-06-18T10:00:00Z"))


def test_a_rollback_shows_what_it_will_do_first(cli: CommandRunner) -> None:
    """Then it asks; `--yes` is for scripts."""
    cli.script("RollbackKey", HELD)
    cli.script("RollbackKey", HELD)
    done = cli.run(
        *("keys", "rollback", KEY, "--since", "2026-06-18", "--reason", "stolen", "--yes")
    )
    assert "2 jobs will be held" in done.err
    shown, sent = cli.sent("RollbackKey")
    assert (shown.validate_only, sent.validate_only) == (True, False)
    assert (sent.reason, sent.since) == ("stolen", timestamp("2026-06-18T00:00:00Z"))


def test_a_rollback_without_a_time_is_refused(cli: CommandRunner) -> None:
    """No default: a guess would hold too much, or too little."""
    done = cli.run("keys", "rollback", KEY)
    assert (done.code, "--since" in done.err) == (2, True)
    assert cli.sent("RollbackKey") == []


def test_a_rollback_that_nobody_confirms_revokes_nothing(cli: CommandRunner) -> None:
    cli.script("RollbackKey", HELD)
    done = cli.run("keys", "rollback", KEY, "--since", "2h", "--reason", "stolen")
    assert done.code == 2
    assert [each.validate_only for each in cli.sent("RollbackKey")] == [True]


def test_a_release_says_that_the_key_stays_revoked(cli: CommandRunner) -> None:
    cli.script("ReleaseHolds", HELD)
    done = cli.run("keys", "release-holds", KEY, "--reason", "checked", "--yes")
    assert "Released 2 jobs. The key stays revoked." in done.err
    (sent,) = cli.sent("ReleaseHolds")
    assert (sent.key_id, sent.reason) == (KEY, "checked")


def test_a_release_without_a_reason_is_refused(cli: CommandRunner) -> None:
    assert cli.run("keys", "release-holds", KEY, "--yes").code == 2
    assert cli.sent("ReleaseHolds") == []
