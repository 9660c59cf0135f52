"""What operators read of organizations is in the audit log, on both engines."""

import pytest
from tests.harness.business_services import operator
from tests.harness.call import NOW, call
from tests.harness.control_rows import seed

from xaigh_server.audit.repository import AuditFilter, AuditLog
from xaigh_server.db.database import Database
from xaigh_server.errors import NotFound
from xaigh_server.support.read_log import SupportReadLog


async def test_a_read_leaves_an_event_that_names_the_organization(control: Database) -> None:
    """One for each, before anything is read; an organization that doesn't exist is not found."""
    await control.write(seed)
    log = SupportReadLog(control, clock=lambda: NOW)
    made = call("ListOrganizationJobs")
    made.principal = operator()
    assert await log.note(made, "org_1", environment="sandbox") == "org_1"
    assert await log.note(made, "-", environment="sandbox") == ""
    with pytest.raises(NotFound):
        await log.note(made, "org_none", environment="sandbox")
    found = await control.read(
        lambda session: AuditLog(session, "control").listing(AuditFilter(), before=None, limit=9)
    )
    assert [(str(each.chain), each.event.action, each.event.targets) for each in found] == [
        ("control/org_1", "support.read", ("org_1",)),
        ("control/-", "support.read", ("-",)),
    ]
