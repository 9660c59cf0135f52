"""A bar: what is measured, beside what, and what is wanted. Printed as one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure against its bar. `higher` says which side of `wanted` is good."""

    name: str
    value: float
    wanted: float
    unit: str
    detail: str
    higher: bool = True

    @property
    def met(self) -> bool:
        """Whether the figure is on the good side."""
        return self.value >= self.wanted if self.higher else self.value <= self.wanted


def table(bars: list[Bar]) -> str:
    """The bars as text, one a line."""
    rows = [("BAR", "MEASURED", "WANTED", "", "BESIDE")]
    for bar in bars:
        sign = "≥" if bar.higher else "≤"
        rows.append(
            (
                bar.name,
                f"{bar.value:,.2f} {bar.unit}",
                f"{sign} {bar.wanted:,.2f}",
                "met" if bar.met else "MISSED",
                bar.detail,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row[:4], widths, strict=True)), row[4]]
        )
        for row in rows
    )
