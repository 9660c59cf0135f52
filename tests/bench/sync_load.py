"""Sends batches of Greenhouse records over REST, from a process of its own.

    python -m tests.bench.sync_load HOST PORT KEY CONNECTIONS < settings

Reads one JSON object from standard input: `size` of a record in bytes, `first` id, `batches` of 200
records, `revisions` to send one after the other. All bodies are made before the clock starts.
Prints one JSON object: records, seconds, and the outcomes that were counted.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections import Counter
from typing import Any

import orjson

RECORDS = 200
BOARD = "northdepot"
EMPLOYER = "employer_123"
_WORDS = ("route", "pallet", "scanner", "depot", "carrier", "order", "shift", "safety", "dock")


def posting(number: int, size: int, revision: int) -> dict[str, Any]:
    """One job of a Greenhouse board, of about `size` bytes."""
    record: dict[str, Any] = {
        "id": number,
        "internal_job_id": number + 7,
        "title": f"Depot planner {number}, revision {revision}",
        "absolute_url": f"https://boards.greenhouse.io/{BOARD}/jobs/{number}",
        "location": {"name": "Columbus, OH"},
        "metadata": None,
        "updated_at": f"2026-05-04T09:{revision % 60:02d}:00-04:00",
        "requisition_id": f"R{number}",
        "departments": [{"id": 7, "name": "Planning", "child_ids": [], "parent_id": None}],
        "offices": [{"id": 9, "name": "Columbus", "location": "Columbus, Ohio, United States"}],
        "content": "",
    }
    left = size - len(json.dumps(record))
    parts: list[str] = []
    turn = number
    while left > 0:
        turn = (turn * 1103515245 + 12345) % 2**31
        line = " ".join(_WORDS[(turn >> shift) % len(_WORDS)] for shift in range(0, 26, 3))
        part = f"&lt;p&gt;We keep the {line}; &lt;strong&gt;every day&lt;/strong&gt;.&lt;/p&gt;"
        parts.append(part)
        left -= len(part)
    record["content"] = "".join(parts)
    return record


def body(first: int, size: int, revision: int) -> bytes:
    """One batch, as it goes over the wire."""
    jobs = [posting(number, size, revision) for number in range(first, first + RECORDS)]
    said = {"provider": "GREENHOUSE", "employerUserId": EMPLOYER, "jobs": jobs}
    return json.dumps(said, separators=(",", ":")).encode()


class Sender(threading.Thread):
    """One connection that sends the next batch as soon as the last was answered."""

    def __init__(self, host: str, port: int, key: str, left: list[bytes], run: str) -> None:
        super().__init__()
        self._connection = http.client.HTTPConnection(host, port, timeout=120)
        self._key = key
        self._left = left
        self._run = run
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        while self._left:
            try:
                sent = self._left.pop()
            except IndexError:
                break
            self._send(sent, f"{self._run}-{len(self._left)}")
        self._connection.close()

    def _send(self, sent: bytes, name: str) -> None:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": name,
        }
        self._connection.request("POST", "/v1/jobs/ats/sync", sent, headers)
        reply = self._connection.getresponse()
        answer = orjson.loads(reply.read())  # it shares the machine with what is measured
        if reply.status != 200:
            raise RuntimeError(answer)
        for outcome, count in answer["counts"].items():
            self.counts[outcome] += count


def main(arguments: list[str]) -> None:
    """Sends it all and prints what came back."""
    host, port, key, connections = arguments
    wanted = json.load(sys.stdin)
    bodies = [
        body(wanted["first"] + batch * RECORDS, wanted["size"], revision)
        for revision in reversed(wanted["revisions"])
        for batch in range(wanted["batches"])
    ]
    records = len(bodies) * RECORDS
    run = f"{time.time_ns()}"
    senders = [Sender(host, int(port), key, bodies, run) for _ in range(int(connections))]
    began = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds = time.perf_counter() - began
    counts = sum((sender.counts for sender in senders), Counter[str]())
    print(json.dumps({"records": records, "seconds": seconds, "counts": counts}))


if __name__ == "__main__":
    main(sys.argv[1:])
