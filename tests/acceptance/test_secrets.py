"""No secret that was ever shown can be found again: not on disk, not in a log, not in an error.

The story is played by both transports with everything recorded; then every credential is put
wherever a caller could misplace it. The test looks for what was shown in plain, hex, base64 and URL
form in the databases with their WALs, the logs, the audit export, the metrics and every error body.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.acceptance.conftest import ENVIRON
from tests.demo.show import Printer
from tests.demo.story import Stage, play
from tests.harness.access import grant_access, ok, request_form
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.server import Running, operator, server

CREDENTIAL = re.compile(r"(?:(?:test|live)_[sp]k|xop|xst)_[0-9A-Za-z]{38,}|whsec_[0-9A-Za-z+/=]+")
NOBODY = "org_nobody"
KEPT_APART = {"pepper", "webhook-key", "application-key", "signing_key.pem"}
"""The files that hold the server's own secrets, readable by nobody else."""


class Silent(Printer):
    """Nobody watches."""

    def title(self, text: str) -> None: ...
    def step(self, text: str) -> None: ...
    def exchange(self, shown: str, request: Any, reply: Any, notes: list[str]) -> None: ...
    def fine(self, text: str) -> None: ...


@dataclass
class Record:
    """All that was shown, and every error."""

    secrets: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def note(self, reply: Reply) -> None:
        text = json.dumps([reply.body, dict(reply.headers)])
        if reply.code == "ok":
            self.secrets.update(CREDENTIAL.findall(text))
        else:
            self.errors.append(text)


class Recorded:
    """A client that keeps a record."""

    def __init__(self, api: ApiClient, record: Record) -> None:
        self.name = api.name
        self._api = api
        self._record = record

    def call(self, method: str, body: Mapping[str, Any], **headers: str) -> Reply:
        reply = self._api.call(method, body, **headers)
        self._record.note(reply)
        return reply

    def close(self) -> None:
        self._api.close()


@dataclass(frozen=True, kw_only=True)
class Searched:
    """Where to look, by name, and what for."""

    places: Mapping[str, bytes]
    record: Record
    folder: Path


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """The story and every mishap, played against one server; its files before and after its end."""
    folder = tmp_path_factory.mktemp("data")
    record = Record()
    places: dict[str, bytes] = {}
    with server(
        folder, **ENVIRON, XAIGH_LOG_FORMAT="json", XAIGH_DELIVER_WEBHOOKS="false"
    ) as running:
        second = operator(folder, "api-ops", "api_ops")
        record.secrets |= {running.founder, second}
        for made in (RestClient(running.rest), GrpcClient(running.grpc)):
            with closing(Recorded(made, record)) as api:
                play(
                    Stage(
                        api=api,
                        printer=Silent(),
                        founder=running.founder,
                        second=second,
                        data_dir=None,
                        suffix=f"_{api.name.lower()}",
                    )
                )
                webhooks(api, running, record)
        misplace(running, record)
        places |= {f"live {name}": content for name, content in files(folder).items()}
        places["metrics"] = httpx.get(f"http://{running.admin}/metrics").content
    done = subprocess.run(
        [sys.executable, "-m", "xaigh_server", "audit", "export", "-", "--data-dir", str(folder)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    places["audit export"] = done.stdout
    places |= files(folder)
    places["errors"] = "\n".join(record.errors).encode()
    yield Searched(places=places, record=record, folder=folder)


def webhooks(api: Recorded, running: Running, record: Record) -> None:
    """Endpoints show secrets, too: when they are made, and when they are rotated."""
    scopes = ["jobs:read", "webhooks:read", "webhooks:write"]
    access = grant_access(api, running.founder, requestedScopes=scopes)
    wanted = {"url": "https://hooks.northline.example/x", "eventTypes": ["job.created"]}
    made = ok(api.call("CreateEndpoint", wanted, key=access.key))
    endpoint = made.get("endpoint", made)["endpointId"]
    ok(api.call("RotateSecret", {"endpointId": endpoint}, key=access.key))
    api.call("RevokeSelf", {}, key=access.key)
    api.call("WhoAmI", {}, key=access.key)
    assert any(secret.startswith("whsec_") for secret in record.secrets)


def misplace(running: Running, record: Record) -> None:
    """Puts every credential wherever a caller could by mistake."""
    with httpx.Client(base_url=f"http://{running.rest}/v1") as http:
        for secret in sorted(record.secrets):
            plain = quote(secret, safe="")
            bearer = {"authorization": f"Bearer {secret}"}
            founder = {"authorization": f"Bearer {running.founder}"}
            for reply in (
                http.get("/jobs", headers=bearer),
                http.get("/jobs", headers={"authorization": f"Bearer {secret}x"}),
                http.get("/jobs", headers={"authorization": secret}),
                http.get("/whoami", headers={**bearer, "cookie": f"key={secret}"}),
                http.get(f"/jobs?api_key={plain}"),
                http.get(f"/jobs?{plain}=1", headers=founder),
                http.get(f"/jobs/{plain}", headers=bearer),
                http.get(f"/nothing/{plain}"),
                http.get(f"/admin/keys/{plain}", headers=founder),
                http.get(f"/admin/grants/{plain}", headers=founder),
                http.get(f"/admin/keys?pageToken={plain}", headers=founder),
                http.get(f"/admin/keys?keyType={plain}", headers=founder),
                http.post(f"/admin/keys/{plain}:fly", headers=founder, json={}),
                http.post("/admin/keys", headers=founder, json={secret: 1}),
                http.post("/admin/keys", headers=founder, json={"grantId": secret, "name": "x"}),
                http.post("/developer/api-access/request", json={"requestedScopes": [secret]}),
                http.post("/developer/api-access/request", content=secret),
                http.post(
                    "/developer/api-access/request",
                    json=request_form(useCase=f"as with {secret}"),
                    headers={"idempotency-key": secret},
                ),
                http.post(
                    f"/admin/organizations/{NOBODY}:suspend",
                    headers=founder,
                    json={"reason": f"leaked {secret}"},
                ),
                http.get(f"/developer/api-access/requests/{plain}"),
                http.get("/whoami", headers={"x-request-id": secret[:128]}),
                http.get("/whoami", headers={"idempotency-key": secret}),
                http.get("/whoami", headers={"x-status-token": secret}),
                http.get("/whoami", headers={"origin": f"https://{secret}.example"}),
            ):
                if not reply.is_success:
                    record.errors.append(reply.text + str(reply.headers))


def files(folder: Path) -> dict[str, bytes]:
    """Every file of the server's, but those that are secrets themselves."""
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and each.name not in KEPT_APART
    }


def forms(secret: bytes) -> Iterator[tuple[str, bytes]]:
    """The ways in which a secret could be written. Base64 at each of its three alignments."""
    yield "plain", secret
    yield "hex", secret.hex().encode()
    yield "upper hex", secret.hex().upper().encode()
    yield "url", quote(secret, safe="").encode()
    yield "json", json.dumps(secret.decode("latin-1"))[1:-1].encode()
    yield "reversed", secret[::-1]
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + secret)
        inner = text[4 if shift else 0 : -4]  # what doesn't depend on its neighbours
        yield f"base64 at {shift}", inner
        yield f"base64url at {shift}", inner.translate(bytes.maketrans(b"+/", b"-_"))


