"""Every error reason of the API is raised by a call, and a test shows it.

The table names one test for each value of `ErrorReason`: the file below tests/, and the function
(`Class.function` for one in a class).
"""

import ast
import importlib
import pkgutil
from functools import cache
from pathlib import Path

import pytest

import xaigh_server
from xaigh.errors.v1.error_reason_pb2 import ErrorReason
from xaigh_server.errors import DomainError

TESTS = Path(__file__).parent.parent
RAISED = {
    "ADDRESS_NOT_ALLOWED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ALLOWANCE_SPENT": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ALREADY_EXISTS": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "APPLICATIONS_NOT_ACCEPTED": (
        "contract/applications/test_applications.py",
        "TestRefusing.test_a_direct_job",
    ),
    "APPLICATION_ERASED": (
        "contract/applications/test_applications.py",
        "TestDeciding.test_erased_data_is_gone",
    ),
    "ATTEMPT_SETTLED": (
        "contract/applications/test_applications.py",
        "TestAgent.test_the_agent_gets_it_once_and_reports",
    ),
    "ATS_INGEST_REQUIRED": (
        "unit/ats/test_sync_safety.py",
        "test_14_direct_writes_of_the_clients_fields_are_refused_whole",
    ),
    "BATCH_CONFLICT": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "BATCH_TOO_LARGE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "BODY_MALFORMED": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "CALLBACK_FORBIDDEN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "CANCELLED": (
        "unit/rpc/test_rest_errors.py",
        "test_a_call_that_the_gateway_ends_has_the_reason_of_its_code",
    ),
    "CLOSE_COUNT_MISMATCH": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "CLOSE_NOT_PENDING": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "DRIFT_FIELDS_MISMATCH": (
        "contract/ats/test_drift_guard.py",
        "test_a_feed_that_really_dropped_its_pay_is_confirmed",
    ),
    "DRIFT_NOT_PENDING": ("contract/ats/test_drift_guard.py", "test_a_hold_lapses_after_a_day"),
    "CONCURRENT_UPDATE": (
        "acceptance/test_races.py",
        "test_of_many_rotations_one_replaces_the_key",
    ),
    "CONTACT_RATE_LIMITED": (
        "acceptance/attacks/test_contacts.py",
        "test_one_contact_is_limited_over_all_addresses",
    ),
    "CREDENTIALS_AMBIGUOUS": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "CREDENTIALS_MALFORMED": (
        "unit/test_app.py",
        "test_a_call_is_refused_by_the_first_rule_that_it_breaks",
    ),
    "CREDENTIALS_MISSING": (
        "unit/test_app.py",
        "test_a_call_is_refused_by_the_first_rule_that_it_breaks",
    ),
    "CREDENTIAL_IN_FIELD": (
        "unit/rpc/interceptors/test_validate.py",
        "test_a_credential_is_refused_in_every_text_of_every_method",
    ),
    "CREDENTIAL_KIND_REFUSED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "DEADLINE_EXCEEDED": (
        "unit/rpc/test_rest_errors.py",
        "test_a_call_that_the_gateway_ends_has_the_reason_of_its_code",
    ),
    "ENDPOINT_HELD": (
        "unit/webhooks/test_service.py",
        "TestCreation.test_what_an_operator_disabled_only_an_operator_enables",
    ),
    "ADDRESS_CALLS_SPENT": (
        "acceptance/attacks/test_shares.py",
        "test_an_address_has_so_many_calls_open",
    ),
    "KEY_STREAMS_SPENT": (
        "acceptance/attacks/test_shares.py",
        "test_a_key_has_so_many_streams_open",
    ),
    "DRILL_NOT_SEEN": (
        "acceptance/test_rehearsals.py",
        "test_a_drill_is_recorded_once_the_server_saw_it",
    ),
    "DRILL_SANDBOX_ONLY": ("acceptance/test_rehearsals.py", "test_only_keys_of_the_sandbox"),
    "RETIRE_SANDBOX_ONLY": (
        "acceptance/test_rehearsals.py",
        "test_an_integration_of_production_isnt_retired_by_its_key",
    ),
    "STREAMS_SPENT": (
        "unit/rpc/interceptors/test_open_calls.py",
        "test_a_process_has_so_many_streams_of_all_callers",
    ),
    "PEER_STORAGE_SPENT": (
        "acceptance/attacks/test_stored_bytes.py",
        "test_submits_and_amendments_of_one_address_are_bounded",
    ),
    "TICKET_FULL": (
        "acceptance/attacks/test_stored_bytes.py",
        "test_one_ticket_is_bounded_whoever_sends",
    ),
    "JOB_NOT_HELD": (
        "contract/support/test_service.py",
        "test_a_held_job_is_closed_until_it_is_released",
    ),
    "ENDPOINT_DISABLED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ETAG_MISMATCH": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "FIELD_INVALID": (
        "unit/test_app.py",
        "test_a_call_is_refused_by_the_first_rule_that_it_breaks",
    ),
    "FIELD_UNKNOWN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "GRANT_EXCEEDED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "GRANT_EXPIRED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "GRANT_INACTIVE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "GRANT_REVOKED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "HEADER_INVALID": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "HEADER_TOO_LARGE": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "HTTP_MALFORMED": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "IDEMPOTENCY_KEY_INVALID": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "IDEMPOTENCY_KEY_MISSING": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "IDEMPOTENCY_KEY_REUSED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ILLEGAL_TRANSITION": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "INTEGRATION_AMBIGUOUS": (
        "unit/ats/test_engine.py",
        "TestFinding.test_the_integration_of_a_batch",
    ),
    "INTEGRATION_INACTIVE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "INTERNAL": (
        "unit/rpc/interceptors/test_errors.py",
        "test_what_nobody_typed_is_internal_and_tells_nothing",
    ),
    "JOB_CLOSED": ("unit/jobs/test_service.py", "TestClosing.test_a_closed_job_is_closed_for_good"),
    "KEY_EXPIRED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "KEY_INACTIVE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "KEY_REVOKED": (
        "contract/keys/test_verification.py",
        "test_what_is_wrong_with_the_key_is_an_answer",
    ),
    "KEY_ROTATED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "KEY_ROTATION_OPEN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "KEY_TYPE_NOT_ALLOWED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "KEY_UNKNOWN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "LENGTH_REQUIRED": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "METHOD_NOT_ALLOWED": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "NOT_ACCEPTABLE": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "NOT_FOUND": ("unit/ats/test_engine.py", "TestFinding.test_the_integration_of_a_batch"),
    "OPERATOR_EXPIRED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "OPERATOR_REVOKED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "OPERATOR_UNKNOWN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ORGANIZATION_INACTIVE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "ORIGIN_NOT_ALLOWED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "PAGE_TOKEN_INVALID": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "PATH_INVALID": ("unit/rpc/test_rest_errors.py", "test_a_malformed_path_says_so"),
    "PAYLOAD_TOO_LARGE": ("unit/rpc/test_grpc_source.py", "test_a_message_has_a_largest_size"),
    "PEER_RATE_LIMITED": ("unit/test_app.py", "test_a_public_call_over_its_limit_is_not_read"),
    "PEER_REQUIRED": ("contract/keys/test_verification.py", "test_peers_and_pages"),
    "PROPOSAL_CLOSED": ("unit/access/test_review.py", "test_what_is_closed_is_not_confirmed"),
    "PROPOSAL_OPEN": (
        "unit/access/test_review.py",
        "test_an_open_proposal_refuses_another_approval",
    ),
    "POSTING_NOT_PENDING": (
        "contract/employers/test_service.py",
        "TestApproval.test_only_what_waits_is_decided",
    ),
    "POSTING_SELF_APPROVAL": (
        "contract/employers/test_service.py",
        "TestApproval.test_a_key_never_approves_what_it_posted",
    ),
    "PROVIDER_MISMATCH": ("unit/ats/test_engine.py", "TestFinding.test_the_integration_of_a_batch"),
    "QUERY_INVALID": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "QUOTA_EXCEEDED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "RATE_LIMITED": (
        "unit/rpc/interceptors/test_rate_limit.py",
        "test_a_limit_is_exact_under_parallel_calls",
    ),
    "REASON_REQUIRED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "REQUEST_EXCEEDED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "REQUEST_TIMEOUT": (
        "unit/rpc/test_grpc_source.py",
        "test_a_message_that_never_ends_is_refused_in_time",
    ),
    "REVIEW_INCOMPLETE": ("unit/access/test_review.py", "test_a_missing_finding_is_named"),
    "DOMAIN_UNPROVABLE": (
        "unit/access/test_ownership.py",
        "TestDomain.test_a_domain_that_identifies_nobody",
    ),
    "DOMAIN_UNPROVEN": ("unit/access/test_ownership.py", "TestDomain.test_what_proves_nothing"),
    "CALLBACK_UNPROVEN": (
        "unit/access/test_ownership.py",
        "TestCallback.test_an_answer_without_the_value_proves_nothing",
    ),
    "PROOF_RATE_LIMITED": (
        "unit/access/test_ownership.py",
        "TestWhoMayProve.test_attempts_are_limited",
    ),
    "ROLLBACK_RELEASING": (
        "contract/keys/test_rollbacks.py",
        "test_nothing_is_held_while_holds_are_released",
    ),
    "ROUTE_NOT_FOUND": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "RUN_CLOSED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "RUN_IN_PROGRESS": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "RUN_OUTDATED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "RUN_SUPERSEDED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "SCOPE_NOT_GRANTED": (
        "unit/test_app.py",
        "test_a_call_is_refused_by_the_first_rule_that_it_breaks",
    ),
    "SCOPE_NOT_MINTABLE": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "SCOPE_UNKNOWN": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "SECOND_OPERATOR_REQUIRED": ("unit/test_reasons.py", "test_every_reason_has_its_test"),
    "SECRET_KEY_IN_BROWSER": (
        "unit/test_app.py",
        "test_a_call_is_refused_by_the_first_rule_that_it_breaks",
    ),
    "SHUTTING_DOWN": (
        "unit/rpc/test_rest_errors.py",
        "test_a_call_that_the_gateway_ends_has_the_reason_of_its_code",
    ),
    "SUSPENDED": (
        "contract/keys/test_credential_cache.py",
        "test_what_ends_above_a_key_ends_the_key",
    ),
    "UNAVAILABLE": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "UNIMPLEMENTED": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "UNSUPPORTED_MEDIA_TYPE": ("unit/rpc/test_rest_errors.py", "test_refusals_of_the_http_layer"),
    "VALUE_OUT_OF_RANGE": (
        "unit/webhooks/test_recovery.py",
        "test_what_is_kept_no_longer_is_refused_with_the_earliest_time",
    ),
}


