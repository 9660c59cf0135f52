"""The template of the typed Python client: one text for the synchronous and asynchronous classes.

Generated modules import messages only. What carries out a call is the `caller` that they are
given; its type is known to type checkers alone, so that nothing imports in a circle.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen import model
from codegen.image import Image
from codegen.model import Kind, Method, Service

_HEADER = "# Generated from the protos by `make generate`. Don't edit.\n"
_WIDTH = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """What differs between the synchronous and the asynchronous client."""

    prefix: str
    define: str
    wait: str
    caller: str
    pager: str
    stream: str
    feed: str


SYNC = Flavour(
    prefix="",
    define="def",
    wait="",
    caller="Caller",
    pager="Pager",
    stream="Stream",
    feed="Iterable",
)
ASYNC = Flavour(
    prefix="Async",
    define="async def",
    wait="await ",
    caller="AsyncCaller",
    pager="AsyncPager",
    stream="AsyncStream",
    feed="AsyncIterable",
)


def write(image: Image, root: Path) -> None:
    """Writes the package `xaigh.sdk` below `root`."""
    package = root / "xaigh" / "sdk"
    package.mkdir(parents=True)
    found = sorted(model.services(image), key=lambda service: service.attribute)
    for service in found:
        (package / f"{service.attribute}.py").write_text(_module(service))
    (package / "services.py").write_text(_services(found))
    (package / "types.py").write_text(_types(model.message_modules(image)))


def _module(service: Service) -> str:
    sync, asynchronous = (_class(service, flavour) for flavour in (SYNC, ASYNC))
    imports = "\n".join(service.imports)
    return f"""{_HEADER}{_docstring(service.doc, "")}

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

{imports}

if TYPE_CHECKING:
    from xaigh_client import values
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.asynchronous import AsyncPager, AsyncStream
    from xaigh_client.synchronous import Caller, Pager, Stream

_METHODS = {service.descriptor}.methods_by_name


{sync}


{asynchronous}
"""


def _class(service: Service, flavour: Flavour) -> str:
    methods = "\n\n".join(_method(method, flavour) for method in service.methods)
    return f"""class {flavour.prefix}{service.class_name}:
{_docstring(service.doc, "    ")}

    __slots__ = ("_caller",)

    def __init__(self, caller: {flavour.caller}) -> None:
        self._caller = caller

