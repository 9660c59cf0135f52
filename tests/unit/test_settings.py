"""Settings: three places, later ones winning, and every mistake named."""

from pathlib import Path
from typing import Any

import pytest

from xaigh_server.settings import Settings, SettingsError, load, split_address


def written(folder: Path, text: str) -> dict[str, str]:
    """An environment that names a file of settings."""
    file = folder / "settings.toml"
    file.write_text(text)
    return {"XAIGH_SETTINGS": str(file)}


def test_without_anything_there_are_defaults():
    """Loopback, embedded databases, strict rules."""
    made = load({})
    assert made == Settings()
    assert made.rest_address.startswith("127.") and made.grpc_address.startswith("127.")
    assert not made.solo_approvals and not made.allow_loopback_callbacks
    assert made.max_rotation_grace == 7 * 86400 and made.trusted_proxies == ()


def test_the_command_line_beats_the_environment_beats_the_file(tmp_path: Path):
    """Each for itself; what none names has its default."""
    environ = written(
        tmp_path, "rest_address = ':1'\ngrpc_address = ':2'\ndata_dir = 'f'\nidempotency_hours = 24"
    )
    environ |= {"XAIGH_GRPC_ADDRESS": ":3", "XAIGH_DATA_DIR": "e"}
    made = load(environ, {"data_dir": "c", "rest_address": None})
    assert (made.rest_address, made.grpc_address, made.data_dir) == (":1", ":3", Path("c"))
    assert made.idempotency_hours == 24


KINDS = [
    ("XAIGH_SOLO_APPROVALS", "yes", "solo_approvals", True),
    ("XAIGH_SOLO_APPROVALS", "OFF", "solo_approvals", False),
    ("XAIGH_MAX_DEADLINE", "2.5", "max_deadline", 2.5),
    ("XAIGH_TICKET_IDLE_DAYS", "7", "ticket_idle_days", 7),
    ("XAIGH_TRUSTED_PROXIES", "10.0.0.0/8, ::1", "trusted_proxies", ("10.0.0.0/8", "::1")),
    ("XAIGH_TRUSTED_PROXIES", "", "trusted_proxies", ()),
    ("XAIGH_CLIENT_CA", "", "client_ca", None),
]


@pytest.mark.parametrize(("name", "text", "member", "value"), KINDS)
def test_text_becomes_what_the_setting_is(name: str, text: str, member: str, value: Any):
    """Words for switches, commas for lists, nothing for nothing."""
    assert getattr(load({name: text}), member) == value


def test_tiers_and_families_are_data(tmp_path: Path):
    """In the order in which they stand in the file, the narrowest tier first."""
    made = load(
        written(
            tmp_path,
            """
            default_tier = "tiny"
            [tiers.tiny]
            minute = {calls = 5, seconds = 60}
            day = {calls = 100, seconds = 86400}
            [tiers.big]
            minute = {calls = 50, seconds = 60}
            [families.games]
            launched = true
            high_risk = ["write"]
            routes = {read = ["GET /v1/games/*"], write = ["POST|PATCH /v1/games/*"]}
            """,
        )
    )
    assert [tier.name for tier in made.tiers] == ["tiny", "big"]
    assert [window.calls for window in made.tiers[0].windows] == [5, 100]
    assert [family.name for family in made.families][:-1] == [
        "nature",
        "payroll",
        "careers",
        "situational",
    ]
    games = made.families[-1]
    assert games.launched and games.high_risk == {"write"}
    assert games.routes["write"][0].matches("PATCH", "/v1/games/1")


def test_shipped_families_change_by_name(tmp_path: Path):
    """In what the file says of them; none is dropped."""
    made = load(
        written(
            tmp_path,
            """
            [families.payroll]
            launched = true
            [families.nature.routes]
            read = ["GET /v1/nature/*", {route = "GET /v1/nature/trails", publishable = true}]
            """,
        )
    )
    nature, payroll, careers, situational = made.families
    assert payroll.launched and payroll.routes["read"][0].path == "/v1/payroll/*"
    assert nature.launched and nature.routes["write"][0].path == "/v1/nature/*"
    assert [route.publishable for route in nature.routes["read"]] == [False, True]
    assert not careers.launched and not situational.launched


