"""The guard of URLs: a table of what is refused and what passes, and what no URL can do."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xaigh_server.identity.environments import Environment
from xaigh_server.net import addresses
from xaigh_server.net.url_guard import (
    CallbackForbidden,
    CallbackUrl,
    NameUnresolved,
    check_resolved,
    check_url,
    resolve,
)

PRODUCTION = Environment.PRODUCTION
SANDBOX = Environment.SANDBOX

PASSES = {
    "https://hooks.example.com": "https://hooks.example.com/",
    "https://hooks.example.com/": "https://hooks.example.com/",
    "HTTPS://Hooks.Example.COM/Path": "https://hooks.example.com/Path",
    "https://hooks.example.com:443/a": "https://hooks.example.com/a",
    "https://hooks.example.com:8443/a": "https://hooks.example.com:8443/a",
    "https://hooks.example.com:65535/": "https://hooks.example.com:65535/",
    "https://hooks.example.com:1024/": "https://hooks.example.com:1024/",
    "https://hooks.example.com?x=1": "https://hooks.example.com/?x=1",
    "https://hooks.example.com/a?b=c&d=%20e": "https://hooks.example.com/a?b=c&d=%20e",
    "https://hooks.example.com/a?b=c?d": "https://hooks.example.com/a?b=c?d",
    "https://hooks.example.com//a//b": "https://hooks.example.com//a//b",
    "https://hooks.example.com/a@b:c": "https://hooks.example.com/a@b:c",
    "https://a-b.example.com/": "https://a-b.example.com/",
    "https://_hooks.example.com/": "https://_hooks.example.com/",
    "https://xn--bcher-kva.example.com/": "https://xn--bcher-kva.example.com/",
    "https://bücher.example.com/": "https://xn--bcher-kva.example.com/",
    "https://BÜCHER.example.com/": "https://xn--bcher-kva.example.com/",
    "https://1.example.com/": "https://1.example.com/",
    "https://127.0.0.1.example.com/": "https://127.0.0.1.example.com/",
    "https://0x7f.example.com/": "https://0x7f.example.com/",
    "https://example.com1/": "https://example.com1/",
    "https://example.0xg/": "https://example.0xg/",
    "https://localhost.example.com/": "https://localhost.example.com/",
    "https://internal.example.com/": "https://internal.example.com/",
    "https://8.8.8.8/hook": "https://8.8.8.8/hook",
    "https://8.8.8.8:8443/hook": "https://8.8.8.8:8443/hook",
    "https://[2606:4700::1111]/hook": "https://[2606:4700::1111]/hook",
    "https://[2606:4700:0:0:0:0:0:1111]:8443/": "https://[2606:4700::1111]:8443/",
}

REFUSED = [
    # no URL at all, or another scheme
    "",
    "hooks.example.com",
    "//hooks.example.com/",
    "/hook",
    "https:",
    "https:/hooks.example.com/",
    "https:hooks.example.com/",
    "https://",
    "https:///hook",
    "https://?x",
    "https://#x",
    "https://:443/",
    "http://hooks.example.com/",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "javascript:alert(1)",
    "data:text/plain,x",
    "unix:///run/docker.sock",
    "httpss://hooks.example.com/",
    "ｈｔｔｐｓ://hooks.example.com/",
    "view-source:https://hooks.example.com/",
    # characters that parsers disagree on
    " https://hooks.example.com/",
    "https://hooks.example.com/ ",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\t",
    "https://hooks.example.com/\r\nHost: inside",
    "https://hooks.example.com\n/",
    "https://hooks.example.com/\x00",
    "https://hooks.example.com/\x7f",
    "https:\\\\hooks.example.com\\",
    "https://hooks.example.com\\@10.0.0.1/",
    "https://10.0.0.1\\.example.com/",
    "https://hooks.example.com/ü",
    "https://hooks.example.com/?q=ü",
    "https://hooks.example.com/%",
    "https://hooks.example.com/%2",
    "https://hooks.example.com/%zz",
    "https://hooks.example.com/?q=%",
    "https://hooks.example.com/<script>",
    'https://hooks.example.com/"',
    "https://hooks.example.com/{id}",
    "https://hooks.example.com/[0]",
    "https://hooks.example.com/|",
    "https://hooks.example.com/^",
    "https://hooks.example.com/`",
    "https://hooks.example.com/#fragment",
    "https://hooks.example.com/#",
    "https://hooks.example.com/" + "a" * 2048,
    # user information
    "https://user@hooks.example.com/",
    "https://user:pass@hooks.example.com/",
    "https://@hooks.example.com/",
    "https://hooks.example.com@10.0.0.1/",
    "https://hooks.example.com:443@10.0.0.1/",
    "https://10.0.0.1%40hooks.example.com/",
    # ports
    "https://hooks.example.com:/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:00443/",
    "https://hooks.example.com:+443/",
    "https://hooks.example.com:-1/",
    "https://hooks.example.com:4 43/",
    "https://hooks.example.com:４４３/",
    "https://hooks.example.com:65536/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:443443/",
    "https://hooks.example.com:443:443/",
    "https://hooks.example.com:https/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:25/",
    "https://hooks.example.com:80/",
    "https://hooks.example.com:1023/",
    "https://hooks.example.com:2049/",
    "https://hooks.example.com:3306/",
    "https://hooks.example.com:5432/",
    "https://hooks.example.com:6379/",
    "https://hooks.example.com:6667/",
    "https://hooks.example.com:11211/",
    # names of an inner network
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost:8443/",
    "https://localhost./",
    "https://api.localhost/",
    "https://localhost.localdomain/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://db.svc.cluster.local/",
    "https://wiki.intranet/",
    "https://dc1.corp/",
    "https://nas.home/",
    "https://router.lan/",
    "https://router.home.arpa/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://x.onion/",
    "https://vault.private/",
    "https://metadata/",
    "https://internal/",
    "https://com/",
    "https://hooks。example．com/",
    "https://ｈｏｏｋｓ.example.com/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    "https://loca\u017fhost.local/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    # names that aren't
    "https://hooks.example.com./",
    "https://hooks.example.com../",
    "https://.example.com/",
    "https://hooks..example.com/",
    "https://-hooks.example.com/",
    "https://hooks-.example.com/",
    "https://hooks.example-.com/",
    "https://hooks.example.-com/",
    "https://hooks.exa_mple.c_m/",
    "https://hooks%2eexample.com/",
    "https://%68ooks.example.com/",
    "https://hooks.example.com%00.evil.test/",
    "https://hooks,example.com/",
    "https://hooks;example.com/",
    "https://hooks$example.com/",
    "https://*.example.com/",
    "https://" + "a" * 64 + ".example.com/",
    "https://" + "a." * 127 + "com/",
    "https://\u200bhooks.example.com\u3000/",
    "https://\u2024.example.com/",
    "https://a\u2100b.example.com/",
    "https://exa\u202emple.com/",
    # IPv4 that isn't public
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://198.18.0.1/",
    "https://203.0.113.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    # IPv4 as only some parsers read it
    "https://127.1/",
    "https://127.0.1/",
    "https://127.1./",
    "https://127.0.0.1./",
    "https://8.8.8.8./",
    "https://0/",
    "https://0./",
    "https://1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0X7F000001/",
    "https://0x7f.1/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0x/",
    "https://1.0x/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0177.0.0.0x1/",
    "https://127.0.0.01/",
    "https://127.0.0.1.1/",
    "https://256.256.256.256/",
    "https://4294967296/",
    "https://99999999999999999999/",
    "https://008.8.8.8/",
    "https://8.8.8/",
    "https://8.8.8.0x8/",
    "https://example.1/",
    "https://example.0x1/",
    "https://１２７.０.０.１/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://８.８.８.８/",
    "https://0ｘ7f000001/",
    "https://127.0.0.1%00/",
    "https://127.0.0.1%2f/",
    # IPv6
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::8.8.8.8]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[2606:4700::1111%25eth0]/",
    "https://[2606:4700::1111%eth0]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://[2606:4700::1111/",
    "https://2606:4700::1111]/",
    "https://2606:4700::1111/",
    "https://[[2606:4700::1111]]/",
    "https://[2606:4700::1111].example.com/",
    "https://[2606:4700::1111]8443/",
    "https://[8.8.8.8]/",
    "https://[hooks.example.com]/",
    "https://[v1.fe80::a]/",
    "https://[]/",
    "https://[:]/",
]


@pytest.mark.parametrize(("url", "normal"), PASSES.items())
def test_a_public_url_passes_in_its_normal_form(url, normal):
    """What passes is spelled in one way, and passes again in that spelling."""
    checked = check_url(url, environment=PRODUCTION)
    assert str(checked) == normal
    assert check_url(normal, environment=PRODUCTION) == checked


@pytest.mark.parametrize("url", REFUSED)
def test_everything_else_is_refused_under_the_name_of_its_field(url):
    """The refusal names the field that the caller used, and gives a sentence."""
    with pytest.raises(CallbackForbidden) as refused:
        check_url(url, environment=PRODUCTION, field="callbackUrl")
    (violation,) = refused.value.violations
    assert violation.path == "callbackUrl"
    assert violation.description.endswith(".")


def test_the_tables_are_as_large_as_promised():
    """At least 150 URLs are refused."""
    assert len(set(REFUSED)) == len(REFUSED) >= 150


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("http://hooks.example.com/", True),
        ("http://hooks.example.com:80/", True),
        ("http://hooks.example.com:8080/", True),
        ("http://hooks.example.com:443/", False),
        ("https://hooks.example.com:80/", False),
        ("http://localhost/", False),
        ("http://127.0.0.1/", False),
        ("ftp://hooks.example.com/", False),
    ],
)
def test_the_sandbox_takes_plain_http_to_public_hosts(url, passes):
    """Only production insists on https; where a URL may lead is the same in both."""
    assert _passes(url, environment=SANDBOX) is passes


@pytest.mark.parametrize(
    ("url", "passes"),
    [
        ("http://localhost:3000/", True),
        ("http://app.localhost:3000/", True),
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]:8080/", True),
        ("https://localhost/", True),
        ("http://localhost:22/", True),
        ("http://localhost:0/", False),
        ("http://localhost:70000/", False),
        ("http://localhost.:3000/", False),
        ("http://127.1/", False),
        ("http://0x7f000001/", False),
        ("http://[::ffff:127.0.0.1]/", False),
        ("http://10.0.0.1/", False),
        ("http://169.254.169.254/", False),
        ("http://printer.local/", False),
        ("http://hooks.example.com/", False),
    ],
)
def test_the_development_setting_adds_this_host_and_nothing_else(url, passes):
    """Loopback takes any scheme and port; all other rules stay, those of production too."""
    assert _passes(url, environment=PRODUCTION, allow_loopback=True) is passes


def test_the_host_header_carries_the_port_only_where_it_must():
    """`authority` is what the Host header says."""
    assert check_url("https://a.example.com:443/", environment=PRODUCTION).authority == (
        "a.example.com"
    )
    assert check_url("https://[2606:4700::1]:8443/", environment=PRODUCTION).authority == (
        "[2606:4700::1]:8443"
    )


_ODD = st.sampled_from([*"0123456789abcdefxX.:[]@/\\?#%-_ １７。０ⅷ", "0x", "127", "::ffff:"])


@given(st.lists(_ODD, max_size=14).map("".join))
@example("127.1")
@example("0x7f000001")
@example("１２７.０.０.１")
@example("1.")
@example("a.1.")
def test_no_host_that_passes_as_a_name_is_an_address_for_the_system(host):
    """A host that isn't recognized as an address isn't one for `inet_aton` or getaddrinfo."""
    checked = _checked(f"https://{host}/")
    if checked is None:
        return
    if checked.address is not None:
        assert not addresses.refusal(checked.address)
        return
    with pytest.raises(OSError):
        socket.inet_aton(checked.host)
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(checked.host, 443, flags=socket.AI_NUMERICHOST)


@given(st.ip_addresses(v=4), st.sampled_from(["{}", "0x{:x}", "0{:o}"]))
def test_an_address_written_as_one_number_never_passes(address, form):
    """Decimal, hexadecimal and octal: refused for public addresses as well."""
    assert _checked(f"https://{form.format(int(address))}/") is None


@given(st.ip_addresses(), st.booleans())
def test_an_address_passes_exactly_when_it_is_public(address, upper):
    """The URL of an address and the address itself are judged alike."""
    text = f"[{address}]" if address.version == 6 else str(address)
    checked = _checked(f"https://{text.upper() if upper else text}/")
    assert (checked is not None) is (addresses.refusal(address) == "")


@given(st.text(max_size=60))
def test_any_text_is_refused_or_passes_but_never_breaks(text):
    """The guard answers every text with a URL or a refusal."""
    for url in (text, f"https://{text}", f"https://hooks.example.com/{text}"):
        checked = _checked(url)
        assert checked is None or str(checked).isascii()


class FixedResolver:
    """Answers every name with the same addresses."""

    def __init__(self, *answer: str) -> None:
        self.answer = answer
        self.asked: list[tuple[str, int]] = []

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        if not self.answer:
            raise NameUnresolved("no such name")
        return self.answer


HOOK = check_url("https://hooks.example.com:8443/x", environment=PRODUCTION)


async def test_a_name_with_public_addresses_is_fine():
    """The addresses come back in the resolver's order, without findings."""
    resolver = FixedResolver("8.8.8.8", "2606:4700::1111")
    resolution = await check_resolved(HOOK, resolver)
    assert [str(address) for address in resolution.addresses] == list(resolver.answer)
    assert resolution.findings == ()
    assert resolver.asked == [("hooks.example.com", 8443)]


