"""OpenAPI 3.1 from the descriptors, comments and HTTP rules of services."""

from httprule.openapi.comments import Comments
from httprule.openapi.document import build_document
from httprule.openapi.profile import OpenApiProfile, OperationExtras, PlainProfile

__all__ = ["Comments", "OpenApiProfile", "OperationExtras", "PlainProfile", "build_document"]
