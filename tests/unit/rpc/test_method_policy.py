"""Access rules are read once, and a bad one stops the start by the method's name."""

from collections.abc import Iterable
from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from tests.harness.call import METHODS

from httprule.asgi import Gateway
from xaigh.options.v1 import options_pb2 as options
from xaigh_server.identity.scopes import Audience
from xaigh_server.rpc.method_policy import PolicyError, read_methods

_TEXT = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
_ONE = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
SCOPE = options.SCOPE_JOBS_READ
GOOD: dict[str, Any] = {
    "scope": SCOPE,
    "database": options.Rule.BUSINESS,
    "risk": options.Rule.LOW,
    "partition": options.Rule.CALLER_ORGANIZATION,
}
_numbers = iter(range(10_000))


def service(
    rule: options.Rule | None,
    *,
    reads: bool = False,
    route: str = "",
    other: str = "",
    members: Iterable[str] = "ab",
) -> ServiceDescriptor:
    """A service with one method `Do`, in a pool of its own; with `other`, a second one there.

    The request and the reply hold a message with these members, and are it as well.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name=f"t{next(_numbers)}.proto",
        package="test.v1",
        syntax="proto3",
        dependency=[options.DESCRIPTOR.name, annotations_pb2.DESCRIPTOR.name],
    )
    nothing = file.message_type.add(name="Nothing")
    for number, name in enumerate(members, start=1):
        nothing.field.add(name=name, number=number, type=_TEXT, label=_ONE)
    inner = nothing.field.add(name="inner", number=99, label=_ONE, type_name=".test.v1.Nothing")
    inner.type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
    made = file.service.add(name="TestService").method.add(
        name="Do", input_type=".test.v1.Nothing", output_type=".test.v1.Nothing"
    )
    if reads:
        made.options.idempotency_level = MethodOptions.NO_SIDE_EFFECTS
    if rule is not None:
        made.options.Extensions[options.rule].CopyFrom(rule)
    if route:
        made.options.Extensions[annotations_pb2.http].get = route  # type: ignore[assignment, index]
    if other:
        second = file.service[0].method.add(
            name="Other", input_type=made.input_type, output_type=made.output_type
        )
        second.options.Extensions[annotations_pb2.http].get = other  # type: ignore[assignment, index]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptor_pb2.FileDescriptorProto.FromString(_plain(descriptor_pb2)))
    for each in (options.DESCRIPTOR, *_needs(annotations_pb2.DESCRIPTOR)):
        pool.Add(descriptor_pb2.FileDescriptorProto.FromString(each.serialized_pb))
    pool.Add(file)
    return pool.FindServiceByName("test.v1.TestService")


def _plain(module: Any) -> bytes:
    serialized: bytes = module.DESCRIPTOR.serialized_pb
    return serialized


def _needs(file: Any) -> list[Any]:
    known = [each for each in file.dependencies if each.name != descriptor_pb2.DESCRIPTOR.name]
    return [*known, file]


def rule(**changed: Any) -> options.Rule:
    """A good rule with some members changed; None takes one out."""
    return options.Rule(**{k: v for k, v in {**GOOD, **changed}.items() if v is not None})


BAD = [
    (None, False, "has no access rule"),
    (rule(scope=None), False, "neither public, self nor scope"),
    (rule(scope=None, public=False), False, "opens the method to nobody"),
    (rule(scope=None, self=False), False, "opens the method to nobody"),
    (rule(scope=options.SCOPE_UNSPECIFIED), False, "scope 0 isn't in the catalogue"),
    (rule(scope=9999), False, "scope 9999 isn't in the catalogue"),
    (rule(database=None), False, "on which database"),
    (rule(risk=None), False, "what a wrong call can cost"),
    (rule(idempotency=options.Rule.OPTIONAL), True, "takes no idempotency key"),
    (rule(scope=None, public=True, publishable=True), False, "only a scope of integrators"),
    (rule(scope=options.SCOPE_KEYS_READ, publishable=True), False, "only a scope of integrators"),
    (rule(scope=options.SCOPE_KEYS_VERIFY, publishable=True), False, "only a scope of integrators"),
    (rule(operators=True), False, "only a method that is `self`"),
]


OPTIONAL = options.Rule.OPTIONAL
CONTROL, WHOLE = options.Rule.CONTROL, options.Rule.WHOLE
BAD_PARTITIONS = [
    (rule(partition=None), False, "in which partition the method writes"),
    (rule(), True, "it writes in no partition"),
    (rule(partition=WHOLE), False, "the control database, and only that"),
    (rule(database=CONTROL), False, "the control database, and only that"),
    (rule(scope=options.SCOPE_ACCESS_REVIEW), False, "only callers that are integrators"),
    (rule(partition=options.Rule.OBJECT_ORGANIZATION), False, "only callers that are integrators"),
]


@pytest.mark.parametrize(("declared", "reads", "said"), BAD_PARTITIONS)
def test_a_write_says_in_which_partition(declared, reads, said):
    """Exactly where a method has side effects, and one that its database and callers have."""
    with pytest.raises(PolicyError, match=said) as refused:
        read_methods([service(declared, reads=reads)])
    assert "test.v1.TestService.Do" in str(refused.value)


def test_the_partition_of_each_method():
    """Control is one; keys write in their organization's, operators in that of the object."""
    found: dict[str, set[str]] = {}
    for each in METHODS.values():
        found.setdefault(each.rule.partition, set()).add(each.full_name.rpartition(".")[2])
    assert found["object"] == {
        "ActivateIntegration",
        "ApplyIntegrationChange",
        "DeactivateIntegration",
        "DisableEndpoint",
        "DiscardIntegrationChange",
        "EnableEndpoint",
        "EraseApplication",
        "HoldJob",
        "ReleaseJob",
        "ResendApplication",
        "SetApprovalPolicy",
        "SettleApplication",
        "SubmitApplication",
        "UpdateOperations",
    }
    assert {"PostJob", "SyncJobs", "SyncFeed", "CreateEndpoint"} <= found["caller"]
    assert {"IssueKey", "RevokeSelf", "SubmitAccessRequest"} <= found["whole"]
    for each in METHODS.values():
        assert each.read_only == (each.rule.partition == "none")


