"""No credential comes back in an error."""

import pytest

from xaigh_server.domain.redaction import redact

BODY = "0123456789" * 5


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"No job test_sk_{BODY}.", "No job test_sk_…."),
        (f"live_pk_{BODY} xop_{BODY}", "live_pk_… xop_…"),
        (f"/v1/jobs/xst_{BODY}?a", "/v1/jobs/xst_…?a"),
        ("whsec_AAAAAAAAAAAAAAAA/+AA==,", "whsec_…,"),
        ("test_sk_0123456789abcdef", "test_sk_…"),
        ("test_sk_short", "test_sk_short"),
        ("job_0123456789abcdefghij", "job_0123456789abcdefghij"),
        ("nothing", "nothing"),
    ],
)
def test_credentials_are_cut_to_their_prefix(text: str, left: str):
    """Also cut or mistyped ones; ids stay as they are."""
    assert redact(text) == left
