"""How long one record takes to normalize. No bar: it is part of what the syncs are measured by.

Samples are of about 1 KB and 10 KB, in each provider's own shape, with varied texts. Printed per
record: the raw hash alone (all that an unchanged record costs), normalizing, the content hash.
"""

from __future__ import annotations

import html
import json
import time
from collections.abc import Callable

from tests.bench.bars import Bar

from xaigh_server.ats.content import content_hash
from xaigh_server.ats.fingerprint import raw_hash
from xaigh_server.ats.providers.record import Normalized, Provider
from xaigh_server.ats.providers.registry import normalize

ROUNDS = 7
RECORDS = 200


def prose(size: int, seed: int) -> str:
    """About `size` characters of HTML: headings, paragraphs, lists, entities, inline styles."""
    parts = ["<h2>About the role</h2>"]
    words = ("route", "pallet", "scanner", "depot", "carrier", "order", "shift", "safety", "dock")
    number = seed
    while sum(map(len, parts)) < size * 0.8:
        number = (number * 1103515245 + 12345) % 2**31
        line = " ".join(words[(number >> shift) % len(words)] for shift in range(0, 26, 2))
        style = ' style="font-size: 11pt;"' if number % 3 == 0 else ""
        parts.append(f"<p{style}>We keep the {line} &amp; more; <strong>every day</strong>.</p>")
        if number % 5 == 0:
            parts.append(f"<h3>What you bring</h3><ul><li>{line}</li><li>{line[::-1]}</li></ul>")
    parts.append("<p>Compensation: $52,000 - $61,500 per year</p>")
    return "".join(parts)


def greenhouse(size: int, seed: int) -> dict[str, object]:
    return {
        "id": 4_000_000_000 + seed,
        "internal_job_id": 5_000_000_000 + seed,
        "title": f"Depot Planner {seed}",
        "absolute_url": f"https://boards.greenhouse.io/northdepot/jobs/{4_000_000_000 + seed}",
        "location": {"name": "Columbus, OH"},
        "metadata": [{"id": 1, "name": "Employment Type", "value": "Full-time"}],
        "updated_at": "2026-05-04T09:12:44-04:00",
        "first_published": "2026-05-01T09:12:44-04:00",
        "requisition_id": f"R{seed}",
        "departments": [{"id": 7, "name": "Planning", "child_ids": [], "parent_id": None}],
        "offices": [{"id": 9, "name": "Columbus", "location": "Columbus, Ohio, United States"}],
        "language": "en",
        "content": html.escape(prose(size - 620, seed)),
    }


def lever(size: int, seed: int) -> dict[str, object]:
    identity = f"{seed:08x}-1111-4222-8333-444455556666"
    return {
        "id": identity,
        "text": f"Depot Planner {seed}",
        "categories": {"commitment": "Full-time", "location": "Leeds", "allLocations": ["Leeds"]},
        "country": "GB",
        "workplaceType": "onsite",
        "createdAt": 1_770_000_000_000 + seed,
        "description": prose(size - 620, seed),
        "lists": [{"text": "What you will need", "content": "<li>A licence</li><li>Care</li>"}],
        "hostedUrl": f"https://jobs.lever.co/northdepot/{identity}",
        "applyUrl": f"https://jobs.lever.co/northdepot/{identity}/apply",
        "salaryRange": {
            "min": 52000,
            "max": 61500,
            "currency": "GBP",
            "interval": "per-year-salary",
        },
    }


def ashby(size: int, seed: int) -> dict[str, object]:
    identity = f"{seed:08x}-1111-4222-8333-444455556666"
    address = {"addressLocality": "Leeds", "addressRegion": "", "addressCountry": "United Kingdom"}
    return {
        "id": identity,
        "title": f"Depot Planner {seed}",
        "department": "Planning",
        "employmentType": "FullTime",
        "location": "Leeds",
        "address": {"postalAddress": address},
        "isListed": True,
        "isRemote": False,
        "workplaceType": "OnSite",
        "publishedAt": "2026-05-04T09:12:44.120+00:00",
        "jobUrl": f"https://jobs.ashbyhq.com/northdepot/{identity}",
        "applyUrl": f"https://jobs.ashbyhq.com/northdepot/{identity}/application",
        "descriptionHtml": prose(size - 640, seed),
    }


SAMPLES: list[tuple[Provider, Callable[[int, int], dict[str, object]]]] = [
    (Provider.GREENHOUSE, greenhouse),
    (Provider.LEVER, lever),
    (Provider.ASHBY, ashby),
]


def best(step: Callable[[], None]) -> float:
    """Microseconds of processor time a record, in the best of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        step()
        times.append(time.thread_time() - start)
    return min(times) / RECORDS * 1e6


def _row(provider: Provider, make: Callable[[int, int], dict[str, object]], size: int) -> str:
    payloads = [make(size, seed) for seed in range(1, RECORDS + 1)]
    mean = sum(len(json.dumps(payload)) for payload in payloads) / RECORDS
    results = [normalize(provider, payload) for payload in payloads]
    jobs = [r.job for r in results if isinstance(r, Normalized)]
    assert len(jobs) == RECORDS
    raw = best(lambda: [raw_hash(provider, payload) for payload in payloads].clear())
    whole = best(lambda: [normalize(provider, payload) for payload in payloads].clear())
    content = best(lambda: [content_hash(job) for job in jobs].clear())
    return f"{provider:<11}{mean:>8.0f} B{raw:>9.1f}{whole:>11.1f}{content:>9.1f}  µs"


def measure() -> list[Bar]:
    """Prints the table."""
    print(f"  {'provider':<11}{'record':>10}{'raw hash':>9}{'normalize':>11}{'content':>9}")
    for size in (1_000, 10_000):
        for provider, make in SAMPLES:
            print("  " + _row(provider, make, size))
    return []
