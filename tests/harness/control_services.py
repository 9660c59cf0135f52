"""The services of the control database, called through validation and the unit of work."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from tests.harness.control_rows import CATALOGUE, ISSUER, NOW, RING, randomness
from tests.harness.rights import FixedRights

from xaigh.keys.v1 import key_admin_service_pb2, self_service_pb2, usage_service_pb2
from xaigh_server.db.database import Database
from xaigh_server.identity.credentials import parse_credential
from xaigh_server.identity.epoch import open_epoch
from xaigh_server.identity.operator_admin import OperatorAdmin
from xaigh_server.identity.principal import OperatorPrincipal, Principal
from xaigh_server.identity.rate_limit.memory_limiter import MemoryLimiter
from xaigh_server.identity.rate_limit.model import Tiers
from xaigh_server.identity.scopes import ROLE_SCOPES, Role
from xaigh_server.keys.credential_cache import CredentialCache
from xaigh_server.keys.self_service import SelfService
from xaigh_server.keys.service import KeyAdminService
from xaigh_server.keys.usage_meter import UsageMeter
from xaigh_server.keys.usage_service import UsageService
from xaigh_server.keys.verification import Verification
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Service
from xaigh_server.rpc.interceptors.invoke_handler import InvokeHandler, check_handlers
from xaigh_server.rpc.method_policy import read_methods
from xaigh_server.rpc.page_tokens import PageTokens
from xaigh_server.rpc.paging import Paging
from xaigh_server.rpc.unit_of_work_factory import UnitOfWorkFactory

SERVICES = (
    key_admin_service_pb2.DESCRIPTOR.services_by_name["KeyAdminService"],
    self_service_pb2.DESCRIPTOR.services_by_name["SelfService"],
    usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"],
)
METHODS = read_methods(SERVICES)
MAYA = OperatorPrincipal(
    operator_id="opr_1",
    credential_id="0000000001",
    name="maya",
    role=Role.FOUNDER,
    scopes=ROLE_SCOPES[Role.FOUNDER],
)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class ControlServices:
    """Every service of keys on one control database."""

    def __init__(self, control: Database) -> None:
        self.control = control
        self.clock = Clock()
        self.epoch = open_epoch(control)
        self.keyring = CredentialCache(control, self.epoch, RING, clock=self.clock)
        self.meter = UsageMeter(control, clock=self.clock)
        self.limiter = MemoryLimiter(lambda: self.clock.now.timestamp())
        self.operators = OperatorAdmin(
            peppers=RING, random=randomness, new_id=self._new_id, clock=self.clock, actor="root"
        )
        self._numbers = count(1)
        units = UnitOfWorkFactory(
            control=control,
            business={},
            rights=FixedRights(),
            clock=self.clock,
            new_id=self._new_id,
        )
        handlers = _handlers(self._services())
        check_handlers(handlers, METHODS)
        self._end = InvokeHandler(handlers, units=units, keep_replies=timedelta(hours=48))

    def _services(self) -> list[Service]:
        tiers = Tiers()
        verification = Verification(
            directory=self.keyring,
            limiter=self.limiter,
            tiers=tiers,
            catalogue=CATALOGUE,
            ledger=self.meter,
        )
        return [
            KeyAdminService(
                issuer=ISSUER,
                catalogue=CATALOGUE,
                routes={"jobs:read": [METHODS["/xaigh.keys.v1.KeyAdminService/GetKey"]]},
                verification=verification,
                paging=Paging(PageTokens([b"p" * 32])),
            ),
            SelfService(limiter=self.limiter, tiers=tiers, flush=self.meter.flush),
            UsageService(flush=self.meter.flush),
        ]

    def _new_id(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers)}"

    async def call(
        self,
        method: str,
        request: Any,
        *,
        principal: Principal = MAYA,
        idempotency_key: str = "",
    ) -> Any:
        """The reply, as a transport would get it."""
        return (await self.exchange(method, request, principal, idempotency_key))[0]

    async def exchange(
        self, method: str, request: Any, principal: Principal = MAYA, idempotency_key: str = ""
    ) -> tuple[Any, Call]:
        """The reply and the call that led to it."""
        found = next(each for path, each in METHODS.items() if path.endswith("/" + method))
        metadata = (("idempotency-key", idempotency_key),) if idempotency_key else ()
        call = Call(
            method=found,
            transport="grpc",
            metadata=metadata,
            peer="192.0.2.7",
            received=self.clock.now,
            request_id="req_1",
            principal=principal,
        )
        return await self._end(request, call), call

    async def principal(self, text: str) -> Principal:
        """Who a credential belongs to."""
        credential = parse_credential(text)
        found = await self.keyring.known(text) or await self.keyring.look_up(credential)
        return found.principal

    async def close(self) -> None:
        """Lets go of the epoch."""
        await self.epoch.close()


def _handlers(services: Iterable[Service]) -> Mapping[str, Handler]:
    return {
        f"/{service.name}/{name}": handler
        for service in services
        for name, handler in service.handlers().items()
    }