def secret_part(text: str) -> bytes:
    """What nobody may learn of a credential: without its prefix and public id, or checksum."""
    if text.startswith("whsec_"):
        return text.removeprefix("whsec_").encode()
    if text.startswith("xst_"):
        return text[4:36].encode()
    start = 4 if text.startswith("xop_") else 8
    return text[start + 10 : start + 42].encode()


def found(places: Mapping[str, bytes], secret: bytes) -> list[tuple[str, str]]:
    return [
        (place, name)
        for name, form in forms(secret)
        for place, content in places.items()
        if form in content
    ]


def test_the_search_finds_what_is_there(searched: Searched):
    """The story showed secrets of every kind; the places are full, and a planted one is found."""
    prefixes = {secret.split("_")[0] for secret in searched.record.secrets}
    assert prefixes == {"test", "live", "xop", "xst", "whsec"}
    assert {"control.db", "sandbox.db", "production.db", "server.log"} <= set(searched.places)
    assert any(name.endswith("-wal") and content for name, content in searched.places.items())
    assert len(searched.record.errors) > 100
    secret = secret_part(sorted(searched.record.secrets)[0])
    for name, form in forms(secret):
        assert found({"planted": b"xx" + form + b"yy"}, secret), name


def test_no_secret_is_anywhere_in_any_form(searched: Searched):
    """Not even the part of it that is secret."""
    leaks = {
        f"{secret.split('_')[0]}_…": hits
        for secret in searched.record.secrets
        if (hits := found(searched.places, secret_part(secret)))
    }
    assert leaks == {}


def test_webhook_secrets_are_nowhere_in_the_bytes_that_they_stand_for(searched: Searched):
    """What signs is the decoded secret."""
    for secret in searched.record.secrets:
        if secret.startswith("whsec_"):
            raw = base64.b64decode(secret.removeprefix("whsec_"))
            assert found(searched.places, raw) == []


@pytest.mark.parametrize("name", ["pepper", "webhook-key", "application-key"])
def test_the_servers_own_secrets_stay_in_their_files(searched: Searched, name: str):
    """Neither their text nor the bytes; and nobody else can read the files."""
    file = searched.folder / name
    assert file.stat().st_mode & 0o077 == 0
    for line in file.read_text().split():
        assert found(searched.places, line.encode()) == []
        assert found(searched.places, bytes.fromhex(line)) == []


def test_the_signing_key_stays_in_its_file(searched: Searched):
    """The anchors are proof only as long as nobody else can sign."""
    file = searched.folder / "audit" / "signing_key.pem"
    assert file.stat().st_mode & 0o077 == 0
    body = "".join(file.read_text().splitlines()[1:-1])
    seed = base64.b64decode(body)[-32:]
    assert found(searched.places, seed) == []


def test_the_databases_are_readable_by_their_owner_alone(searched: Searched):
    """What they hold isn't secret, and still nobody else's."""
    for file in searched.folder.glob("*.db*"):
        assert file.stat().st_mode & 0o077 == 0, file.name
