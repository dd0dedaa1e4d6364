"""Does a notice reach a mailbox, and does everything else end as a value?"""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import time
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Delivered, Delivery, MailSettings, Notice
from monitor.notify.mail import MailChannel, built, minimal
from tests.notify.samples import notice
from tests.notify.servers import DRIP, DROP, HANG, Script, mail_server, scripted_mail

SENDER = "monitor@news.example.org"
PATIENCE = 0.3  # seconds; for servers that never answer


def _settings(port: int, **changed: object) -> MailSettings:
    plain = MailSettings("127.0.0.1", ("desk@example.org",), SENDER, port=port, security="none")
    return replace(plain, **changed)  # type: ignore[arg-type]


def _send(to: MailSettings, told: Notice | None = None, **patience: float) -> Delivered:
    return asyncio.run(MailChannel(to, **patience).send(told or notice()))


def _parsed(message: bytes) -> EmailMessage:
    made = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def _text(message: bytes, kind: str) -> str:
    part = _parsed(message).get_body((kind,))
    assert part
    return str(part.get_content())


# ── a real server ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_notice_arrives_whole_with_its_headers() -> None:
    with mail_server() as (port, box):
        assert _send(_settings(port)) == Delivered(Delivery.SENT)
    (envelope,) = box.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["desk@example.org"])
    assert isinstance(envelope.content, bytes)
    message = _parsed(envelope.content)
    assert message["Subject"] == notice().subject
    assert (message["From"], message["To"]) == (SENDER, "desk@example.org")
    assert message["Message-ID"] == "<0123456789abcdef@monitor.invalid>"
    assert message["Date"] == "Wed, 25 Nov 2026 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert _text(envelope.content, "plain").replace("\r\n", "\n") == notice().text
    assert _text(envelope.content, "html").replace("\r\n", "\n") == notice().html
    assert box.greeted_by == "news.example.org"  # not this machine's name


