"""The control services behind every interceptor of a server, in process and without sockets."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from tests.harness.call import Source, call
from tests.harness.control_services import ControlServices

from xaigh_server.app import App, open_app
from xaigh_server.identity.operator_admin import OperatorAdmin
from xaigh_server.identity.scopes import Role
from xaigh_server.rpc.interceptor import Next
from xaigh_server.runtime.secrets import load_peppers
from xaigh_server.runtime.system import new_id, now
from xaigh_server.settings import Settings


def settings_of(folder: Path, **changed: Any) -> Settings:
    """Settings of a server that may take any free port."""
    names = ("rest_address", "grpc_address", "admin_address", "admin_grpc_address")
    anywhere = dict.fromkeys(names, "127.0.0.1:0")
    return Settings(data_dir=folder, **{**anywhere, **changed})


@dataclass(frozen=True, slots=True, kw_only=True)
class FullChain:
    """An app that never listens, and what `app.gate` puts before the control services.

    Credentials, limits and the log of refusals are the app's own. What lies outside of the
    databases is `services.outside`.
    """

    app: App
    services: ControlServices
    answer: Next

    async def operator(self, name: str, role: Role = Role.FOUNDER) -> str:
        """The credential of a new operator."""
        admin = OperatorAdmin(
            peppers=load_peppers(self.app.settings),
            random=os.urandom,
            new_id=new_id,
            clock=now,
            actor="test",
        )
        made = await self.app.databases.control.write(
            lambda session: admin.add(session, name, role)
        )
        return made.text

    async def call(self, method: str, request: Message, **headers: Any) -> Any:
        """Calls as a transport does; `key=` is a bearer credential. Raises `CallFailed`."""
        return await self.answer(Source(request), call(method, **headers))


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[FullChain]:
    """A chain over empty databases in a folder."""
    async with AsyncExitStack() as stack:
        app = await open_app(settings_of(folder, **settings), stack)
        services = ControlServices(app.databases.control)
        stack.push_async_callback(services.close)
        yield FullChain(app=app, services=services, answer=app.gate(services.handlers))
