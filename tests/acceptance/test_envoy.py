"""A real Envoy in front of real servers: one TLS port for both transports, and its transcoder."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tests.acceptance.conftest import ENVIRON
from tests.harness.access import Access, grant_access, job_form, ok
from tests.harness.api_client import RestClient
from tests.harness.envoy import BINARY, configure, fronted, run
from tests.harness.server import Running, server

from httprule_harness.notes import self_signed
from xaigh.jobs.v1 import jobs_service_pb2, jobs_service_pb2_grpc
from xaigh_server.rpc.services import SERVICES

# The servers run on this machine, and so does Envoy: its word about the caller counts.
BEHIND = {**ENVIRON, "XAIGH_TRUSTED_PROXIES": "127.0.0.1/32"}


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    """Two servers on one data folder."""
    folder = tmp_path_factory.mktemp("data")
    with server(folder, **BEHIND) as first, server(folder, **BEHIND) as second:
        yield first, second


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for localhost, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def key(replicas: tuple[Running, Running]) -> Access:
    """A sandbox key."""
    with closing(RestClient(replicas[0].rest)) as api:
        return grant_access(api, replicas[0].founder)


@pytest.fixture(scope="module")
def descriptors(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file that `descriptor-set` writes."""
    path = tmp_path_factory.mktemp("descriptors") / "api.binpb"
    run("descriptor-set", str(path))
    return str(path)


