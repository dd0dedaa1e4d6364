"""How does a notice become an e-mail? SMTP through the standard library, in a thread.

A passing refusal, a configuration that does not work (password, certificate, sender) and whatever happens on the line is LATER: the notice
waits in the outbox. NEVER is said only where the server refuses this recipient, or even the minimal form of this message.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from threading import Timer

from monitor.model import Delivered, Delivery, MailSettings, Notice, utc_text
from monitor.steps.display import plain

STEP_TIMEOUT = 30.0  # seconds that the server may stay silent
DEADLINE = 120.0  # seconds for one message, greeting to last answer; then the line is cut
WHY_MOST = 200  # characters of a server's words that are kept

#: What building a message raises on hostile content: lone surrogates, what the header parser chokes on.
_BUILD_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RecursionError, MessageError)
#: What talking to a server raises: refusals, broken lines, answers that no server should give (a login challenge that is no base64).
_TALK_ERRORS = (OSError, smtplib.SMTPException, ValueError)

_POLICY = SMTP.clone(cte_type="7bit")  # passes every relay
#: A recipient, and what stands between the brackets of a message id: ASCII without spaces, brackets or a second @.
_ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")


class MailChannel:
    """Sends notices by e-mail. Keeps the Channel port."""

    name = "mail"

    def __init__(self, settings: MailSettings, *, step_timeout: float = STEP_TIMEOUT, deadline: float = DEADLINE) -> None:
        self._settings, self._step_timeout, self._deadline = settings, step_timeout, deadline

    async def send(self, notice: Notice) -> Delivered:
        return await asyncio.to_thread(self._send, notice)

    def _send(self, notice: Notice) -> Delivered:
        sender = self._settings.sender
        if not _ADDRESS.fullmatch(notice.recipient):
            return Delivered(Delivery.NEVER, f"{notice.recipient!r} is no address that SMTP can write"[:WHY_MOST])
        try:
            with self._line() as smtp:
                return _hand_over(smtp, sender, notice.recipient, built(notice, sender), minimal(notice, sender))
        except _TALK_ERRORS as error:
            return Delivered(Delivery.LATER, _words(error))

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A connection ready for MAIL FROM, which is cut when the deadline passes, whatever the server drips meanwhile."""
        settings = self._settings
        # The sender's domain, not this machine's name: that is nobody's business, and asking for it can hang on DNS.
        own_name = _domain(settings.sender)
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self._step_timeout, local_hostname=own_name, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(timeout=self._step_timeout, local_hostname=own_name)
            # The name that TLS checks. Only the constructor that connects at once sets it, and that could not be cut short.
        smtp._host = settings.host  # type: ignore[attr-defined]
        timer = Timer(self._deadline, _hang_up, [smtp])
        timer.daemon = True
        timer.start()
        try:
            code, words = smtp.connect(settings.host, settings.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, words)
            if settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if settings.user is not None:
                smtp.login(settings.user, _password(settings))
            yield smtp
        finally:
            # Whatever happens to the line after the server's last 250 changes nothing: it has the message.
            with suppress(*_TALK_ERRORS):
                smtp.docmd("QUIT")
            smtp.close()
            timer.cancel()


def _hang_up(smtp: smtplib.SMTP) -> None:
    if smtp.sock:
        with suppress(OSError):  # closed in this very moment
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)  # not SSLSocket's own, which another thread reads from


def _password(settings: MailSettings) -> str:
    """Read for every connection, so that a new password needs no restart. Raises OSError, or ValueError where there is none to use."""
    if settings.security == "none":
        raise ValueError("a password is never sent over an open line: set [mail] security to starttls or tls")
    if not settings.password_file:
        raise ValueError("[mail] user has no password_file")
    return Path(settings.password_file).read_text(encoding="utf-8").strip()


# ── handing over ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, *forms: bytes) -> Delivered:
    """Offers the forms of a message until one is taken (RFC 5321 §3.3). Content that is refused for good gives way to the next form."""
    how = Delivered(Delivery.NEVER)
    for form in forms:
        code, words = smtp.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, words, sender)
        code, words = smtp.rcpt(recipient)
        if code not in (250, 251):
            return _refused(code, words)
        try:
            code, words = smtp.data(form)
        except smtplib.SMTPDataError as error:
            code, words = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        how = Delivered(Delivery.SENT) if code == 250 else _refused(code, words)
        if how.result is not Delivery.NEVER:
            break
    return how


def _refused(code: int, words: bytes) -> Delivered:
    """5yz is for good, everything else may pass (RFC 5321 §4.2.1)."""
    result = Delivery.NEVER if 500 <= code <= 599 else Delivery.LATER
    return Delivered(result, f"{code} {words.decode('utf-8', 'replace')}"[:WHY_MOST])


def _words(error: Exception) -> str:
    """What went wrong, for a curator; never what we sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _refused(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()).why
    return f"{type(error).__name__}: {error}"[:WHY_MOST]


# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def built(notice: Notice, sender: str) -> bytes:
    """The notice as a message: text, and HTML where it has any. The same notice gives the same bytes.

    Content that no message can be built of gives the minimal form: a hostile title must not cost the alert.
    """
    try:
        message = _headed(notice, sender, notice.subject)
        message.set_content(notice.text)
        if notice.html is not None:
            message.add_alternative(notice.html, subtype="html")
            message.set_boundary("=_" + _digest(notice))
        return message.as_bytes()
    except _BUILD_ERRORS:
        return minimal(notice, sender)


def minimal(notice: Notice, sender: str) -> bytes:
    """A message that holds nothing from outside: that there is a notice, and where to read it."""
    message = _headed(notice, sender, f"Notice {notice.number}: its content could not be sent by e-mail")
    told = f"Notice {notice.number} of {utc_text(notice.created)} could not be sent as it is."
    message.set_content(f"{told} `monitor alerts` and `monitor digest` show what it told.\n")
    return message.as_bytes()


def _headed(notice: Notice, sender: str, subject: str) -> EmailMessage:
    message = EmailMessage(_POLICY)
    message["From"] = sender
    message["To"] = notice.recipient
    message["Subject"] = plain(subject).strip()
    message["Date"] = format_datetime(notice.created)
    message["Message-ID"] = _message_id(notice, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers, please
    return message


def _message_id(notice: Notice, sender: str) -> str:
    """The notice's own id in its brackets (RFC 5322 §3.6.4), or one made from it where it has another form."""
    own = notice.message_id.removeprefix("<").removesuffix(">")
    return f"<{own}>" if _ADDRESS.fullmatch(own) else f"<{_digest(notice)}@{_domain(sender)}>"


def _digest(notice: Notice) -> str:
    return hashlib.sha256(notice.message_id.encode("utf-8", "replace")).hexdigest()[:32]


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip(">") or "localhost"
