"""The Python annotation of a field: what a caller may pass for it."""

from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Proto

from codegen.image import Entry, Image
from codegen.names import module_of

_SCALARS = {
    Proto.TYPE_STRING: "str",
    Proto.TYPE_BYTES: "bytes",
    Proto.TYPE_BOOL: "bool",
    Proto.TYPE_DOUBLE: "float",
    Proto.TYPE_FLOAT: "float",
}
_WELL_KNOWN = {
    "google.protobuf.Timestamp": "values.Time",
    "google.protobuf.Duration": "values.Span",
    "google.protobuf.FieldMask": "values.Mask",
    "google.protobuf.Struct": "values.Json",
}


class Types:
    """Annotations, and the imports that they need. One object a module."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._modules: set[str] = set()

    def imports(self) -> tuple[str, ...]:
        """The import statements of all names handed out so far, sorted."""
        aliases = [module.rsplit(".", 1) for module in sorted(self._modules)]
        names = [name for _, name in aliases]
        if len(set(names)) != len(names):
            raise ValueError(f"two modules of the same name in one client module: {names}")
        return tuple(f"from {package} import {name}" for package, name in aliases)

    def message(self, name: str) -> str:
        """A message's class."""
        return self._qualified(self._image.messages[name])

    def service(self, service: Entry) -> str:
        """The descriptor of a service."""
        return f'{self._module(service)}.DESCRIPTOR.services_by_name["{service.proto.name}"]'

    def of_field(self, proto: Any) -> str:
        """What may be passed for a field, without `None`."""
        if proto.label != Proto.LABEL_REPEATED:
            return self._single(proto)
        if proto.type == Proto.TYPE_MESSAGE:
            entry = self._image.messages[proto.type_name.removeprefix(".")]
            if entry.proto.options.map_entry:
                key, value = entry.proto.field
                return f"Mapping[{self._single(key)}, {self._single(value)}]"
        return f"Iterable[{self._single(proto)}]"

    def _single(self, proto: Any) -> str:
        name: str = proto.type_name.removeprefix(".")
        if proto.type == Proto.TYPE_ENUM:
            entry = self._image.enums[name]
            known = ", ".join(f'"{v.name}"' for v in entry.proto.value if v.number != 0)
            return f"Literal[{known}] | {self._qualified(entry)}.ValueType"
        if proto.type == Proto.TYPE_MESSAGE:
            known = _WELL_KNOWN.get(name, "")
            return known or f"{self.message(name)} | Mapping[str, Any]"
        return _SCALARS.get(proto.type, "int")

    def _qualified(self, entry: Entry) -> str:
        return f"{self._module(entry)}.{entry.local_name}"

    def _module(self, entry: Entry) -> str:
        module = module_of(entry.file)
        self._modules.add(module)
        return module.rsplit(".", 1)[1]
