"""HTTP rules of services, read from `google.api.http` annotations.

A method can have several rules: its own and its `additional_bindings`. A rule that does not fit the
messages of its method fails when the service starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from httprule.errors import RuleError
from httprule.template import Template, parse

WHOLE: Final = "*"
# The generated module has no types.
_HTTP: Final[Any] = annotations_pb2.http


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One HTTP rule of one method. Compared by identity, so that it is a cheap key.

    `name` is the gRPC path `/pkg.Service/Method`. `http_method` is upper-case, or "*" for any.
    `body` is "" (none), "*" (the whole request) or the name of a field of the request;
    `response_body` is "" (the whole response) or the name of a field of the response.
    """

    name: str
    http_method: str
    template: Template
    body: str = ""
    response_body: str = ""
    request: Descriptor
    response: Descriptor
    client_streaming: bool = False
    server_streaming: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.http_method} {self.template.source})"


def rules_of(services: Iterable[ServiceDescriptor], *, auto: bool = False) -> tuple[Rule, ...]:
    """The rules of all methods of some services, in the order of their declaration.

    With `auto`, a method without annotation gets `POST /pkg.Service/Method` with the whole request
    as its body. Raises `TemplateError` or `RuleError` for a rule that cannot work.
    """
    found: list[Rule] = []
    for service in services:
        for method in service.methods:
            found.extend(_rules_of_method(method, auto=auto))
    return tuple(found)


def _rules_of_method(method: MethodDescriptor, *, auto: bool) -> Iterator[Rule]:
    # Through bytes: the descriptor pool of the method may not be that of the extension.
    options = MethodOptions.FromString(method.GetOptions().SerializeToString())
    if options.HasExtension(_HTTP):
        http: HttpRule = options.Extensions[_HTTP]
        yield rule_of(method, http)
        for extra in http.additional_bindings:
            if extra.additional_bindings:
                raise RuleError(path_of(method), "additional_bindings nest one level only")
            yield rule_of(method, extra)
    elif auto:
        yield rule_of(method, HttpRule(post=path_of(method), body=WHOLE))


def path_of(method: MethodDescriptor) -> str:
    """The gRPC path of a method: `/pkg.Service/Method`."""
    assert method.containing_service is not None
    return f"/{method.containing_service.full_name}/{method.name}"


def rule_of(method: MethodDescriptor, http: HttpRule) -> Rule:
    """One rule of a method, its own or an additional one."""
    name = path_of(method)
    pattern = http.WhichOneof("pattern")
    if pattern is None:
        raise RuleError(name, "the rule has no HTTP method")
    if pattern == "custom":
        http_method, path = http.custom.kind.upper(), http.custom.path
    else:
        http_method, path = pattern.upper(), getattr(http, pattern)
    if not http_method:
        raise RuleError(name, "the custom rule has no kind")
    return Rule(
        name=name,
        http_method=http_method,
        template=parse(path),
        body=http.body,
        response_body=http.response_body,
        request=method.input_type,
        response=method.output_type,
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
    )
