"""The usual way: FastAPI, SQLAlchemy's async ORM-less session on aiosqlite, a key looked up by its
hash and one row read. No limits, no audit rule, no log, no metrics.

    python -m tests.bench.peers.fastapi_jobs DATABASE PORT
"""

import hashlib
import sys
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import Column, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

metadata = MetaData()
keys = Table("keys", metadata, Column("hash", String, primary_key=True), Column("org", String))
jobs = Table(
    "jobs",
    metadata,
    Column("job_id", String, primary_key=True),
    Column("org", String),
    Column("title", String),
    Column("body", String),
)


def build(path: str) -> FastAPI:
    """The application on a database that is there."""
    app = FastAPI()
    sessions = async_sessionmaker(create_async_engine(f"sqlite+aiosqlite:///{path}"))

    async def session() -> Any:
        async with sessions() as opened:
            yield opened

    Session = Annotated[AsyncSession, Depends(session)]

    async def organization(opened: Session, authorization: Annotated[str, Header()]) -> str:
        digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
        found = (await opened.execute(select(keys.c.org).where(keys.c.hash == digest))).scalar()
        if found is None:
            raise HTTPException(401)
        return str(found)

    @app.get("/v1/jobs/{job_id}")
    async def get_job(
        job_id: str, opened: Session, org: Annotated[str, Depends(organization)]
    ) -> dict[str, Any]:
        row = (
            await opened.execute(select(jobs).where(jobs.c.job_id == job_id, jobs.c.org == org))
        ).one_or_none()
        if row is None:
            raise HTTPException(404)
        return dict(row._mapping)

    return app


if __name__ == "__main__":
    uvicorn.run(
        build(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
    )
