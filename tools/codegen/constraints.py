"""`buf.validate` rules as JSON Schema keywords, as far as JSON Schema can say them.

What it says is never wider than the rule, and narrower only where a rule lets an empty value pass.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

JsonObject = dict[str, Any]


def keywords(rules: Any, enum: EnumDescriptor | None = None) -> JsonObject:
    """The keywords of one `FieldRules` message, those of list items under "items" and those of map
    values under "additionalProperties". `enum` is the type of an enum field."""
    kind = rules.WhichOneof("type")
    if kind == "enum":
        return _enum(rules.enum, enum)
    if kind == "repeated":
        return _repeated(rules.repeated, enum)
    read = _READERS.get(kind) if kind else None
    return {} if read is None else read(getattr(rules, kind))


def _string(rules: Any) -> JsonObject:
    found = _set_of(rules, {"min_len": "minLength", "max_len": "maxLength", "pattern": "pattern"})
    if rules.HasField("len"):
        found.update(minLength=rules.len, maxLength=rules.len)
    if rules.HasField("const"):
        found["const"] = rules.const
    if getattr(rules, "in"):
        found["enum"] = list(getattr(rules, "in"))
    if rules.HasField("prefix"):
        found["pattern"] = f"^{_literal(rules.prefix)}"
    known = rules.WhichOneof("well_known")
    if known in _FORMATS and getattr(rules, known):
        found["format"] = _FORMATS[known]
    return found


def _number(rules: Any) -> JsonObject:
    names = {"gte": "minimum", "lte": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
    found = _set_of(rules, {**names, "const": "const"})
    if getattr(rules, "in"):
        found["enum"] = list(getattr(rules, "in"))
    return found


def _enum(rules: Any, enum: EnumDescriptor | None) -> JsonObject:
    chosen, refused = set(getattr(rules, "in")), set(rules.not_in)
    if enum is None or not chosen | refused:
        return {}
    return {
        "enum": [
            value.name
            for value in enum.values
            if value.number not in refused and (not chosen or value.number in chosen)
        ]
    }


def _repeated(rules: Any, enum: EnumDescriptor | None) -> JsonObject:
    found = _set_of(rules, {"min_items": "minItems", "max_items": "maxItems"})
    if rules.unique:
        found["uniqueItems"] = True
    if rules.HasField("items") and (items := keywords(rules.items, enum)):
        found["items"] = items
    return found


def _map(rules: Any) -> JsonObject:
    found = _set_of(rules, {"min_pairs": "minProperties", "max_pairs": "maxProperties"})
    if rules.HasField("values") and (values := keywords(rules.values)):
        found["additionalProperties"] = values
    if rules.HasField("keys") and (names := keywords(rules.keys)):
        found["propertyNames"] = names
    return found


_FORMATS = {"email": "email", "uri": "uri", "hostname": "hostname", "uuid": "uuid"}
_READERS: dict[str, Callable[[Any], JsonObject]] = {
    "string": _string,
    "int32": _number,
    "uint32": _number,
    "double": _number,
    "float": _number,
    "map": _map,
}


def _set_of(rules: Any, names: dict[str, str]) -> JsonObject:
    present = {field.name: value for field, value in rules.ListFields() if _is_singular(field)}
    return {keyword: present[name] for name, keyword in names.items() if name in present}


def _is_singular(field: FieldDescriptor) -> bool:
    return not field.is_repeated


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in r"\.+*?()[]{}|^$/" else char for char in text)