@pytest.mark.parametrize(
    "answer",
    [
        ("127.0.0.1",),
        ("8.8.8.8", "10.0.0.1"),
        ("8.8.8.8", "::ffff:10.0.0.1"),
        ("64:ff9b::a00:1",),
        ("fe80::1%eth0",),
        ("not an address",),
    ],
)
async def test_one_forbidden_address_spoils_a_name(answer):
    """The refusal doesn't say which address it was; the findings for a reviewer do."""
    with pytest.raises(CallbackForbidden) as refused:
        await check_resolved(HOOK, FixedResolver(*answer), field="callbackUrl")
    assert refused.value.violations[0].path == "callbackUrl"
    assert answer[-1] not in str(refused.value)
    assert (await resolve(HOOK, FixedResolver(*answer))).forbidden


async def test_a_name_without_an_address_is_a_finding():
    """It isn't refused: the name may come to life before the first event."""
    resolution = await check_resolved(HOOK, FixedResolver())
    assert resolution.addresses == ()
    assert resolution.findings == ("hooks.example.com doesn't resolve: no such name",)


async def test_a_literal_is_never_looked_up():
    """An address in the URL is its own resolution."""
    resolver = FixedResolver()
    url = check_url("https://8.8.8.8/", environment=PRODUCTION)
    assert (await check_resolved(url, resolver)).addresses == (url.address,)
    assert resolver.asked == []


async def test_loopback_is_a_finding_even_where_it_is_allowed():
    """The development setting is loud: a reviewer reads about it."""
    url = check_url("http://localhost:1/", environment=PRODUCTION, allow_loopback=True)
    resolution = await check_resolved(url, FixedResolver("::1", "127.0.0.1"))
    assert len(resolution.addresses) == 2
    assert "this very host" in resolution.findings[0]


def _checked(url: str) -> CallbackUrl | None:
    try:
        return check_url(url, environment=PRODUCTION)
    except CallbackForbidden:
        return None


def _passes(url: str, **options) -> bool:
    try:
        check_url(url, **options)
    except CallbackForbidden:
        return False
    return True