@pytest.mark.parametrize(
    ("scope", "reads"),
    [
        (options.SCOPE_WEBHOOKS_READ, True),  # of keys, as the first one
        (options.SCOPE_APPLICATIONS_READ, False),  # a write belongs to one kind of caller
    ],
)
def test_a_second_scope_is_of_services_and_of_reads(scope, reads):
    """So what a caller is allowed follows from its kind alone."""
    partition = None if reads else options.Rule.CALLER_ORGANIZATION
    declared = rule(or_scope=scope, partition=partition)
    with pytest.raises(PolicyError, match="or_scope"):
        read_methods([service(declared, reads=reads)])


BAD_REPLAYS = [
    (rule(idempotency=OPTIONAL), "`replay` and `idempotency` go together"),
    (rule(replay=options.Rule.CALLER), "`replay` and `idempotency` go together"),
    (
        rule(idempotency=OPTIONAL, replay=options.Rule.STATUS_TOKEN),
        "only public methods go by a status token",
    ),
    (
        rule(
            idempotency=OPTIONAL, replay=options.Rule.EMPLOYERS, scope=options.SCOPE_ACCESS_REVIEW
        ),
        "only keys of integrators are confined to employers",
    ),
]


@pytest.mark.parametrize(("declared", "said"), BAD_REPLAYS)
def test_a_write_says_what_a_replay_proves(declared, said):
    """Exactly where an idempotency key is possible, and nothing that the caller can't prove."""
    with pytest.raises(PolicyError, match=said) as refused:
        read_methods([service(declared)])
    assert "test.v1.TestService.Do" in str(refused.value)


@pytest.mark.parametrize("member", ["employer_user_id", "employer_user_ids", "integration_id"])
def test_a_reply_of_an_employer_is_never_replayed_to_anybody_of_the_organization(member):
    """Its descriptor gives it away, wherever in it the member stands."""
    declared = rule(idempotency=OPTIONAL, replay=options.Rule.CALLER)
    with pytest.raises(PolicyError, match="a replay proves EMPLOYERS"):
        read_methods([service(declared, members=["a", member])])
    declared.replay = options.Rule.EMPLOYERS
    assert read_methods([service(declared, members=["a", member])])


