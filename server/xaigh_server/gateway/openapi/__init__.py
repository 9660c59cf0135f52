"""OpenAPI 3.1 from the descriptors, comments and HTTP rules of services."""

from xaigh_server.gateway.openapi.comments import Comments
from xaigh_server.gateway.openapi.document import build_document
from xaigh_server.gateway.openapi.profile import OpenApiProfile, OperationExtras, PlainProfile

__all__ = ["Comments", "OpenApiProfile", "OperationExtras", "PlainProfile", "build_document"]
