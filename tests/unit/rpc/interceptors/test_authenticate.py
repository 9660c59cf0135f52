"""Who calls: found out before anything else, and once more for a call that is open."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from tests.harness.call import NOW, UNREAD, Directory, End, call, new_key
from tests.harness.credentials import TAGS, made_up

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import (
    AddressNotAllowed,
    CredentialsAmbiguous,
    CredentialsMalformed,
    CredentialsMissing,
    KeyRevoked,
    KeyRotated,
    KeyTypeNotAllowed,
    KeyUnknown,
    OperatorUnknown,
    PeerRateLimited,
    ScopeNotGranted,
)
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.principal import ANONYMOUS, Cidrs, KeyPrincipal
from xaigh_server.identity.rate_limit.model import MemoryLimiter, Tier, Window
from xaigh_server.rpc.interceptors.authenticate import Authenticate
from xaigh_server.rpc.reauthorization import Reauthorize

THREE = Tier(name="bad", windows=(Window(name="minute", calls=3, seconds=60),))
_random = Random(5)


class Time:
    """Seconds that pass when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def seconds() -> Time:
    return Time()


@pytest.fixture
def link(directory: Directory, seconds: Time) -> Authenticate:
    limiter = MemoryLimiter(seconds)
    return Authenticate(directory, limiter=limiter, clock=lambda: NOW, bad_credentials=THREE)


async def test_a_key_is_found_and_its_environment_with_it(link: Authenticate, directory: Directory):
    """The environment follows from the key, on business methods alone."""
    key = directory.add_key("jobs:read", environment=Environment.PRODUCTION)
    made = call("GetJob", key=key)
    assert await link(End(), UNREAD, made) == "answered"
    assert isinstance(made.principal, KeyPrincipal) and made.environment == "production"
    about_itself = call("WhoAmI", key=key)
    await link(End(), UNREAD, about_itself)
    assert about_itself.environment == ""


async def test_a_hot_key_costs_no_look_up(link: Authenticate, directory: Directory):
    """The second call is answered from memory."""
    key = directory.add_key("jobs:read")
    for _ in range(3):
        await link(End(), UNREAD, call(key=key))
    assert directory.looked_up == 1


async def test_an_operator_calls_without_an_environment(link: Authenticate, directory: Directory):
    """Its request says which one is meant."""
    made = call("ListOrganizationJobs", key=directory.add_operator("support:read"))
    await link(End(), UNREAD, made)
    assert made.environment == ""


REFUSED = [
    ({}, CredentialsMissing),
    ({"authorization": "Basic abc"}, CredentialsMalformed),
    ({"authorization": ""}, CredentialsMalformed),
    ({"authorization": f"Bearer {new_key().text}'"}, CredentialsMalformed),
    ({"authorization": f'Bearer "{new_key().text}"'}, CredentialsMalformed),
    ({"key": "test_sk_" + "0" * 48}, KeyUnknown),
    ({"key": new_key().text}, KeyUnknown),
    ({"key": "xop_" + "0" * 48}, OperatorUnknown),
    ({"cookie": f"key={new_key().text}"}, CredentialsAmbiguous),
]


@pytest.mark.parametrize(("headers", "error"), REFUSED)
async def test_what_is_no_credential_runs_nothing(link: Authenticate, headers, error):
    """Each has its own meaning, all of them are 401."""
    end = End()
    with pytest.raises(error):
        await link(end, UNREAD, call(**headers))
    assert not end.ran


async def test_an_address_outside_of_the_list_is_refused(link: Authenticate, directory: Directory):
    """The key is known, so the refusal knows whose it is."""
    key = directory.add_key("jobs:read", cidrs=Cidrs.parse(["198.51.100.0/24"]))
    made = call(key=key)
    with pytest.raises(AddressNotAllowed):
        await link(End(), UNREAD, made)
    assert isinstance(made.principal, KeyPrincipal)
    inside = replace(call(key=key), peer="198.51.100.9")
    assert await link(End(), UNREAD, inside) == "answered"


