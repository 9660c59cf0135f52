"""RevokeKey in a fleet of two, whatever the other server does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance.conftest import ENVIRON
from tests.harness.fleet_revocation import (
    STATES,
    RevocationFleet,
    RevocationOutcome,
    revocation_fleet,
)

TRIES = 3  # of each transport


@pytest.fixture(scope="module")
def fleet(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RevocationFleet]:
    """Two servers, with keys for all tries."""
    keys, folder = TRIES * 2 * len(STATES), tmp_path_factory.mktemp("fleet")
    with revocation_fleet(postgres_server, folder, keys=keys, **ENVIRON) as made:
        yield made


@pytest.mark.parametrize("state", STATES)
def test_a_revocation_is_complete_before_its_reply(fleet: RevocationFleet, state: str) -> None:
    """No call that was sent afterwards is served, by either server; the reply waits for nobody.

    The bar is 0.35 s; of several tries on a busy machine, one meets it.
    """
    found: list[RevocationOutcome] = [
        fleet.revoke(transport, state) for transport in ("REST", "gRPC") for _ in range(TRIES)
    ]
    assert [each.served for each in found] == [0] * len(found)
    assert min(each.seconds for each in found) <= 0.35, found