def test_what_a_replay_of_each_method_proves():
    """Every method that takes an idempotency key; all others leave nothing to replay."""
    proven = {
        "employers": {
            "CloseJob",
            "ConfirmClose",
            "ConfirmDrift",
            "CreateIntegration",
            "ApprovePosting",
            "PostJob",
            "ReportApplication",
            "RetireIntegration",
            "ReturnPosting",
            "RotateForwardSecret",
            "SyncJobs",
            "UpdateIntegration",
            "UpdateJob",
        },
        "status_token": {
            "AmendAccessRequest",
            "ProveCallback",
            "ProveDomain",
            "ReplyToReview",
            "WithdrawAccessRequest",
        },
        # Of the organization as a whole, of the operator or service, or of the peer.
        "caller": {
            "ActivateIntegration",
            "ApplyIntegrationChange",
            "ApproveAccessRequest",
            "ConfirmProposal",
            "CreateEndpoint",
            "DeactivateIntegration",
            "DeleteEndpoint",
            "DenyAccessRequest",
            "DiscardProposal",
            "DiscardIntegrationChange",
            "EraseApplication",
            "IssueKey",
            "NarrowGrant",
            "RecoverEndpoint",
            "Redeliver",
            "RecordDrill",
            "ReleaseHolds",
            "RequestInfo",
            "ResendApplication",
            "ResumeOrganization",
            "RevokeGrant",
            "RevokeKey",
            "DisableEndpoint",
            "EnableEndpoint",
            "HoldJob",
            "ReleaseJob",
            "RollbackKey",
            "RotateKey",
            "RotateSecret",
            "SendTest",
            "StartReview",
            "SettleApplication",
            "SubmitAccessRequest",
            "SubmitApplication",
            "SetApprovalPolicy",
            "SimulateGrant",
            "SuspendOrganization",
            "UpdateEndpoint",
            "UpdateOperations",
        },
    }
    found: dict[str, set[str]] = {}
    for method in METHODS.values():
        assert (method.rule.replay == "none") == (method.rule.idempotency == "none")
        if method.rule.replay != "none":
            found.setdefault(method.rule.replay, set()).add(method.full_name.rpartition(".")[2])
    assert found == proven


@pytest.mark.parametrize(("declared", "reads", "said"), BAD)
def test_a_bad_rule_stops_the_start_by_name(declared, reads, said):
    """Authorization fails closed: half a rule is none."""
    with pytest.raises(PolicyError, match=said) as refused:
        read_methods([service(declared, reads=reads)])
    assert "test.v1.TestService.Do" in str(refused.value)


def test_a_good_rule_becomes_a_plain_value():
    """By the method's path on the wire, with everything that the chain asks for."""
    declared = rule(partition=None, publishable=True, secret_reply=True)
    found = read_methods([service(declared, reads=True, route="/v1/things")])
    method = found["/test.v1.TestService/Do"]
    assert method.full_name == "test.v1.TestService.Do"
    assert (method.read_only, method.streaming) == (True, False)
    assert method.routes == ("GET /v1/things",)
    assert method.rule.scope == "jobs:read" and method.rule.audience is Audience.INTEGRATOR
    assert (method.rule.access, method.rule.database, method.rule.risk) == (
        "scope",
        "business",
        "low",
    )
    assert method.rule.publishable and method.rule.secret_reply


def test_every_write_of_the_surface_is_audited_or_writes_nothing_of_a_tenant():
    """Two methods have none in their rule: a question of a service, and the stream to an agent.

    The stream's handler writes an event for each application that it hands out.
    """
    silent = {
        method.full_name.rpartition(".")[2]
        for method in METHODS.values()
        if not method.read_only and not method.rule.audit
    }
    assert silent == {"VerifyKey", "ReceiveApplications"}


def test_routes_that_collide_stop_the_start_by_name():
    """Two methods can't answer one request; both are named."""
    one = service(rule(partition=None), reads=True, route="/v1/things/{a}", other="/v1/things/{b}")
    with pytest.raises(ValueError, match="/v1/things") as refused:
        Gateway([one], backend=None)  # type: ignore[arg-type]  # never called
    assert "TestService/Do" in str(refused.value) and "TestService/Other" in str(refused.value)