async def test_a_key_in_its_grace_is_told_its_end(link: Authenticate, directory: Directory):
    """`Deprecation` as RFC 9745 writes it, `Sunset` as RFC 8594 does."""
    key = directory.add_key("jobs:read", deprecated_at=NOW, sunset_at=NOW + timedelta(hours=1))
    made = call(key=key)
    await link(End(), UNREAD, made)
    assert made.reply_metadata == [
        ("deprecation", "@1772366400"),
        ("sunset", "Sun, 01 Mar 2026 13:00:00 GMT"),
    ]


# --- public methods ---------------------------------------------------------------------------


async def test_a_public_method_takes_anybody(link: Authenticate, directory: Directory):
    """Also with a credential that is wrong; one that is right is known to the browser rule."""
    several: list[dict[str, Any]] = [{}, {"key": new_key().text}, {"authorization": "Basic x"}]
    for headers in several:
        made = call("SubmitAccessRequest", **headers)
        assert await link(End(), UNREAD, made) == "answered"
        assert made.principal is ANONYMOUS
    made = call("SubmitAccessRequest", key=directory.add_key("jobs:read"))
    await link(End(), UNREAD, made)
    assert isinstance(made.principal, KeyPrincipal)


# --- guesses ----------------------------------------------------------------------------------


async def guess(link: Authenticate, times: int) -> None:
    """Spends what an address may guess, by keys and operator credentials in turn."""
    for number in range(times):
        operator = keys.mint_operator(_random.randbytes, made_up)
        with pytest.raises((KeyUnknown, OperatorUnknown, PeerRateLimited)):
            await link(End(), UNREAD, call(key=(operator if number % 2 else new_key()).text))


async def test_guesses_are_limited_and_cost_no_look_up(
    link: Authenticate, directory: Directory, seconds: Time
):
    """After the third the address hears the limit until the window ends."""
    for _ in range(3):
        with pytest.raises(KeyUnknown):
            await link(End(), UNREAD, call(key=new_key().text))
    for _ in range(5):
        with pytest.raises(PeerRateLimited) as refused:
            await link(End(), UNREAD, call(key=new_key().text))
    assert refused.value.retry_after == 60 and directory.looked_up == 0
    seconds.now = 61
    with pytest.raises(KeyUnknown):
        await link(End(), UNREAD, call(key=new_key().text))


async def test_a_good_credential_never_waits_behind_guesses(
    link: Authenticate, directory: Directory
):
    """One that was never seen, one that is cached, and one that a revocation made cold."""
    await guess(link, 5)
    key, operator = directory.add_key("jobs:read"), directory.add_operator("support:read")
    for _ in range(2):
        assert await link(End(), UNREAD, call(key=key)) == "answered"
        assert await link(End(), UNREAD, call("ListOrganizationJobs", key=operator)) == "answered"
        await guess(link, 5)
        directory.hot.clear()
    assert directory.looked_up == 4


async def test_an_ended_key_is_limited_by_itself(link: Authenticate, directory: Directory):
    """Its successor calls from the same address; elsewhere the old key hears its reason."""
    old = directory.add_key("jobs:read")
    directory.end(old, KeyRotated())
    for _ in range(3):
        with pytest.raises(KeyRotated):
            await link(End(), UNREAD, call(key=old))
    with pytest.raises(PeerRateLimited):
        await link(End(), UNREAD, call(key=old))
    assert directory.looked_up == 3
    with pytest.raises(KeyRotated):
        await link(End(), UNREAD, replace(call(key=old), peer="192.0.2.8"))
    new = directory.add_key("jobs:read")
    assert await link(End(), UNREAD, call(key=new)) == "answered"


