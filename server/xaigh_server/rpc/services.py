"""Registry of the proto services that the server serves."""

from __future__ import annotations

from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor

from xaigh.access.v1 import access_request_service_pb2, grant_service_pb2, proposal_service_pb2
from xaigh.applications.v1 import applications_service_pb2
from xaigh.ats.v1 import ats_sync_service_pb2
from xaigh.audit.v1 import audit_service_pb2
from xaigh.employers.v1 import approval_policies_service_pb2, employers_service_pb2
from xaigh.gating.v1 import envoy_check_service_pb2
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
from xaigh.support.v1 import support_service_pb2
from xaigh.webhooks.v1 import webhooks_service_pb2

FILES: tuple[FileDescriptor, ...] = (
    access_request_service_pb2.DESCRIPTOR,
    proposal_service_pb2.DESCRIPTOR,
    grant_service_pb2.DESCRIPTOR,
    organization_service_pb2.DESCRIPTOR,
    audit_service_pb2.DESCRIPTOR,
    key_admin_service_pb2.DESCRIPTOR,
    self_service_pb2.DESCRIPTOR,
    usage_service_pb2.DESCRIPTOR,
    scopes_service_pb2.DESCRIPTOR,
    jobs_service_pb2.DESCRIPTOR,
    employers_service_pb2.DESCRIPTOR,
    approval_policies_service_pb2.DESCRIPTOR,
    ats_sync_service_pb2.DESCRIPTOR,
    applications_service_pb2.DESCRIPTOR,
    webhooks_service_pb2.DESCRIPTOR,
    request_log_service_pb2.DESCRIPTOR,
    rehearsal_service_pb2.DESCRIPTOR,
    operations_service_pb2.DESCRIPTOR,
    support_service_pb2.DESCRIPTOR,
)
"""The files that hold services, in the order of the documentation."""

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service for file in FILES for service in file.services_by_name.values()
)

ENVOY_CHECK: ServiceDescriptor = envoy_check_service_pb2.DESCRIPTOR.services_by_name[
    "EnvoyCheckService"
]
"""Service for Envoy alone: it has no REST route, so it stands in no document and no SDK."""

GRPC_ALIASES = {
    "/envoy.service.auth.v3.Authorization/Check": f"/{ENVOY_CHECK.full_name}/Check",
}
"""Paths under which a foreign client calls a method of ours, whose rule holds for them."""
