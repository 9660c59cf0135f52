"""Refusals."""

import importlib
import pkgutil

import pytest

import xaigh_server
from xaigh.errors.v1 import error_reason_pb2
from xaigh_server import errors
from xaigh_server.errors import DomainError, FieldInvalid, FieldViolation


def _classes(base: type[DomainError]) -> set[type[DomainError]]:
    found = {base}
    for each in base.__subclasses__():
        found |= _classes(each)
    return found


def _every_class() -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(xaigh_server.__path__, "xaigh_server."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return sorted(_classes(DomainError), key=lambda each: each.__qualname__)


@pytest.mark.parametrize("error", _every_class(), ids=lambda each: each.__name__)
def test_every_class_owns_a_reason_of_the_enum(error: type[DomainError]) -> None:
    """A refusal can't carry a reason that the protos don't document."""
    values = error_reason_pb2.ErrorReason.keys()
    assert error.reason in values
    assert error.reason != "ERROR_REASON_UNSPECIFIED"


@pytest.mark.parametrize("error", _every_class(), ids=lambda each: each.__name__)
def test_default_messages_are_sentences(error: type[DomainError]) -> None:
    """What a caller reads begins with a capital and ends with a full stop."""
    message = error.default_message
    assert message[0].isupper()
    assert message.endswith(".")


def test_the_message_names_the_first_field_and_counts_the_others() -> None:
    """People who read only the message know where to look."""
    error = FieldInvalid(
        [
            FieldViolation(path="slots", description="must be positive"),
            FieldViolation(path="title", description="must not be empty"),
        ]
    )
    assert error.message == "slots: must be positive (and 1 more)"
    assert [violation.path for violation in error.violations] == ["slots", "title"]


def test_not_found_says_the_same_of_missing_and_foreign_objects() -> None:
    """Nothing but the kind and the id that the caller sent is in it."""
    error = errors.NotFound("job", "job_1")
    assert (error.message, error.metadata) == (
        "No such job.",
        {"resourceType": "job", "resourceId": "job_1"},
    )


def test_metadata_are_the_errors_own() -> None:
    """A caller's mapping isn't shared: changing it later changes no error."""
    metadata = {"a": "1"}
    error = errors.ConcurrentUpdate(metadata=metadata)
    metadata["a"] = "2"
    assert error.metadata == {"a": "1"}
