"""How names in the protos become names in Python."""

import re

# Where the mechanical name of a service would read badly on the client.
_ATTRIBUTES = {
    "AccessRequestService": "access_requests",
    "AtsSyncService": "ats",
    "GrantService": "grants",
    "KeyAdminService": "keys",
    "OrganizationService": "organizations",
    "ProposalService": "proposals",
    "SelfService": "me",
}
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """`PostJob` is `post_job`, `WhoAmI` is `who_am_i`."""
    return _WORD_START.sub("_", name).lower()


def attribute_of(service: str) -> str:
    """The client's attribute for a service: `JobsService` is `jobs`."""
    return _ATTRIBUTES.get(service) or snake(service.removesuffix("Service"))


def module_of(file: str) -> str:
    """The module of a proto: `xaigh/jobs/v1/job.proto` is `xaigh.jobs.v1.job_pb2`."""
    return file.removesuffix(".proto").replace("/", ".").replace("-", "_") + "_pb2"
