"""Numbers of hypothesis examples that follow the profile: few in `make test-unit`, all in CI."""

from __future__ import annotations

from hypothesis import settings

DEFAULT_EXAMPLES = 100


def examples(wanted: int) -> int:
    """So many examples in the default profile, in proportion fewer in `quick`; at least 3."""
    return max(3, wanted * settings().max_examples // DEFAULT_EXAMPLES)
