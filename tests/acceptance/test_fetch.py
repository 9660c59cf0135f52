"""The access request as a web page or a script sends it: Node's `fetch`, and JSON alone."""

from __future__ import annotations

import json
import subprocess

from tests.harness.access import ok
from tests.harness.api_client import RestClient
from tests.harness.server import Running

SCRIPT = """
const response = await fetch("https://api.xaigh.com/v1/developer/api-access/request", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({
    companyName: "Northline Warehousing",
    contactName: "Maya Patel",
    contactEmail: "maya@northline-warehousing.example",
    useCase: "Post closeout shifts.",
    requestedScopes: ["jobs:write", "employer:read"],
    monthlyVolumeEstimate: 2500,
    callbackUrl: "https://hooks.northline-warehousing.example/xaigh",
  }),
});
const ticket = await response.json();
console.log(JSON.stringify({ status: response.status, ticket }));
"""


def test_the_seven_fields_are_enough(running: Running) -> None:
    """They give a ticket and its token; the request that is read back holds what was sent."""
    script = SCRIPT.replace("https://api.xaigh.com", f"http://{running.rest}")
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    answer = json.loads(done.stdout)
    ticket = answer["ticket"]
    assert (answer["status"], ticket["state"]) == (200, "SUBMITTED")
    api = RestClient(running.rest)
    try:
        token = ticket["statusToken"]
        read = ok(
            api.call("GetTicketStatus", {"ticketId": ticket["ticketId"]}, x_status_token=token)
        )
    finally:
        api.close()
    form = read["form"]
    assert (form["companyName"], form["contactName"]) == ("Northline Warehousing", "Maya Patel")
    assert form["contactEmail"] == "maya@northline-warehousing.example"
    assert (form["useCase"], form["monthlyVolumeEstimate"]) == ("Post closeout shifts.", 2500)
    assert form["requestedScopes"] == ["jobs:write", "employer:read"]
    assert form["callbackUrl"] == "https://hooks.northline-warehousing.example/xaigh"
    assert (form["environments"], form["keyTypes"]) == (["sandbox", "production"], ["sk"])
