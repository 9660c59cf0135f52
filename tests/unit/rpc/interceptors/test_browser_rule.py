"""The browser rule."""

import pytest

from xaigh_server.identity.environments import Environment
from xaigh_server.identity.errors import KeyTypeNotAllowed, OriginNotAllowed, SecretKeyInBrowser
from xaigh_server.identity.key_format import KeyType
from xaigh_server.identity.principal import ANONYMOUS, GrantFacts, KeyPrincipal, OperatorPrincipal
from xaigh_server.identity.scopes import ROLE_SCOPES, Role
from xaigh_server.rpc.interceptors.browser_rule import BrowserHeaders, check_browser, read_signs

PAGE = "https://app.example.com"


def _key(key_type: KeyType) -> KeyPrincipal:
    scopes = frozenset({"jobs:read"})
    grant = GrantFacts(
        id="grt_1", revision=1, scopes=scopes, employer_ids=frozenset(), tier="standard"
    )
    return KeyPrincipal(
        key_id="0123456789",
        key_type=key_type,
        environment=Environment.SANDBOX,
        organization_id="org_1",
        name="test",
        scopes=scopes,
        grant=grant,
        origins=frozenset({PAGE}),
    )


SECRET, PUBLISHABLE = _key(KeyType.SECRET), _key(KeyType.PUBLISHABLE)
OPERATOR = OperatorPrincipal(
    operator_id="opr_1",
    credential_id="0123456789",
    name="maya",
    person="maya",
    role=Role.FOUNDER,
    scopes=ROLE_SCOPES[Role.FOUNDER],
)


@pytest.mark.parametrize("principal", [SECRET, OPERATOR])
@pytest.mark.parametrize(
    "pairs",
    [
        [("origin", PAGE)],
        [("Origin", "null")],
        [("ORIGIN", "")],
        [(b"Sec-Fetch-Site", b"same-origin")],
        [("sec-fetch-site", "none")],
        [("sec-fetch-site", "")],
    ],
)
def test_secret_credentials_never_come_from_a_page(principal, pairs) -> None:
    """Either sign is enough, whatever it says, also for operators."""
    with pytest.raises(SecretKeyInBrowser):
        check_browser(principal, read_signs(pairs), publishable=True)


def test_sec_fetch_mode_proves_nothing() -> None:
    """Server-side runtimes send it as well."""
    signs = read_signs([("sec-fetch-mode", "cors"), ("user-agent", "node")])
    assert not signs.present
    check_browser(SECRET, signs, publishable=False)


@pytest.mark.parametrize("origin", [PAGE, "HTTPS://App.Example.com:443"])
def test_a_publishable_key_works_from_its_origins(origin: str) -> None:
    """However the origin is spelled."""
    signs = read_signs([("origin", origin), ("sec-fetch-site", "cross-site")])
    check_browser(PUBLISHABLE, signs, publishable=True)


@pytest.mark.parametrize(
    "signs",
    [
        BrowserHeaders(),
        BrowserHeaders(origins=("null",)),
        BrowserHeaders(origins=("https://evil.example",)),
        BrowserHeaders(origins=("http://app.example.com",)),
        BrowserHeaders(origins=("https://app.example.com.evil.example",)),
        BrowserHeaders(origins=(PAGE, PAGE)),
        BrowserHeaders(fetch_site="same-origin"),
    ],
)
def test_a_publishable_key_works_from_nowhere_else(signs: BrowserHeaders) -> None:
    """No origin, another one, or two: refused."""
    with pytest.raises(OriginNotAllowed):
        check_browser(PUBLISHABLE, signs, publishable=True)


def test_a_publishable_key_reaches_publishable_methods_only() -> None:
    """The right origin doesn't help."""
    signs = BrowserHeaders(origins=(PAGE,))
    with pytest.raises(KeyTypeNotAllowed):
        check_browser(PUBLISHABLE, signs, publishable=False)


def test_anonymous_calls_may_come_from_anywhere() -> None:
    """An applicant may ask for access from a page."""
    check_browser(ANONYMOUS, BrowserHeaders(origins=(PAGE,)), publishable=False)
