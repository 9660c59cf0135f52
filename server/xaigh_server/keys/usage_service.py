"""Service of usage reports for operators, and the report shared with self-service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from xaigh.keys.v1 import usage_pb2 as pb
from xaigh.keys.v1 import usage_service_pb2 as api
from xaigh_server.errors import FieldInvalid
from xaigh_server.keys.usage_repository import UsageDay, UsageDays
from xaigh_server.rpc.call import Call
from xaigh_server.rpc.handlers import Handler, Read
from xaigh_server.rpc.unit_of_work import UnitOfWork

MAX_DAYS = 92
MAX_DAYS_OF_ALL = 31

Flush = Callable[[], Awaitable[None]]
"""Flushes the counters of all processes before a report."""


class UsageService:
    """Answers xaigh.keys.v1.UsageService."""

    name = "xaigh.keys.v1.UsageService"

    def __init__(self, *, flush: Flush) -> None:
        self._flush = flush

    def handlers(self) -> Mapping[str, Handler]:
        """Returns the handler by method name."""
        return {"ReportUsage": Read(run=self.report_usage, prepare=self.prepare)}

    async def prepare(self, request: api.ReportUsageRequest, call: Call) -> None:
        await self._flush()

    def report_usage(self, request: api.ReportUsageRequest, unit: UnitOfWork) -> pb.UsageReport:
        one = request.organization_id or request.key_id
        first, last = read_days(request, unit.now, most=MAX_DAYS if one else MAX_DAYS_OF_ALL)
        found = UsageDays(unit.session).between(
            first,
            last,
            organization_id=request.organization_id or None,
            key_id=request.key_id or None,
            environment=request.environment or None,
        )
        return report_to_pb(found, first, last)


def read_days(request: Any, now: datetime, *, most: int) -> tuple[date, date]:
    """Returns the first and last day of a report, by default this month's.

    Raises FieldInvalid for invalid dates, a reversed range, or more than `most` days.
    """
    today = now.date()
    last = _day(request.end_date, "endDate") or today
    first = _day(request.start_date, "startDate") or min(today, last).replace(day=1)
    if first > last:
        raise FieldInvalid.at("endDate", "Must not lie before startDate.")
    if last - first >= timedelta(days=most):
        raise FieldInvalid.at("startDate", f"A report covers {most} days at most.")
    return first, last


def report_to_pb(found: list[UsageDay], first: date, last: date) -> pb.UsageReport:
    """Converts usage rows and adds their sums."""
    return pb.UsageReport(
        rows=[_row_to_pb(each) for each in found],
        calls=sum(each.count for each in found),
        billable_calls=sum(each.count for each in found if each.billable),
        start_date=first.isoformat(),
        end_date=last.isoformat(),
    )


def _row_to_pb(each: UsageDay) -> pb.UsageRow:
    return pb.UsageRow(
        day=each.day.isoformat(),
        key_id=each.key_id,
        method=each.method,
        organization_id=each.organization_id,
        organization_name=each.organization_name,
        environment=each.environment,
        tier=each.tier,
        billable=each.billable,
        calls=each.count,
    )


def _day(text: str, path: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldInvalid.at(path, "No such day.") from None