def test_a_notice_sent_twice_is_the_same_bytes() -> None:
    with mail_server() as (port, box):
        channel = MailChannel(_settings(port))
        for _ in range(2):
            assert asyncio.run(channel.send(notice())).result is Delivery.SENT
    assert box.received[0].content == box.received[1].content


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def _server_tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts the test's authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server does not know that its line is TLS
@pytest.mark.usefixtures("trusted")
def test_mail_goes_through_tls_with_the_password_of_its_file(security: str, authority: trustme.CA, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    with mail_server(tls=_server_tls(authority, "127.0.0.1"), starttls=security == "starttls", password="right") as (port, box):
        to = _settings(port, security=security, user="monitor", password_file=str(secret))
        secret.write_text("wrong\n")
        how = _send(to)
        assert how.result is Delivery.LATER and how.why.startswith("535 ") and "wrong" not in how.why
        secret.write_text("right\n")
        assert _send(to) == Delivered(Delivery.SENT)
    assert len(box.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.usefixtures("trusted")
def test_the_certificate_is_asked_for_by_the_servers_name(security: str, authority: trustme.CA) -> None:
    with mail_server(tls=_server_tls(authority, "localhost"), starttls=security == "starttls") as (port, box):
        assert _send(_settings(port, host="localhost", security=security)) == Delivered(Delivery.SENT)
        assert _send(_settings(port, security=security)).result is Delivery.LATER
    assert len(box.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused_and_the_notice_waits(security: str, authority: trustme.CA) -> None:
    with mail_server(tls=_server_tls(authority, "mail.example.org"), starttls=security == "starttls") as (port, box):
        how = _send(_settings(port, security=security))
    assert how.result is Delivery.LATER and "certificate" in how.why.lower()
    assert box.received == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    with mail_server(tls=_server_tls(authority, "127.0.0.1")) as (port, box):
        how = _send(_settings(port, security="starttls"))
    assert how.result is Delivery.LATER and "certificate" in how.why.lower()
    assert box.received == []


def test_a_server_without_starttls_gets_nothing_in_the_clear(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret")
    script = Script()
    with scripted_mail(script) as port:
        how = _send(_settings(port, security="starttls", user="monitor", password_file=str(tmp_path / "password")))
        assert how.result is Delivery.LATER and "STARTTLS" in how.why
        assert _send(_settings(port, user="monitor", password_file=str(tmp_path / "password"))).result is Delivery.LATER
    assert {line.split()[0].upper() for line in script.heard} == {"EHLO", "QUIT"}


@pytest.mark.usefixtures("trusted")
def test_a_password_file_that_is_missing_makes_the_notice_wait(authority: trustme.CA, tmp_path: Path) -> None:
    with mail_server(tls=_server_tls(authority, "127.0.0.1"), password="right") as (port, _):
        for file in (str(tmp_path / "none"), None):
            how = _send(_settings(port, security="starttls", user="monitor", password_file=file))
            assert how.result is Delivery.LATER and how.why


# ── servers as they should not be ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({"": "421 too busy"}, Delivery.LATER),
        ({"": "554 no"}, Delivery.LATER),
        ({"": DROP}, Delivery.LATER),
        ({"": "gibberish"}, Delivery.LATER),
        ({"": "220 " + "x" * 20_000}, Delivery.LATER),
        ({"EHLO": "421 closing", "HELO": "421 closing"}, Delivery.LATER),
        ({"MAIL": "451 wait"}, Delivery.LATER),
        ({"MAIL": "550 sender unknown"}, Delivery.LATER),  # ours to mend
        ({"RCPT": "450 greylisted"}, Delivery.LATER),
        ({"RCPT": "550 no such user"}, Delivery.NEVER),
        ({"RCPT": "251 will forward"}, Delivery.SENT),
        ({"RCPT": DROP}, Delivery.LATER),
        ({"DATA": "451 wait"}, Delivery.LATER),
        ({"DATA": DROP}, Delivery.LATER),
        ({".": "452 disk full"}, Delivery.LATER),
        ({".": DROP}, Delivery.LATER),  # it may have been taken: the same Message-ID tells
        ({".": ["554 no such content", "250 fine"]}, Delivery.SENT),  # the minimal form
        ({".": "554 never"}, Delivery.NEVER),
        ({"DATA": "554 never"}, Delivery.NEVER),
        ({".": ["554 no such content", "451 wait"]}, Delivery.LATER),
        ({"QUIT": DROP}, Delivery.SENT),
        ({"QUIT": "500 what"}, Delivery.SENT),
    ],
)
def test_A02_what_a_server_answers_decides_whether_the_notice_is_tried_again(answers: dict[str, str], result: Delivery) -> None:
    with scripted_mail(Script(answers)) as port:
        how = _send(_settings(port), step_timeout=5.0)
    assert how.result is result
    assert bool(how.why) is (result is not Delivery.SENT) and len(how.why) <= 200


@pytest.mark.parametrize("stage", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("how_slow", [HANG, DRIP])
def test_A02_a_server_that_never_answers_is_left_in_time(stage: str, how_slow: str) -> None:
    before = time.monotonic()
    with scripted_mail(Script({stage: how_slow})) as port:
        how = _send(_settings(port), step_timeout=PATIENCE if how_slow == HANG else 60.0, deadline=60.0 if how_slow == HANG else PATIENCE)
    assert how.result is Delivery.LATER and how.why
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("slow", [HANG, DRIP])
def test_A02_a_message_that_was_taken_is_sent_however_the_farewell_goes(slow: str) -> None:
    script = Script({"QUIT": slow})
    with scripted_mail(script) as port:
        assert _send(_settings(port), step_timeout=PATIENCE, deadline=2 * PATIENCE) == Delivered(Delivery.SENT)
    assert len(script.messages) == 1


def test_nobody_listening_is_later() -> None:
    with scripted_mail(Script()) as port:
        pass
    how = _send(_settings(port))
    assert how.result is Delivery.LATER and "refused" in how.why


def test_A04_a_refused_content_goes_out_in_the_minimal_form_under_the_same_id() -> None:
    script = Script({".": ["554 looks like spam", "250 fine"]})
    with scripted_mail(script) as port:
        assert _send(_settings(port)) == Delivered(Delivery.SENT)
    first, second = (_parsed(message) for message in script.messages)
    assert first["Message-ID"] == second["Message-ID"]
    assert second["Subject"].startswith("Notice 7") and "desertion" not in script.messages[1].decode()


@pytest.mark.parametrize("recipient", ["desk@example.org\r\nRCPT TO:<x@evil.example>", "дежурный@example.org", "a\ud800@example.org"])
def test_an_address_that_cannot_be_written_is_never_and_injects_nothing(recipient: str) -> None:
    script = Script()
    with scripted_mail(script) as port:
        how = _send(_settings(port), notice(recipient=recipient))
    assert how.result is Delivery.NEVER and "address" in how.why
    assert not [line for line in script.heard if "evil" in line or line.startswith("DATA")]


def test_a_login_challenge_that_is_no_challenge_is_a_value(tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("secret")
    script = Script({"EHLO": "250-here\r\n250 AUTH CRAM-MD5", "AUTH": "334 ???not base64"})
    with scripted_mail(script) as port:
        channel = MailChannel(_settings(port, user="monitor", password_file=str(tmp_path / "password")))
        monkeypatch.setattr("monitor.notify.mail._password", lambda _: "secret")  # an open line, for this script has no TLS
        assert asyncio.run(channel.send(notice())).result is Delivery.LATER


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LINE_ENDS = ["\r", "\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize(("end", "shown"), [*((end, " ") for end in LINE_ENDS), ("\ud800", "\ufffd"), ("\x00", "␀"), ("\x1b", "␛")])
def test_O05_a_subject_that_breaks_lines_is_sent_on_one(end: str, shown: str) -> None:
    with mail_server() as (port, box):
        assert _send(_settings(port), notice(subject=f"A{end}Bcc: x@evil.example{end}")).result is Delivery.SENT
    (envelope,) = box.received
    assert isinstance(envelope.content, bytes)
    message = _parsed(envelope.content)
    assert message["Bcc"] is None and message["Subject"] == f"A{shown}Bcc: x@evil.example{shown}".strip()
    assert _text(envelope.content, "plain").replace("\r\n", "\n") == notice().text


@pytest.mark.parametrize("broken", [{"text": "bro\ud800ken"}, {"html": "\udfff"}])
def test_A04_content_that_no_message_can_hold_costs_the_content_and_not_the_notice(broken: dict[str, str]) -> None:
    with mail_server() as (port, box):
        assert _send(_settings(port), notice(**broken)).result is Delivery.SENT
    assert box.received[0].content == minimal(notice(), SENDER)


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=60))
def test_O06_any_content_becomes_a_message_that_parses_back(subject: str, text: str, html: str) -> None:
    message = built(notice(subject=subject, text=text, html=html), SENDER)
    assert message.isascii() and max(map(len, message.split(b"\r\n"))) <= 998
    assert b"\n" not in message.replace(b"\r\n", b"") and b"\r" not in message.replace(b"\r\n", b"")
    parsed = _parsed(message)
    assert [name for name in parsed if name.lower() in ("bcc", "cc")] == []
    assert parsed["To"] == "desk@example.org" and len(parsed.get_all("Subject", [])) == 1


@pytest.mark.parametrize("given_id", ["alert 17", "", "<a b@c>", "x@y@z", "id\r\nBcc: x@evil.example", "ключ@example.org"])
def test_an_id_of_another_form_makes_a_lasting_message_id(given_id: str) -> None:
    made = [_parsed(form(notice(message_id=given_id), SENDER))["Message-ID"] for form in (built, built, minimal)]
    assert len(set(made)) == 1
    assert made[0].endswith("@news.example.org>") and len(made[0]) == len("<@news.example.org>") + 32


def test_a_notice_without_html_is_plain_text() -> None:
    parsed = _parsed(built(notice(html=None), SENDER))
    assert parsed.get_content_type() == "text/plain"