{methods}"""


def _method(method: Method, flavour: Flavour) -> str:
    define = flavour.define if method.kind is Kind.UNARY else "def"
    parameters = "\n".join(f"        {line}" for line in _parameters(method, flavour))
    return f"""    {define} {method.name}(
        self,
{parameters}
    ) -> {_returns(method, flavour)}:
{_docstring(_doc(method), "        ")}
        return {_call(method, flavour)}"""


def _parameters(method: Method, flavour: Flavour) -> Iterator[str]:
    if method.kind is Kind.FEED:
        yield f"requests: {flavour.feed}[{method.request} | Mapping[str, Any]],"
    yield "*,"
    for field in method.fields:
        default = "" if field.required else " | None = None"
        yield f"{field.name}: {field.annotation}{default},"
    taken = {field.name for field in method.fields}
    for name, annotation in _options(method):
        if name in taken:
            raise ValueError(f"{method.path}: the field {name} hides an option of the client")
        yield f"{name}: {annotation} | None = None,"


def _options(method: Method) -> Iterator[tuple[str, str]]:
    if method.takes_status_token:
        yield "status_token", "str"
    if method.takes_idempotency_key:
        yield "idempotency_key", "str"
    yield "timeout", "float"
    yield "metadata", "Mapping[str, str]"


def _returns(method: Method, flavour: Flavour) -> str:
    match method.kind:
        case Kind.PAGES:
            return f"{flavour.pager}[{method.reply}, {method.item}]"
        case Kind.STREAM | Kind.FEED:
            return f"{flavour.stream}[{method.reply}]"
        case _:
            return method.reply


def _call(method: Method, flavour: Flavour) -> str:
    wait = flavour.wait if method.kind is Kind.UNARY else ""
    given = "requests" if method.kind is Kind.FEED else _fields(method.fields)
    items = f'"{method.items_field}", {method.item},' if method.kind is Kind.PAGES else ""
    options = ", ".join(f"{name}={name}" for name, _ in _options(method))
    return (
        f"{wait}self._caller.{method.kind.value}("
        f'_METHODS["{method.rpc}"], {method.reply}, {items} {given}, {options})'
    )


def _fields(fields: Sequence[model.Field]) -> str:
    return "{" + ", ".join(f'"{field.name}": {field.name}' for field in fields) + "}"


def _doc(method: Method) -> str:
    parts = [method.doc, " ".join(method.facts)]
    if method.kind is Kind.PAGES:
        parts.append(
            "Iterate over the result for every item of every page; `.pages()` gives whole pages."
        )
    arguments = [
        textwrap.indent(_wrap(f"{field.name}: {_one_line(field.doc)}", "    "), "    ")
        for field in method.fields
    ]
    if arguments:
        parts.append("Args:\n" + "\n".join(arguments))
    return "\n\n".join(part for part in parts if part)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _wrap(text: str, hanging: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH - 12,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _docstring(text: str, indent: str) -> str:
    paragraphs = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n\n")
    first = " ".join(paragraphs[0].split())
    wrapped = [
        part if part.startswith("Args:") else textwrap.fill(" ".join(part.split()), _WIDTH - 8)
        for part in paragraphs
    ]
    body = "\n\n".join(wrapped)
    if len(paragraphs) == 1 and len(first) + len(indent) <= _WIDTH - 6:
        return f'{indent}"""{first}"""'
    return textwrap.indent(f'"""{body}\n"""', indent)


def _services(found: Sequence[Service]) -> str:
    imports = "\n".join(
        f"from xaigh.sdk.{s.attribute} import Async{s.class_name}, {s.class_name}" for s in found
    )
    classes = "\n\n\n".join(_services_class(found, flavour) for flavour in (SYNC, ASYNC))
    modules = "\n".join(sorted({line for s in found for line in s.imports if s.module in line}))
    groups = "\n".join(f'    "{s.attribute}": {s.class_name},' for s in found)
    descriptors = "\n".join(f'    "{s.attribute}": {s.descriptor},' for s in found)
    return f'''{_HEADER}"""Every service of the API, as attributes of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.descriptor import ServiceDescriptor
{modules}
{imports}

if TYPE_CHECKING:
    from xaigh_client.asynchronous import AsyncCaller
    from xaigh_client.synchronous import Caller

GROUPS: dict[str, type] = {{
{groups}
}}
"""The class behind each attribute."""

DESCRIPTORS: dict[str, ServiceDescriptor] = {{
{descriptors}
}}
"""The service behind each attribute."""


{classes}
'''


def _services_class(found: Sequence[Service], flavour: Flavour) -> str:
    lines = "\n".join(
        f"        self.{s.attribute} = {flavour.prefix}{s.class_name}(caller)\n"
        f"{_docstring(s.doc, '        ')}"
        for s in found
    )
    kind = "asynchronous" if flavour is ASYNC else "synchronous"
    return f'''class {flavour.prefix}Services:
    """The {kind} services, which share one caller."""

    def __init__(self, caller: {flavour.caller}) -> None:
{lines}'''


def _types(modules: dict[str, list[str]]) -> str:
    imports = "\n".join(f"from {module} import {', '.join(n)}" for module, n in modules.items())
    names = sorted(name for names in modules.values() for name in names)
    exported = ", ".join(f'"{name}"' for name in names)
    return f'''{_HEADER}"""Every message and enum of the API by its own name."""

{imports}

__all__ = [{exported}]
'''