@pytest.fixture(scope="module")
def transcoding(
    replicas: tuple[Running, Running], descriptors: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where Envoy's transcoder stands before the first server."""
    folder = tmp_path_factory.mktemp("transcoder")
    with fronted(folder, replicas[:1], options=("--transcode", descriptors)) as address:
        yield address


def test_the_descriptor_set_stands_alone(descriptors: str) -> None:
    """Whoever reads it needs no other file, and finds every service and every error detail."""
    files = FileDescriptorSet.FromString(Path(descriptors).read_bytes())
    pool = DescriptorPool()
    for file in files.file:
        pool.Add(file)
    for service in SERVICES:
        assert pool.FindServiceByName(service.full_name).methods
    assert "reason" in pool.FindMessageTypeByName("google.rpc.ErrorInfo").fields_by_name
    done = subprocess.run(
        [sys.executable, "-m", "xaigh_server", "descriptor-set", "-"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == Path(descriptors).read_bytes()


@pytest.mark.parametrize("is_transcoding", [False, True])
def test_envoy_accepts_the_configuration(
    tmp_path: Path,
    replicas: tuple[Running, Running],
    tls: tuple[str, str],
    descriptors: str,
    is_transcoding: bool,
) -> None:
    """`envoy --mode validate` has nothing to say."""
    options = ["--tls-cert", tls[0], "--tls-key", tls[1]]
    options += ["--transcode", descriptors] if is_transcoding else []
    path = configure(tmp_path, replicas, listen="0.0.0.0:8443", options=options)
    done = subprocess.run(
        [BINARY, "--mode", "validate", "-c", str(path), "-l", "warn"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--replica", "a:1", "--grpc-replica", "a:2", "--tls-cert", "x"), "--tls-key"),
        (("--replica", "a:1", "--replica", "b:1", "--grpc-replica", "a:2"), "--grpc-replica"),
        (("--replica", "nowhere", "--grpc-replica", "a:2"), "--replica"),
        (("--replica", "a:1", "--grpc-replica", "a:2", "--transcode", "/no"), "/no"),
    ],
)
def test_what_cannot_be_configured_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    """The option is named and the exit code is 2; no data folder is made on the way."""
    done = subprocess.run(
        [sys.executable, "-m", "xaigh_server", "envoy-config", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_two_servers_behind_one_tls_port(
    tmp_path: Path, tls: tuple[str, str], key: Access, replicas: tuple[Running, Running]
) -> None:
    """REST over HTTP/1.1 and gRPC over HTTP/2 on the same port; one server may go."""
    options = ("--tls-cert", tls[0], "--tls-key", tls[1])
    with ExitStack() as stack:
        third = stack.enter_context(server(replicas[0].data_dir, **BEHIND))
        address = stack.enter_context(fronted(tmp_path, (replicas[0], third), options=options))
        port = address.rpartition(":")[2]
        trust = ssl.create_default_context(cafile=tls[0])
        http = stack.enter_context(httpx.Client(base_url=f"https://localhost:{port}", verify=trust))
        credentials = grpc.ssl_channel_credentials(Path(tls[0]).read_bytes())
        channel = stack.enter_context(grpc.secure_channel(f"localhost:{port}", credentials))
        bearer = f"Bearer {key.key}"

        posted = http.post(
            "/v1/jobs/post",
            json=job_form(),
            headers={"authorization": bearer, "idempotency-key": "through-envoy"},
        )
        assert posted.status_code == 200, posted.text
        job_id = posted.json()["jobId"]
        stub = jobs_service_pb2_grpc.JobsServiceStub(channel)
        wanted = jobs_service_pb2.GetJobRequest(job_id=job_id)
        metadata = (("authorization", bearer),)
        assert stub.GetJob(wanted, metadata=metadata, timeout=10).job_id == job_id
        serving = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=10
        )
        assert serving.status == health_pb2.HealthCheckResponse.SERVING
        assert http.get("/docs").status_code == 200

        third.process.terminate()
        third.process.wait(timeout=30)
        for _ in range(20):
            reply = http.get(f"/v1/jobs/{job_id}", headers={"authorization": bearer})
            assert reply.status_code == 200, reply.text
            assert stub.GetJob(wanted, metadata=metadata, timeout=10).job_id == job_id


def test_the_caller_keeps_its_address(
    tmp_path: Path, key: Access, replicas: tuple[Running, Running]
) -> None:
    """A key tied to a network is judged by who calls Envoy, not by Envoy, on both transports."""
    rule = {"allowedCidrs": ["198.51.100.0/24"]}
    with closing(RestClient(replicas[0].rest)) as api:
        order = {"grantId": key.grant_id, "name": "elsewhere", **rule}
        confined = ok(api.call("IssueKey", order, key=replicas[0].founder))["apiKey"]
    metadata = (
        ("authorization", f"Bearer {confined}"),
        ("x-forwarded-for", "198.51.100.7"),
    )
    with grpc.insecure_channel(replicas[0].grpc) as channel:
        stub = jobs_service_pb2_grpc.JobsServiceStub(channel)
        stub.ListJobs(jobs_service_pb2.ListJobsRequest(), metadata=metadata, timeout=10)
    reply = httpx.get(f"http://{replicas[0].rest}/v1/jobs", headers=dict(metadata))
    assert reply.status_code == 200, reply.text
    with fronted(tmp_path, replicas[:1]) as address:
        # Envoy says who called it: this machine, whatever the caller wrote.
        through = httpx.get(f"http://{address}/v1/jobs", headers=dict(metadata))
        assert through.json()["error"]["reason"] == "ADDRESS_NOT_ALLOWED"
        with grpc.insecure_channel(address) as channel:
            stub = jobs_service_pb2_grpc.JobsServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.ListJobs(jobs_service_pb2.ListJobsRequest(), metadata=metadata, timeout=10)
            assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_what_is_for_operators_of_the_servers_stays_behind_envoy(
    tmp_path: Path, replicas: tuple[Running, Running]
) -> None:
    """Neither metrics nor readiness nor reflection, also where the servers have it."""
    talking = {**BEHIND, "XAIGH_REFLECTION": "true"}
    with server(tmp_path, **talking) as behind, fronted(tmp_path, [behind]) as address:
        for path in ("/metrics", "/readyz", "/readyz?x=1"):
            reply = httpx.get(f"http://{address}{path}")
            assert reply.status_code == 404
            assert reply.json()["error"]["reason"] == "ROUTE_NOT_FOUND"
        assert httpx.get(f"http://{address}/docs").status_code == 200
        for version in ("v1", "v1alpha"):
            path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
            with grpc.insecure_channel(address) as channel:
                ask = channel.stream_stream(path, bytes, bytes)
                with pytest.raises(grpc.RpcError) as refused:
                    list(ask(iter([b""]), timeout=10))
                assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_no_server_at_all_is_an_error_of_the_one_shape(
    tmp_path: Path, replicas: tuple[Running, Running]
) -> None:
    """Envoy's own 503 looks like ours; over gRPC it is UNAVAILABLE."""
    gone = Running(
        rest="127.0.0.1:1",
        grpc="127.0.0.1:1",
        data_dir=tmp_path,
        founder="",
        process=replicas[0].process,
    )
    with fronted(tmp_path, [gone]) as address:
        reply = httpx.get(f"http://{address}/v1/jobs")
        assert reply.status_code == 503
        assert reply.json()["error"]["code"] == "unavailable"
        with grpc.insecure_channel(address) as channel:
            stub = jobs_service_pb2_grpc.JobsServiceStub(channel)
            with pytest.raises(grpc.RpcError) as refused:
                stub.ListJobs(jobs_service_pb2.ListJobsRequest(), timeout=10)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


# -- one table of requests, to the gateway and to Envoy's transcoder before the same server -------

SAME = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request. `here` and `there` are what the two answer: a status and a word in the body.

    A `there` that isn't `SAME` has its reason in `why`. `{job}` in a path is a job's id.
    """

    name: str
    path: str
    here: tuple[int, str]
    there: Any = SAME
    why: str = ""
    verb: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


SHAPE = "Envoy prints google.rpc.Status as it is: no envelope, no code of ours; the reason is in it"
OWN = "Envoy finds it by itself, before a server is asked: our shape, one reason for all"
JSON = {"content-type": "application/json"}


def form(**changed: Any) -> bytes:
    """A job to post."""
    return json.dumps(job_form(**changed)).encode()


CASES = [
    # What both do alike.
    Case(name="a variable", path="/v1/jobs/{job}", here=(200, '"jobId":"{job}"')),
    Case(name="a JSON name", path="/v1/jobs?pageSize=1", here=(200, '"nextPageToken"')),
    Case(name="a proto name", path="/v1/jobs?page_size=1", here=(200, '"nextPageToken"')),
    Case(name="an enum's name", path="/v1/jobs?state=OPEN", here=(200, '"jobs"')),
    Case(name="an enum's number", path="/v1/jobs?state=1", here=(200, '"jobs"')),
    Case(name="plus is a space", path="/v1/jobs?externalReference=a+b", here=(200, '"a b"')),
    Case(name="so is %20", path="/v1/jobs?externalReference=a%20b", here=(200, '"a b"')),
    Case(name="a whole body", path="/v1/jobs/post", verb="POST", body=form(), headers=JSON,
         here=(200, '"slots":12')),
    Case(name="an int32 in quotes", path="/v1/jobs/post", verb="POST", body=form(slots="3"),
         headers=JSON, here=(200, '"slots":3')),
    Case(name="an int64 as a number", path="/v1/jobs/post", verb="POST", headers=JSON,
         body=form(pay={"minMinor": 1500, "currency": "USD"}), here=(200, '"minMinor":"1500"')),
    Case(name="an int64 in quotes", path="/v1/jobs/post", verb="POST", headers=JSON,
         body=form(pay={"minMinor": "1500", "currency": "USD"}), here=(200, '"minMinor":"1500"')),
    Case(name="defaults are left out", path="/v1/jobs?externalReference=none", here=(200, "{}")),
    Case(name="a verb", path="/v1/jobs/{job}:close", verb="POST", body=b"{}", headers=JSON,
         here=(200, '"CLOSED"')),
    Case(name="no route", path="/v1/nothing", here=(404, "ROUTE_NOT_FOUND")),
    Case(name="no such method", path="/v1/jobs/post", verb="DELETE", here=(405, "Allow")),
    Case(name="HEAD", path="/v1/jobs/{job}", verb="HEAD", here=(200, "")),
    Case(name="a page", path="/docs/errors", here=(200, "Error reasons")),
    Case(name="publishable", path="/v1/published-jobs", here=(200, '"jobs"')),
    # What differs in form.
    Case(name="a missing job", path="/v1/jobs/job_nothing", here=(404, '"error"'),
         there=(404, '"code":5'), why=SHAPE),
    Case(name="an escaped slash", path="/v1/jobs/a%2Fb", here=(404, '"error"'),
         there=(404, '"code":5'), why=SHAPE),
    Case(name="a field breaks its rule", path="/v1/jobs/post", verb="POST", body=form(title=""),
         headers=JSON, here=(400, '"error"'), there=(400, '"code":3'), why=SHAPE),
    Case(name="no credential", path="/v1/jobs", headers={"authorization": ""},
         here=(401, '"error"'), there=(401, '"code":16'), why=SHAPE),
    Case(name="an unknown parameter", path="/v1/jobs?nothing=1", here=(400, "QUERY_INVALID"),
         there=(400, "FIELD_INVALID"), why=OWN),
    Case(name="a parameter of the wrong type", path="/v1/jobs?pageSize=x",
         here=(400, "pageSize: must be"), there=(400, "page_size: invalid value"), why=OWN),
    Case(name="no JSON", path="/v1/jobs/post", verb="POST", body=b'{"slots":', headers=JSON,
         here=(400, "BODY_MALFORMED"), there=(400, "FIELD_INVALID"), why=OWN),
    # What differs in substance.
    Case(name="a slash at the end", path="/v1/jobs/{job}/", here=(404, "ROUTE_NOT_FOUND"),
         there=(200, '"jobId"'), why="Envoy drops it; here it is another path"),
    Case(name="a parameter twice", path="/v1/jobs?pageSize=1&pageSize=2",
         here=(400, "QUERY_INVALID"), there=(200, '"jobs"'), why="Envoy takes the last one"),
    Case(name="a malformed escape in the query", path="/v1/jobs?externalReference=%zz",
         here=(400, "QUERY_INVALID"), there=(200, "{}"), why="Envoy takes it as text"),
    Case(name="a malformed escape in the path", path="/v1/jobs/%zz",
         here=(400, "PATH_INVALID"), there=(404, '"code":5'), why="Envoy takes it as text"),
    Case(name="path and query", path="/v1/jobs/{job}?jobId=other", here=(200, '"jobId":"{job}"'),
         there=(404, '"code":5'), why="here the path wins; in Envoy the query does"),
    Case(name="an unknown member", path="/v1/jobs/post", verb="POST", headers=JSON,
         body=form(slotz=2), here=(400, "FIELD_UNKNOWN"), there=(200, '"jobId"'),
         why="Envoy drops it without a word"),
    Case(name="a member twice", path="/v1/jobs/post", verb="POST", headers=JSON,
         body=form()[:-1] + b', "slots": 5}', here=(400, "BODY_MALFORMED"),
         there=(200, '"slots":5'), why="Envoy takes the last one"),
    Case(name="a comma at the end", path="/v1/jobs/post", verb="POST", headers=JSON,
         body=form()[:-1] + b",}", here=(400, "BODY_MALFORMED"), there=(200, '"jobId"'),
         why="Envoy forgives it"),
    Case(name="another type of body", path="/v1/jobs/post", verb="POST", body=form(),
         headers={"content-type": "text/xml"}, here=(415, "UNSUPPORTED_MEDIA_TYPE"),
         there=(200, '"jobId"'), why="Envoy reads whatever it is called as JSON"),
    Case(name="nothing acceptable", path="/v1/jobs", headers={"accept": "image/png"},
         here=(406, "NOT_ACCEPTABLE"), there=(200, '"jobs"'), why="Envoy doesn't negotiate"),
    Case(name="problems", path="/v1/jobs/job_nothing",
         headers={"accept": "application/problem+json"}, here=(404, "errors#not_found"),
         there=(404, '"code":5'), why="Envoy doesn't know RFC 9457"),
]  # fmt: skip


@pytest.fixture(scope="module")
def job(replicas: tuple[Running, Running], key: Access) -> str:
    """One job of several, with a reference that holds a space beside it."""
    with closing(RestClient(replicas[0].rest)) as api:
        for title in ("first", "second"):
            form_ = job_form(title=title, externalReference="a b")
            ok(api.call("PostJob", form_, key=key.key, idempotency_key=title))
        posted = api.call("PostJob", job_form(), key=key.key, idempotency_key="third")
        return str(ok(posted)["jobId"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_gateway_and_the_transcoder(
    case: Case, replicas: tuple[Running, Running], transcoding: str, key: Access, job: str
) -> None:
    """Where the table says nothing else, both answer alike."""
    assert (case.there is SAME) == (case.why == "")
    answers = {}
    for place, address in (("here", replicas[0].rest), ("there", transcoding)):
        headers = {
            "authorization": f"Bearer {key.key}",
            "idempotency-key": f"{case.name} {place}".replace(" ", "-"),
            **case.headers,
        }
        sent = {name: value for name, value in headers.items() if value}
        url = f"http://{address}{case.path.replace('{job}', job)}"
        reply = httpx.request(case.verb, url, content=case.body, headers=sent)
        answers[place] = (reply.status_code, reply.text)
        wanted = case.here if place == "here" or case.there is SAME else case.there
        assert reply.status_code == wanted[0], (place, reply.text)
        assert wanted[1].replace("{job}", job) in reply.text, (place, reply.text)


def test_conditional_reads_are_the_gateways(
    replicas: tuple[Running, Running], transcoding: str, key: Access, job: str
) -> None:
    """ETag and 304 are made of HTTP; through the transcoder a read has no version in its head."""
    headers = {"authorization": f"Bearer {key.key}"}
    here = httpx.get(f"http://{replicas[0].rest}/v1/jobs/{job}", headers=headers)
    there = httpx.get(f"http://{transcoding}/v1/jobs/{job}", headers=headers)
    assert here.headers["etag"].strip('"') == here.json()["etag"] == there.json()["etag"]
    assert "etag" not in there.headers
    assert there.headers["x-request-id"].startswith("req_")


def test_a_feed_passes_by_the_transcoder(transcoding: str, key: Access) -> None:
    """A stream both ways goes to the gateway, which refuses this key by its own words."""
    reply = httpx.post(
        f"http://{transcoding}/v1/jobs/ats/feed",
        content=b'{"open":{}}\n',
        headers={"authorization": f"Bearer {key.key}", "content-type": "application/x-ndjson"},
    )
    assert reply.status_code == 403 and reply.json()["error"]["code"] == "insufficient_scope"