BAD = [
    ({"XAIGH_IDEMPOTENCY_HOURS": "23"}, "idempotency_hours"),
    ({"XAIGH_SOLO_APPROVALS": "maybe"}, "solo_approvals"),
    ({"XAIGH_MAX_BODY_BYTES": "1e6"}, "max_body_bytes"),
    ({"XAIGH_DEFAULT_TIER": "gold"}, "default_tier"),
    ({"XAIGH_LOG_FORMAT": "xml"}, "log_format"),
    ({"XAIGH_CHANGE_DAYS": "-1"}, "change_days"),
    ({"XAIGH_SYNC_EVENT_DAYS": "-1"}, "sync_event_days"),
    ({"XAIGH_PREVIOUS_PEPPER": "0" * 64}, "previous_pepper: needs pepper"),
    ({"XAIGH_PREVIOUS_AUDIT_KEY": "0" * 64}, "previous_audit_key: needs audit_key"),
    ({"XAIGH_TLS_CERT": "c.pem"}, "tls_cert and tls_key"),
    ({"XAIGH_CLIENT_CA": "ca.pem"}, "client_ca"),
    ({"XAIGH_CONTROL_URL": "postgresql://h/d"}, "all or none"),
    ({"XAIGH_TRUSTED_PROXIES": "10.0.0.1/8"}, "trusted_proxies"),
    ({"XAIGH_REST_ADDRESS": "localhost"}, "rest_address"),
    ({"XAIGH_GRPC_ADDRESS": "h:99999"}, "grpc_address"),
    ({"XAIGH_SETTINGS": "/nowhere/x.toml"}, "XAIGH_SETTINGS"),
]


@pytest.mark.parametrize(("environ", "said"), BAD)
def test_a_bad_setting_is_named(environ: dict[str, str], said: str):
    """The text says which one, so that nobody has to guess."""
    with pytest.raises(SettingsError, match=said):
        load(environ)


BAD_FILES = [
    ("rest_adress = ':1'", "rest_adress"),
    ("not toml", "can't read"),
    ("[families.x]\nroutes = {read = ['GET']}\nlaunched = true", "families"),
    ("[families.x]\nroutes = {}", "families"),
    ("[families.nature]\nlaunch = true", "families"),
    ("[families.nature.routes]\nread = [{publishable = true}]", "families"),
    ("[tiers.x]\nminute = {calls = 0, seconds = 60}", "tiers"),
    ("[tiers.x]\nminute = {many = 1}", "tiers"),
]


@pytest.mark.parametrize(("text", "said"), BAD_FILES)
def test_a_bad_file_is_named(tmp_path: Path, text: str, said: str):
    """A misspelt member never goes unnoticed."""
    with pytest.raises(SettingsError, match=said):
        load(written(tmp_path, text))


SINK_SECRET = "whsec_" + "QUFB" * 10


def test_audit_sinks_are_data(tmp_path: Path):
    """Each with its URL and how it knows the server; their secrets are in no repr."""
    made = load(
        written(
            tmp_path,
            f"""
            [audit_sinks.archive]
            url = "https://archive.example/audit"
            secret = "{SINK_SECRET}"
            [audit_sinks.siem]
            url = "https://siem.example/"
            bearer = "s3cret"
            """,
        )
    )
    assert [sink.name for sink in made.audit_sinks] == ["archive", "siem"]
    assert made.audit_sinks[0].secret == SINK_SECRET
    assert SINK_SECRET not in repr(made) and "s3cret" not in repr(made)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ('url = "https://a.example/"', "archive: give a secret, a bearer, or both"),
        ('bearer = "x"', "url"),
        ('url = "https://a.example/"\nsecret = "whsec_x"', "archive: secret takes whsec_"),
        (f'url = "https://a.example/"\nsecret = "{SINK_SECRET[6:]}"', "secret takes whsec_"),
        ('url = "https://a.example/"\nbearer = "a\\nb"', "bearer takes printable ASCII"),
        ('url = "https://a.example/"\ntoken = "x"', "archive has no member 'token'"),
    ],
)
def test_a_sink_that_cant_be_used_is_named(tmp_path: Path, members: str, said: str):
    """Before anything is sent."""
    with pytest.raises(SettingsError, match=said):
        load(written(tmp_path, f"[audit_sinks.archive]\n{members}"))


def test_a_sink_s_name_is_simple(tmp_path: Path):
    """It is in metrics and log lines."""
    with pytest.raises(SettingsError, match="a sink's name has"):
        load(written(tmp_path, '[audit_sinks."A b"]\nurl = "https://a.example/"\nbearer = "x"'))


def test_secrets_never_show():
    """Peppers, keys and URLs with passwords are in no repr."""
    urls: dict[str, Any] = {
        f"{name}_url": "postgresql://u:hunter2@h/d" for name in ("control", "sandbox", "production")
    }
    made = Settings(pepper="s3cret", previous_pepper="s3cret", webhook_key="s3cret", **urls)
    assert "s3cret" not in repr(made) and "hunter2" not in repr(made)


ADDRESSES = [
    ("127.0.0.1:8080", ("127.0.0.1", 8080)),
    ("[::1]:8080", ("::1", 8080)),
    (":0", ("127.0.0.1", 0)),
    ("0.0.0.0:65535", ("0.0.0.0", 65535)),
]


@pytest.mark.parametrize(("text", "parts"), ADDRESSES)
def test_an_address_is_host_and_port(text: str, parts: tuple[str, int]):
    """Without a host it is loopback."""
    assert split_address("x", text) == parts


@pytest.mark.parametrize("text", ["", "8080", "h:", "h:x", "h:-1", "h:65536", "h:１"])
def test_what_is_no_address_is_refused(text: str):
    """Ports are ASCII digits that fit."""
    with pytest.raises(SettingsError, match="x: "):
        split_address("x", text)
