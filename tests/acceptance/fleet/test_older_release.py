"""Servers of this release on the schema of the next one, in which every table has grown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.acceptance.conftest import ENVIRON
from tests.acceptance.fleet.conftest import fleet_databases
from tests.harness.access import grant_access, job_form, ok
from tests.harness.api_client import ApiClient, GrpcClient, RestClient
from tests.harness.server import FREE, Running, new_secrets, operator, program, server

NEXT = "0199"
_TABLES = (
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = 'public' AND table_name NOT IN ('alembic_version', 'schema_floor')"
)


@pytest.fixture
def environ(postgres_server: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Databases at this release's schema, and the settings of its servers."""
    with fleet_databases(postgres_server, tmp_path) as urls:
        yield {**ENVIRON, **urls, **new_secrets()}


def expand(environ: dict[str, str], *, floor: str = "") -> None:
    """What the next release's migration may do: a column more in each table, one with a default."""
    for name in ("CONTROL", "SANDBOX", "PRODUCTION"):
        with psycopg.connect(environ[f"XAIGH_{name}_URL"], autocommit=True) as database:
            tables = [] if floor else [row[0] for row in database.execute(_TABLES)]
            for table in tables:
                change = "ALTER TABLE {} ADD next_a text, ADD next_b bigint NOT NULL DEFAULT 0"
                database.execute(sql.SQL(change).format(sql.Identifier(table)))
            database.execute("UPDATE alembic_version SET version_num = %s", [NEXT])
            if floor:
                database.execute("UPDATE schema_floor SET revision = %s", [floor])


def uses_everything(api: ApiClient, founder: str) -> None:
    """An access request up to its key, and a job that is posted, listed and closed."""
    access = grant_access(api, founder, requestedScopes=["jobs:write", "jobs:read"])
    posted = ok(api.call("PostJob", job_form(), key=access.key, idempotency_key="next-1"))
    listed = ok(api.call("ListJobs", {}, key=access.key))["jobs"]
    assert [job["jobId"] for job in listed] == [posted["jobId"]]
    ok(api.call("CloseJob", {"jobId": posted["jobId"]}, key=access.key, idempotency_key="next-2"))


def test_a_release_runs_beside_the_next_one(environ: dict[str, str], tmp_path: Path):
    """One that serves goes on, another one starts; below the floor none does, by one line."""
    founder = operator(tmp_path, "founder", "founder", **environ)
    folders = [tmp_path / str(number) for number in range(2)]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as stack:

        def started(number: int) -> Running:
            return stack.enter_context(server(folders[number], **environ))

        first = started(0)
        expand(environ)
        second = started(1)
        for running, make in ((first, RestClient), (second, GrpcClient)):
            address = running.rest if make is RestClient else running.grpc
            with closing(make(address)) as api:
                uses_everything(api, founder)
    check = program("migrate", "--check", "--data-dir", str(tmp_path), **environ)
    assert (check.returncode, check.stdout.count(NEXT)) == (0, 3), check
    expand(environ, floor=NEXT)
    serve = ("serve", "--rest", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--data-dir", str(tmp_path))
    refused = program(*serve, **{**FREE, **environ})
    assert refused.returncode == 2
    assert f"serves programs of revision {NEXT} and later" in refused.stderr