def test_every_reason_has_its_test() -> None:
    """A new value of the enum comes with a test that raises it, or the value goes."""
    assert {*RAISED, "ERROR_REASON_UNSPECIFIED"} == set(ErrorReason.keys())


@pytest.mark.parametrize("reason", sorted(RAISED))
def test_the_test_of_a_reason_exists_and_names_it(reason: str) -> None:
    """By the reason itself, or by the class of the error that carries it."""
    path, name = RAISED[reason]
    source = source_of(path, name)
    assert any(word in source for word in (f'"{reason}"', *classes().get(reason, ()))), source


@cache
def classes() -> dict[str, set[str]]:
    """The names of the error classes by their reason."""
    for module in pkgutil.walk_packages(xaigh_server.__path__, "xaigh_server."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        each = waiting.pop()
        if each is not DomainError and "reason" in vars(each):
            found.setdefault(each.reason, set()).add(each.__name__)
        waiting += each.__subclasses__()
    return found


def source_of(path: str, name: str) -> str:
    """A test's source, with its decorators and the constants of its file that it uses."""
    text = (TESTS / path).read_text()
    body = ast.parse(text).body
    test: ast.AST = ast.Module(body, [])
    for part in name.split("."):
        held = [each for each in getattr(test, "body", ()) if getattr(each, "name", "") == part]
        assert len(held) == 1, f"{path} has no test {name}"
        (test,) = held
    assert name.rpartition(".")[2].startswith("test_")
    assert isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef)
    used = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
    constants = [
        each
        for each in body
        if isinstance(each, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id in used for to in each.targets)
    ]
    parts = [*test.decorator_list, test, *constants]
    return "\n".join(ast.get_source_segment(text, each) or "" for each in parts)
