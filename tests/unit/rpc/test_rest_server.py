"""The HTTP server's options that the protos declare."""

from tests.harness.business_services import METHODS

from xaigh_server.rpc.rest_server import detached_fields


def test_the_protos_declare_the_detached_fields() -> None:
    """By the field option `detached`: the records of a batch, and no other field."""
    methods = {method.path: method for method in METHODS.values()}
    assert detached_fields(methods) == {"xaigh.ats.v1.SyncJobsRequest.jobs"}
