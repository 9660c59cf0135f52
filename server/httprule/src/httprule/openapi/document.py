"""Builder of the OpenAPI 3.1 document of some services, in the order of their declaration."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from httprule.http_rules import Rule, rules_of
from httprule.openapi.comments import Comments
from httprule.openapi.examples import Examples
from httprule.openapi.operations import Operations, path_of
from httprule.openapi.profile import JsonObject, OpenApiProfile
from httprule.openapi.schemas import Schemas
from httprule.routes import ANY_METHOD

_OPENAPI_METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})


def build_document(
    services: Sequence[ServiceDescriptor], comments: Comments, profile: OpenApiProfile
) -> JsonObject:
    """Makes the OpenAPI 3.1 document of the annotated methods of some services.

    HTTP methods that OpenAPI does not have (`custom` kinds) are left out; "*" is written as POST.
    Raises ValueError where two rules have the same path and method.
    """
    rules = [rule for rule in rules_of(services) if _method_of(rule) in _OPENAPI_METHODS]
    methods = {f"/{s.full_name}/{m.name}": m for s in services for m in s.methods}
    schemas = Schemas(
        comments,
        profile,
        requests=[rule.request for rule in rules],
        replies=[rule.response for rule in rules],
    )
    operations = Operations(schemas, Examples(schemas, profile), profile)
    ids = _operation_ids(rules, methods)
    paths: dict[str, JsonObject] = {}
    for rule in rules:
        item = paths.setdefault(path_of(rule), {})
        verb = _method_of(rule).lower()
        if verb in item:
            raise ValueError(f"{rule}: OpenAPI has one {verb} for {path_of(rule)}")
        item[verb] = operations.build(methods[rule.name], rule, ids[rule])
    components = dict(profile.components())
    components["schemas"] = {**schemas.components(), **components.get("schemas", {})}
    tagged = {rule.name.split("/")[1] for rule in rules}
    return {
        "openapi": "3.1.0",
        **profile.document(),
        "tags": [_tag(each, comments) for each in services if each.full_name in tagged],
        "paths": paths,
        "components": {kind: components[kind] for kind in sorted(components)},
    }


def _method_of(rule: Rule) -> str:
    return "POST" if rule.http_method == ANY_METHOD else rule.http_method


def _tag(service: ServiceDescriptor, comments: Comments) -> JsonObject:
    text = " ".join(comments.of(service.full_name).split())
    return {"name": service.name, "description": text} if text else {"name": service.name}


def _operation_ids(rules: Sequence[Rule], methods: dict[str, MethodDescriptor]) -> dict[Rule, str]:
    """Ids in lower camel case: the method's name, with a number for a further rule of it.

    The name of the service comes first where an earlier service has a method of the same name, so
    that a service that is added at the end renames nothing.
    """
    first: dict[str, str] = {}
    ids: dict[Rule, str] = {}
    used: dict[str, int] = {}
    for rule in rules:
        method = methods[rule.name]
        assert method.containing_service is not None
        bare = first.setdefault(method.name, rule.name) == rule.name
        own = method.name if bare else f"{method.containing_service.name}{method.name}"
        own = own[0].lower() + own[1:]
        used[own] = used.get(own, 0) + 1
        ids[rule] = own if used[own] == 1 else f"{own}{used[own]}"
    return ids
