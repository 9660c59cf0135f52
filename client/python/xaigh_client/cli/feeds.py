"""Feeds from files: parses a provider's records, and sends them in batches as one run."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from xaigh.ats.v1.sync_pb2 import SyncJobsResponse
from xaigh_client.cli.problems import UsageProblem
from xaigh_client.cli.session import Session

BATCH = 200
# Members that hold the list of records in the providers' documents, the likeliest first.
_LISTS = ("jobs", "jobPostings", "postings", "Report_Entry", "searchResults", "results", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The records of a feed, and the options of its sync."""

    records: Sequence[Mapping[str, Any]]
    provider: str | None
    employer: str | None = None
    integration: str | None = None
    close_missing: bool = False
    expected_total: int | None = None
    generated_at: datetime | None = None
    run: str = ""
    """The id of a run that is taken up. Empty: several batches make a new one."""


def read(session: Session, file: str) -> list[Mapping[str, Any]]:
    """Reads the records of a file: a provider's document, a list, lines of JSON, or one record.

    Raises UsageProblem for anything else.
    """
    text = session.stdin.read() if file == "-" else Path(file).read_text()
    if not text.strip():
        # A feed without records is an empty list; an empty file is a mistake.
        raise UsageProblem(f"{file} is empty")
    try:
        return _records(json.loads(text))
    except json.JSONDecodeError as whole:
        try:
            return [_record(json.loads(line)) for line in text.splitlines() if line.strip()]
        except json.JSONDecodeError:
            raise UsageProblem(f"{file} is neither JSON nor lines of it: {whole}") from None


def send(session: Session, feed: Feed, *, dry_run: bool) -> Iterator[SyncJobsResponse]:
    """Sends the feed in batches, and yields the reply to each.

    Batches are idempotent: the client repeats them after a lost connection. A single batch needs no
    run, but belongs to the one that the caller names; several form one run. The last one of a run
    completes it.
    """
    batches = [feed.records[at : at + BATCH] for at in range(0, len(feed.records), BATCH)] or [[]]
    in_run = len(batches) > 1 or bool(feed.run)
    run = feed.run or f"cli-{uuid.uuid4()}"
    total = len(feed.records) if feed.expected_total is None else feed.expected_total
    for index, batch in enumerate(batches):
        last = index == len(batches) - 1
        yield session.client.ats.sync_jobs(
            provider=feed.provider,  # type: ignore[arg-type]  # Checked against the enum before.
            employer_user_id=feed.employer,
            integration_id=feed.integration,
            jobs=batch,
            sync_run_id=run if in_run else None,
            batch_index=index if in_run else None,
            complete=True if in_run and last else None,
            expected_total=total if last and (in_run or feed.close_missing) else None,
            close_missing=feed.close_missing or None,
            generated_at=feed.generated_at,
            validate_only=dry_run or None,
            timeout=120.0,
        )


def _records(document: Any) -> list[Mapping[str, Any]]:
    if isinstance(document, list):
        return [_record(item) for item in document]
    if isinstance(document, dict):
        for name in _LISTS:
            if isinstance(document.get(name), list):
                return [_record(item) for item in document[name]]
    return [_record(document)]


def _record(item: Any) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise UsageProblem("every record of a feed is a JSON object")
    return item
