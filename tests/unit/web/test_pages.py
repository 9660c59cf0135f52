"""The pages of the documentation: complete, of one origin, and made when they are asked for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from xaigh_server.rpc.error_reasons import read_reasons
from xaigh_server.web.error_page import error_page
from xaigh_server.web.pages import doc_pages

REASONS = read_reasons()
PAGES = doc_pages(REASONS)


async def get(path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """What a page answers."""
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    await PAGES[path]({"method": method, "headers": []}, None, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


@pytest.mark.parametrize("path", sorted(PAGES))
async def test_every_page_is_there(path: str) -> None:
    """Each file is shipped, with its type; only the document may be read from other origins."""
    status, headers, body = await get(path)
    assert status == 200 and body
    assert headers["x-content-type-options"] == "nosniff"
    is_document = path == "/openapi.json"
    assert ("access-control-allow-origin" in headers) == is_document
    assert ("content-security-policy" in headers) != is_document


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
async def test_a_page_needs_nothing_from_elsewhere(path: str) -> None:
    """Every link of a page leads to another page of ours, whatever the prefix they stand under."""
    _, _, body = await get(path)
    for link in re.findall(r'(?:src|href)="([^"#]+)"', body.decode()):
        assert ":" not in link and not link.startswith("/")
        folder = path.rpartition("/")[0]
        while link.startswith("../"):
            folder, link = folder.rpartition("/")[0], link[3:]
        assert f"{folder}/{link}" in PAGES, link


async def test_the_document_is_the_generated_one() -> None:
    """It names the version of OpenAPI, and every operation."""
    _, headers, body = await get("/openapi.json")
    document = json.loads(body)
    assert headers["content-type"] == "application/json"
    assert document["openapi"].startswith("3.1") and len(document["paths"]) > 50


def test_every_reason_has_its_anchor_cause_and_cure() -> None:
    """The link that an error carries leads to what it is about."""
    page = error_page(REASONS).decode()
    for name, reason in REASONS.items():
        entry = page.split(f'<article id="{name.lower()}">', 1)[1].split("</article>")[0]
        text = re.sub(r"<[^>]+>", "", entry).replace("&lt;", "<").replace("&gt;", ">")
        text = text.replace("&amp;", "&")
        assert reason.cause.replace("`", "") in text
        assert reason.cure.replace("`", "") in text
        assert f"HTTP {reason.http_status}" in text


def test_prose_is_escaped() -> None:
    """A cause may hold what HTML would read as a tag."""

    class Sharp:
        code, grpc_code, http_status, cause, cure = "x", 3, 400, "a < b & `c<d>`", "<script>"

    page = error_page({"SHARP": Sharp()}).decode()
    assert "a &lt; b &amp; <code>c&lt;d&gt;</code>" in page and "<script>" not in page