async def test_a_key_that_no_row_has_is_limited_by_itself(link: Authenticate, directory: Directory):
    """It was issued once, so its tag is right: a database was restored from before."""
    lost = new_key(make_tag=TAGS.make).text
    for _ in range(3):
        with pytest.raises(KeyUnknown):
            await link(End(), UNREAD, call(key=lost))
    with pytest.raises(PeerRateLimited):
        await link(End(), UNREAD, call(key=lost))
    assert directory.looked_up == 3
    with pytest.raises(KeyUnknown):
        await link(End(), UNREAD, call(key=new_key().text))


async def test_malformed_credentials_count_as_guesses(link: Authenticate, directory: Directory):
    """Of whatever kind they are, the address is slowed down."""
    for header in ("Bearer nonsense", "Basic abc", f"Bearer {new_key().text}'"):
        with pytest.raises(CredentialsMalformed):
            await link(End(), UNREAD, call(authorization=header))
    for header in ("Bearer nonsense", f"Bearer {new_key().text}"):
        with pytest.raises(PeerRateLimited):
            await link(End(), UNREAD, call(authorization=header))
    new = directory.add_key("jobs:read")
    assert await link(End(), UNREAD, call(key=new)) == "answered"


async def test_calls_without_a_credential_are_no_guesses(link: Authenticate):
    """Asking for the challenge is what the protocol wants."""
    for _ in range(9):
        with pytest.raises(CredentialsMissing):
            await link(End(), UNREAD, call())


# --- open calls -------------------------------------------------------------------------------


async def test_the_epoch_of_the_look_up_goes_with_the_call(
    link: Authenticate, directory: Directory
):
    """It is what a unit compares; a public method needs no rights, so it has none."""
    key = directory.add_key("jobs:read")
    directory.epoch = 7
    made = call("GetJob", key=key)
    await link(End(), UNREAD, made)
    assert made.epoch == 7
    open_to_all = call("SubmitAccessRequest", key=key)
    await link(End(), UNREAD, open_to_all)
    assert open_to_all.epoch == -1


async def test_an_open_call_is_authorized_by_what_holds_now(
    link: Authenticate, directory: Directory
):
    """Principal and epoch are those of the newest grant."""
    key = directory.add_key("jobs:read", "jobs:write")
    made = call("GetJob", key=key)
    await link(End(), UNREAD, made)
    before = made.principal
    assert isinstance(before, KeyPrincipal)
    directory.epoch = 2
    directory.principals[key] = replace(before, scopes=frozenset({"jobs:read"}))
    await Reauthorize(link)(made)
    assert isinstance(made.principal, KeyPrincipal)
    assert made.principal.scopes == {"jobs:read"} and made.epoch == 2


async def test_an_open_call_that_lost_a_right_keeps_its_old_epoch(
    link: Authenticate, directory: Directory
):
    """So that a unit that runs beside the refusal finds its rights moved."""
    cidrs = Cidrs.parse(["198.51.100.0/24"])
    key = directory.add_key("jobs:read")
    made = call("GetJob", key=key)
    await link(End(), UNREAD, made)
    before = made.principal
    assert isinstance(before, KeyPrincipal)
    lost = [
        (replace(before, scopes=frozenset()), ScopeNotGranted),
        (replace(before, cidrs=cidrs), AddressNotAllowed),
        (replace(before, key_type=KeyType.PUBLISHABLE), KeyTypeNotAllowed),
    ]
    directory.epoch = 2
    for now, error in lost:
        directory.principals[key] = now
        with pytest.raises(error):
            await Reauthorize(link)(made)
        assert (made.principal, made.epoch) == (before, 1)


async def test_the_end_of_an_open_calls_key_is_no_guess(link: Authenticate, directory: Directory):
    """The peer isn't slowed down for a credential that was good when the call began."""
    key = directory.add_key("jobs:read")
    made = call("GetJob", key=key)
    await link(End(), UNREAD, made)
    directory.end(key, KeyRevoked())
    for _ in range(5):
        with pytest.raises(KeyRevoked):
            await Reauthorize(link)(made)
    cold = directory.add_key("jobs:read")
    assert await link(End(), UNREAD, call(key=cold)) == "answered"
