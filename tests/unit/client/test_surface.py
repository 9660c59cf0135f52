"""The generated client covers the API."""

from __future__ import annotations

import inspect

import pytest
from google.protobuf.descriptor import MethodDescriptor

from xaigh.access.v1 import access_request_service_pb2, grant_service_pb2, proposal_service_pb2
from xaigh.applications.v1 import applications_service_pb2
from xaigh.ats.v1 import ats_sync_service_pb2
from xaigh.audit.v1 import audit_service_pb2
from xaigh.employers.v1 import approval_policies_service_pb2, employers_service_pb2
from xaigh.jobs.v1 import jobs_service_pb2
from xaigh.keys.v1 import (
    key_admin_service_pb2,
    scopes_service_pb2,
    self_service_pb2,
    usage_service_pb2,
)
from xaigh.operations.v1 import operations_service_pb2
from xaigh.organizations.v1 import organization_service_pb2
from xaigh.rehearsals.v1 import rehearsal_service_pb2
from xaigh.request_log.v1 import request_log_service_pb2
from xaigh.sdk.services import DESCRIPTORS, AsyncServices, Services
from xaigh.support.v1 import support_service_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2
from xaigh_client import methods, types

FILES = (
    access_request_service_pb2,
    applications_service_pb2,
    approval_policies_service_pb2,
    audit_service_pb2,
    employers_service_pb2,
    grant_service_pb2,
    organization_service_pb2,
    ats_sync_service_pb2,
    jobs_service_pb2,
    key_admin_service_pb2,
    operations_service_pb2,
    proposal_service_pb2,
    rehearsal_service_pb2,
    request_log_service_pb2,
    scopes_service_pb2,
    self_service_pb2,
    support_service_pb2,
    usage_service_pb2,
    webhooks_service_pb2,
)
METHODS = [
    method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]


def _groups(services: object) -> dict[str, dict[str, inspect.Signature]]:
    return {
        name: {
            method: inspect.signature(function)
            for method, function in inspect.getmembers(group, inspect.ismethod)
            if not method.startswith("_")
        }
        for name, group in vars(services).items()
    }


def test_every_rpc_has_a_method() -> None:
    """Nothing of the API is out of reach."""
    groups = _groups(Services(None))  # type: ignore[arg-type]  # Nothing is called.
    assert sum(map(len, groups.values())) == len(METHODS)


def test_both_clients_take_the_same_arguments() -> None:
    """The two differ in waiting, and in nothing else."""
    plain = _groups(Services(None))  # type: ignore[arg-type]  # Nothing is called.
    later = _groups(AsyncServices(None))  # type: ignore[arg-type]  # Nothing is called.
    assert plain.keys() == later.keys()
    for group, found in plain.items():
        assert found.keys() == later[group].keys()
        for name, signature in found.items():
            assert signature.parameters.keys() == later[group][name].parameters.keys()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: str(method.name))
def test_every_argument_is_documented(method: MethodDescriptor) -> None:
    """The comments of the protos are the documentation of the client."""
    (attribute,) = (name for name, each in DESCRIPTORS.items() if method in each.methods)
    group = vars(Services(None))[attribute]  # type: ignore[arg-type]  # As above.
    (function,) = (
        function
        for name, function in inspect.getmembers(group, inspect.ismethod)
        if name.replace("_", "") == method.name.lower()
    )
    text = inspect.getdoc(function) or ""
    assert text
    if not method.client_streaming:
        assert all(f"{field.name}: " in text for field in method.input_type.fields)


def test_a_write_is_safe_to_repeat_or_takes_a_key() -> None:
    """VerifyKey is neither, since it spends a unit of a limit, nor is the stream that hands out
    applications: a repeat would get others."""
    facts = [methods.of(method) for method in METHODS]
    unsafe = [fact.path for fact in facts if not (fact.repeatable or fact.keyed)]
    assert unsafe == [
        "/xaigh.applications.v1.ApplicationsService/ReceiveApplications",
        "/xaigh.keys.v1.KeyAdminService/VerifyKey",
    ]


def test_messages_are_at_hand_by_name() -> None:
    """`types` has every message that a caller may want to build."""
    assert types.Pay(currency="GBP").currency == "GBP"
    assert "Job" in types.__all__
