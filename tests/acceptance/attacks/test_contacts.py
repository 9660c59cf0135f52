"""One contact can't fill the queue of the reviewers, from however many addresses."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.conftest import ENVIRON
from tests.harness.access import ok, request_form
from tests.harness.api_client import ApiClient, GrpcClient, Reply, RestClient
from tests.harness.server import server

LIMIT = {"XAIGH_CONTACT_LIMIT_PER_DAY": "3", "XAIGH_TRUSTED_PROXIES": "127.0.0.0/8"}


def test_one_contact_is_limited_over_all_addresses(data_dir: Path) -> None:
    """On both transports together; a bad form and a repeat count for nothing."""
    with server(data_dir, **{**ENVIRON, **LIMIT}) as running:
        rest, rpc = RestClient(running.rest), GrpcClient(running.grpc)

        def submit(api: ApiClient, number: int, **changed: object) -> Reply:
            headers = {"x_forwarded_for": f"203.0.113.{number}"}
            return api.call("SubmitAccessRequest", request_form(**changed), **headers)

        for number in range(5):
            assert submit(rest, number, requestedScopes=["no:scope"]).reason == "SCOPE_UNKNOWN"
        ok(submit(rest, 1, contactEmail="maya@northline.example"))
        ok(submit(rpc, 2, contactEmail="Maya@Northline.example"))
        ok(submit(rest, 3, contactEmail="maya@northline.example"))
        for api in (rest, rpc):
            refused = submit(api, 4, contactEmail="MAYA@northline.example")
            assert (refused.code, refused.reason) == ("rate_limited", "CONTACT_RATE_LIMITED")
            assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
            ok(submit(api, 5, contactEmail=f"{api.name}@northline.example"))
            api.close()
