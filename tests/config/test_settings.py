"""monitor.toml is read as a curator means it, and refused with the file, the key and what is allowed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config.settings import load_settings
from monitor.errors import ConfigError
from monitor.model import Settings


def test_a_folder_without_monitor_toml_has_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == Settings()


def test_an_empty_file_has_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text("")
    assert load_settings(tmp_path) == Settings()


def test_a_missing_folder_is_said_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        load_settings(tmp_path / "confg")
    assert "confg" in str(told.value)
    assert not (tmp_path / "confg").exists()


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "monitor.toml").write_text(
        """
        timezone = "Europe/Kyiv"
        digest_at = "06:30"
        workers = 3
        page_deadline = "45s"
        attempts = 7
        keep_raw = "all"
        keep_raw_days = 30
        [fetch]
        contact = "https://example.org/bot"
        allow = ["127.0.0.1:8123", "[::1]:80"]
        ports = [80, 443, 8443]
        host_gap = "3s"
        deadline = "1m"
        parallel = 4
        [mail]
        host = "smtp.example.org"
        to = ["desk@example.org"]
        sender = "monitor@example.org"
        user = "monitor"
        password_file = "secret"
        security = "tls"
        port = 465
        digest = false
        [[webhook]]
        url = "https://hook.example.org/in"
        secret_file = "secret"
        alerts = false
        """
    )
    settings = load_settings(tmp_path)
    assert (settings.timezone, settings.digest_at, settings.workers, settings.attempts) == ("Europe/Kyiv", "06:30", 3, 7)
    assert (settings.page_deadline, settings.keep_raw, settings.keep_raw_days) == (timedelta(seconds=45), "all", 30)
    assert settings.fetch.allow == ("127.0.0.1:8123", "[::1]:80")
    assert (settings.fetch.host_gap, settings.fetch.deadline) == (timedelta(seconds=3), timedelta(minutes=1))
    assert (settings.fetch.ports, settings.fetch.parallel, settings.fetch.contact) == ((80, 443, 8443), 4, "https://example.org/bot")
    assert settings.mail is not None
    assert settings.mail.password_file == str(tmp_path / "secret")
    assert (settings.mail.to, settings.mail.port, settings.mail.security, settings.mail.digest) == (
        ("desk@example.org",),
        465,
        "tls",
        False,
    )
    assert [(hook.url, hook.alerts, hook.digest) for hook in settings.webhooks] == [("https://hook.example.org/in", False, True)]
    assert settings.webhooks[0].secret_file == str(tmp_path / "secret")


MAIL = '[mail]\nhost = "h"\nto = ["a@b.org"]\nsender = "m@b.org"\n'

BAD = [
    # (monitor.toml, the key that the error names, a word of what it says)
    ('timezon = "Europe/Paris"', "timezon", "timezone"),
    ('timezone = "Europe/Atlantis"', "timezone", "IANA"),
    ('timezone = "../etc/passwd"', "timezone", "IANA"),
    ('timezone = "Europe"', "timezone", "IANA"),
    ("timezone = 2", "timezone", "string"),
    ('digest_at = "25:00"', "digest_at", "pattern"),
    ('digest_at = "7"', "digest_at", "pattern"),
    ('workers = "two"', "workers", "integer"),
    ("workers = -1", "workers", "0"),
    ("attempts = 0", "attempts", "1"),
    ("page_deadline = 20", "page_deadline", '"30s"'),
    ('page_deadline = "20 seconds"', "page_deadline", '"30s"'),
    ('page_deadline = "0s"', "page_deadline", "from 1s"),
    ('keep_raw = "some"', "keep_raw", "matched"),
    ("keep_raw_days = -3", "keep_raw_days", "0"),
    ("fetch = 3", "fetch", "dictionary"),
    ('[fetch]\nallow = ["localhost:80"]', "fetch.allow.0", "127.0.0.1:8123"),
    ('[fetch]\nallow = ["127.0.0.0/8:80"]', "fetch.allow.0", "ranges"),
    ('[fetch]\nallow = ["127.0.0.1"]', "fetch.allow.0", "port"),
    ('[fetch]\nallow = ["127.0.0.1:80", "127.0.0.1:65536"]', "fetch.allow.1", "port"),
    ('[fetch]\nallow = ["::1:80"]', "fetch.allow.0", "[::1]"),
    ('[fetch]\nallow = ["0177.0.0.1:80"]', "fetch.allow.0", "127.0.0.1:8123"),
    ("[fetch]\nports = [0]", "fetch.ports.0", "1"),
    ("[fetch]\nports = [70000]", "fetch.ports.0", "65535"),
    ("[fetch]\nports = []", "fetch.ports", "1"),
    ('[fetch]\ncontact = "desk\\r\\nX-Evil: 1"', "fetch.contact", "User-Agent"),
    ('[fetch]\nhost_gap = "-2s"', "fetch.host_gap", '"30s"'),
    ('[fetch]\ndeadline = "2d"', "fetch.deadline", "10m"),
    ("[fetch]\nparallel = 0", "fetch.parallel", "1"),
    ('[fetch]\nuser_agent = "x"', "fetch.user_agent", "contact"),
    ('[mail]\nhost = "h"\nsender = "m@b.org"', "mail.to", "required"),
    ('[mail]\nhost = "h"\nto = []\nsender = "m@b.org"', "mail.to", "1"),
    ('[mail]\nhost = "h"\nto = ["a b@c.org"]\nsender = "m@b.org"', "mail.to.0", "desk@example.org"),
    (MAIL + 'security = "ssl"', "mail.security", "starttls"),
    (MAIL + 'user = "u"', "mail", "password_file"),
    (MAIL + 'user = "u"\npassword_file = "absent"', "mail.password_file", "cannot be read"),
    (MAIL + 'user = "u"\npassword = "secret"', "mail.password", "password_file"),
    ('[[webhook]]\nurl = "ftp://h/x"\nsecret_file = "s"', "webhook.0.url", "https://"),
    ('[[webhook]]\nurl = "https://h/x"\nsecret_file = "absent"', "webhook.0.secret_file", "cannot be read"),
    ('[[webhook]]\nurl = "https://h/x"', "webhook.0.secret_file", "required"),
    ("timezone = \n", "", "line 1"),
]


@pytest.mark.parametrize(("text", "key", "word"), BAD, ids=[f"{key or 'toml'}-{number}" for number, (_, key, _) in enumerate(BAD)])
def test_C13_a_bad_setting_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, key: str, word: str) -> None:
    path = tmp_path / "monitor.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as told:
        load_settings(tmp_path)
    assert told.value.exit_code == 2
    assert (told.value.file, told.value.key) == (str(path), key)
    assert word in told.value.problem


def test_C13_all_errors_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text('timezone = "X/Y"\nworkers = -1\n')
    with pytest.raises(ConfigError) as told:
        load_settings(tmp_path)
    assert "timezone" in str(told.value) and "workers" in str(told.value)


def test_C13_a_file_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_bytes("# Настройки".encode("cp1251"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(tmp_path)


def test_C13_an_error_never_shows_a_value_that_may_be_a_secret(tmp_path: Path) -> None:
    (tmp_path / "monitor.toml").write_text(MAIL + 'user = "u"\npassword = "hunter2"\n')
    with pytest.raises(ConfigError) as told:
        load_settings(tmp_path)
    assert "hunter2" not in str(told.value)
