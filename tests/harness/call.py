"""Calls, callers, a directory of credentials and an end of the chain, for tests of interceptors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from google.protobuf.message import Message
from tests.harness.credentials import TAGS, made_up
from tests.harness.method_names import by_short_name

from xaigh_server.identity import key_format as keys
from xaigh_server.identity.credentials import Credential, parse_credential
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import KeyUnknown, OperatorUnknown, Unauthenticated
from xaigh_server.identity.key_format import KeyType, PresentedKey
from xaigh_server.identity.principal import GrantFacts, KeyPrincipal, OperatorPrincipal, Verified
from xaigh_server.identity.scopes import Role
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.method import Method
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.services import SERVICES

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
METHODS = read_methods(SERVICES)
BY_NAME = by_short_name(METHODS.items())
ORIGIN = "https://shop.example"
_random = Random(11)


def method(name: str, **rule: Any) -> Method:
    """A method of the surface, with members of its rule changed."""
    found = BY_NAME[name]
    return replace(found, rule=replace(found.rule, **rule)) if rule else found


def call(name: str = "GetJob", *, of: Method | None = None, **headers: str) -> Call:
    """A call with these headers; `key=` is a bearer credential."""
    metadata = [(each.replace("_", "-"), value) for each, value in headers.items() if each != "key"]
    if "key" in headers:
        metadata.append(("authorization", f"Bearer {headers['key']}"))
    return Call(
        method=of or BY_NAME[name],
        transport="grpc",
        metadata=tuple(metadata),
        peer="192.0.2.7",
        received=NOW,
    )


def new_key(
    *,
    kind: KeyType = KeyType.SECRET,
    environment: Environment = Environment.SANDBOX,
    make_tag: keys.MakeTag = made_up,
) -> PresentedKey:
    """A key of the right form that nobody knows; `TAGS.make` makes it one that was issued."""
    return keys.mint(environment, kind, _random.randbytes, make_tag)


class Directory:
    """Knows the credentials that it was told of; counts the look-ups."""

    def __init__(self) -> None:
        self.principals: dict[str, KeyPrincipal | OperatorPrincipal] = {}
        self.epoch = 1
        self.refusals: dict[str, Unauthenticated] = {}
        self.hot: set[str] = set()
        self.looked_up = 0

    def add_key(self, *scopes: str, kind: KeyType = KeyType.SECRET, **facts: Any) -> str:
        """A key with these scopes; returns its text."""
        environment = facts.pop("environment", Environment.SANDBOX)
        presented = new_key(kind=kind, environment=environment, make_tag=TAGS.make)
        grant = GrantFacts(
            id="grt_1",
            revision=1,
            scopes=frozenset(scopes),
            employer_ids=frozenset({"emp_1"}),
            tier=facts.pop("tier", "standard"),
        )
        self.principals[presented.text] = KeyPrincipal(
            key_id=presented.id,
            key_type=kind,
            environment=presented.environment,
            organization_id="org_1",
            name="test",
            scopes=frozenset(scopes),
            grant=grant,
            origins=frozenset({ORIGIN}) if kind is KeyType.PUBLISHABLE else frozenset(),
            **facts,
        )
        return presented.text

    def add_operator(self, *scopes: str, role: Role = Role.FOUNDER) -> str:
        """An operator with these scopes; returns the credential."""
        presented = keys.mint_operator(_random.randbytes, TAGS.make)
        self.principals[presented.text] = OperatorPrincipal(
            operator_id="opr_1",
            credential_id=presented.id,
            name="maya",
            person="maya",
            role=role,
            scopes=frozenset(scopes),
        )
        return presented.text

    def end(self, text: str, refusal: Unauthenticated) -> None:
        """From now on the credential is refused."""
        self.hot.discard(text)
        self.refusals[text] = refusal

    async def cached(self, text: str) -> Verified | None:
        return self._verified(text) if text in self.hot else None

    def parse(self, text: str) -> Credential:
        return parse_credential(text, TAGS)

    async def look_up(self, credential: Credential) -> Verified:
        self.looked_up += 1
        if credential.text in self.refusals:
            raise self.refusals[credential.text]
        found = self.principals.get(credential.text)
        if found is None:
            raise KeyUnknown if isinstance(credential, PresentedKey) else OperatorUnknown
        self.hot.add(credential.text)
        return self._verified(credential.text)

    def lease_left(self, found: Verified) -> float:
        return 0.0

    def _verified(self, text: str) -> Verified:
        return Verified(principal=self.principals[text], epoch=self.epoch)


def principal(*scopes: str, **facts: Any) -> KeyPrincipal:
    """A key's principal."""
    directory = Directory()
    found = directory.principals[directory.add_key(*scopes, **facts)]
    assert isinstance(found, KeyPrincipal)
    return found


class End:
    """The end of a chain: notes what came, and answers."""

    def __init__(self, answer: Callable[[], Any] = lambda: "answered") -> None:
        self._answer = answer
        self.requests: list[Any] = []

    async def __call__(self, request: Any, call: Call) -> Any:
        self.requests.append(request)
        return self._answer()

    @property
    def ran(self) -> bool:
        return bool(self.requests)


class Source:
    """A request that comes as messages; counts how often it was read."""

    def __init__(self, *messages: Message) -> None:
        self._messages = messages
        self.reads = 0
        self.arriving = False

    async def message(self) -> Message:
        self.reads += 1
        return self._messages[0]

    async def messages(self) -> AsyncIterator[Message]:
        for message in self._messages:
            self.reads += 1
            yield message


UNREAD = Source()
"""The request of a call whose interceptor doesn't read it."""


async def replies(*items: Any) -> AsyncIterator[Any]:
    """A stream of these; an exception among them is raised in its place."""
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item
