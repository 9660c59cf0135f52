"""No credential comes back in an error or gets into a log line, wherever it was put."""

import base64
import json
import random
from urllib.parse import quote

import pytest
from tests.harness.credentials import TAGS

from xaigh_server.access import status_tokens as tokens
from xaigh_server.identity import key_format as keys
from xaigh_server.identity.environments import Environment
from xaigh_server.identity.redaction import redact, redact_bytes
from xaigh_server.identity.webhook_secrets import new_secret, to_text

BODY = "0123456789" * 5
BYTES = random.Random(7).randbytes


def new_body() -> str:
    """The 48 characters of a real key behind its prefix."""
    return keys.mint(Environment.PRODUCTION, keys.KeyType.SECRET, BYTES, TAGS.make).text[8:]


def encoded(text: str) -> str:
    """Every character percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"No job test_sk_{BODY}.", "No job test_sk_…."),
        (f"live_pk_{BODY} xop_{BODY}", "live_pk_… xop_…"),
        (f"/v1/jobs/xst_{BODY}?a", "/v1/jobs/xst_…?a"),
        ("whsec_AAAAAAAAAAAAAAAA/+AA==,", "whsec_…,"),
        ("test_sk_0123456789abcdef", "test_sk_…"),
        ("Test_SK_0123456789abcdef", "Test_SK_…"),
        ("test%5Fsk%255f0123456789abcdef", "test%5Fsk%255f…"),
        ("test_sk_short", "test_sk_short"),
        ("job_0123456789abcdefghij", "job_0123456789abcdefghij"),
        ("nothing", "nothing"),
    ],
)
def test_credentials_are_cut_to_their_prefix(text: str, left: str):
    """Also cut or mistyped ones, in any case; ids stay as they are."""
    assert redact(text) == left
    assert redact_bytes(text.encode()) == left.encode()


PLACES = [
    "{}",
    "prod_sk_{}",
    "TEST_SK_{}",
    "test_sk_{0}test_sk_{0}",
    "{0}{0}",
    "job{}x",
    "/v1/jobs/key-{}:close?a=b",
    'labels["{}"]',
    "b'\\xff{}\\xfe'",
    "Bearer\n{}",
]


@pytest.mark.parametrize("place", PLACES)
def test_the_body_of_a_key_goes_wherever_it_stands(place: str):
    """Under an unknown prefix or none, doubled, beside other characters; plain and encoded."""
    body = new_body()
    text = place.format(body)
    for sent in (text, quote(text, safe=""), encoded(text), encoded(encoded(text))):
        left = redact(sent)
        assert "…" in left, sent
        assert body not in left and encoded(body) not in left
        assert redact_bytes(sent.encode()) == left.encode()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_line_of_json_stays_one(place: str, ascii_only: bool):
    """No escape is cut in two."""
    body = new_body()
    line = json.dumps({"text": f"ä\n\x01{place.format(body)}\\{body}"}, ensure_ascii=ascii_only)
    left = redact_bytes(line.encode())
    assert body.encode() not in left
    assert json.loads(left)["text"].startswith("ä\n\x01")


def test_every_kind_of_credential_is_known_without_its_prefix():
    """Hundreds of each, since they are random."""
    for _ in range(300):
        secret = to_text(new_secret(BYTES))
        for text in (
            keys.mint(Environment.SANDBOX, keys.KeyType.PUBLISHABLE, BYTES, TAGS.make).text[8:],
            keys.mint_operator(BYTES, TAGS.make).text[4:],
            tokens.mint(BYTES).text[4:],
            secret.removeprefix("whsec_"),
        ):
            assert text not in redact(f"other_{text}."), text
            assert text.encode() not in redact_bytes(f"other_{text}.".encode())


def test_a_webhook_secret_without_a_digit_is_known():
    """One in 1,500 has none."""
    text = "pkCXrjyleQ+yXKa+VJgvYpiFZjvfpQ+nsWqcdiFgGns="
    assert redact(f"secret {text}.") == "secret …."
    assert redact_bytes(f"secret {text}.".encode()) == "secret ….".encode()


@pytest.mark.parametrize(
    "text",
    [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
        "xaigh_server.errors.ThisIsAnExceptionWithARatherLongNameAsSomeLibrariesHave",
        "/usr/lib/python3/site-packages/some/where/deep/inside/of/it.py",
        "req_0123456789ABCDEFGHIJ ats_abcdefghijklmnopqrstuvwxyz23",
        "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
    ],
)
def test_hashes_ids_and_names_stay(text: str):
    """A log without them would tell nobody anything."""
    assert redact(text) == text
    assert redact_bytes(text.encode()) == text.encode()


def test_bytes_that_are_no_text_are_searched_as_well():
    """As a library may print what came over the wire."""
    body = new_body()
    assert body.encode() not in redact_bytes(b"\xff\xfe" + body.encode() + b"\xff\n")


def test_base64_that_holds_no_secret_may_go_too():
    """The hash of something looks as a webhook secret does: safe before sorry."""
    assert redact(base64.b64encode(BYTES(32)).decode()) == "…"
