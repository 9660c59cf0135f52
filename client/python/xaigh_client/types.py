"""Every message and enum of the API by its own name: `types.Pay(...)`."""

from xaigh.sdk.types import *  # noqa: F403  # The list is generated, and changes with the protos.
from xaigh.sdk.types import __all__ as __all__
