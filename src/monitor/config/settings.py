"""monitor.toml -> Settings: how the service shows itself, when it tells, what it keeps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from monitor.config.tables import Table, checked, read_toml
from monitor.config.values import AddressAndPort, Duration, Name, Port, Url, Zone, readable_file, within
from monitor.errors import ConfigError
from monitor.model import EvidenceSettings, FetchSettings, MailSettings, Settings, WebhookSettings

FILE = "monitor.toml"
MOST_WORKERS = 256
MOST_PARALLEL = 256
MOST_ATTEMPTS = 50
MOST_RECIPIENTS = 100

_DEFAULTS = Settings()
_FETCH, _EVIDENCE = _DEFAULTS.fetch, _DEFAULTS.evidence


def _contact(value: str) -> str:
    """Goes into a header: printable ASCII, and no parenthesis that would end the User-Agent's comment."""
    if value and not re.fullmatch(r"[!-'*-~]{3,200}", value):
        raise ValueError("must be an address of the web or of e-mail, without blanks: it goes into the User-Agent")
    return value


def _mailbox(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", value) or not value.isprintable():
        raise ValueError("must be a plain e-mail address, as in desk@example.org")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class _Fetch(Table):
    contact: Annotated[str, AfterValidator(_contact)] = _FETCH.contact
    allow: tuple[AddressAndPort, ...] = _FETCH.allow
    ports: Annotated[tuple[Port, ...], Field(min_length=1)] = _FETCH.ports
    host_gap: Annotated[Duration, within("0s", "1h")] = _FETCH.host_gap
    deadline: Annotated[Duration, within("1s", "10m")] = _FETCH.deadline
    parallel: Annotated[int, Field(strict=True, ge=1, le=MOST_PARALLEL)] = _FETCH.parallel


class _Mail(Table):
    host: Name
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=MOST_RECIPIENTS)]
    sender: Mailbox
    port: Port = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Name | None = None
    password_file: Name | None = None
    alerts: StrictBool = True
    digest: StrictBool = True

    @model_validator(mode="after")
    def _both_or_none(self) -> _Mail:
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file must be given together")
        return self


class _Webhook(Table):
    url: Url
    secret_file: Name
    allow: tuple[AddressAndPort, ...] = ()
    alerts: StrictBool = True
    digest: StrictBool = True


class _Evidence(Table):
    timestamp_url: Url | None = _EVIDENCE.timestamp_url
    wayback: StrictBool = _EVIDENCE.wayback
    wayback_url: Url = _EVIDENCE.wayback_url


class _Monitor(Table):
    timezone: Zone = _DEFAULTS.timezone
    digest_at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d\z")] = _DEFAULTS.digest_at
    workers: Annotated[int, Field(strict=True, ge=0, le=MOST_WORKERS)] = _DEFAULTS.workers
    page_deadline: Annotated[Duration, within("1s", "10m")] = _DEFAULTS.page_deadline
    attempts: Annotated[int, Field(strict=True, ge=1, le=MOST_ATTEMPTS)] = _DEFAULTS.attempts
    keep_raw: Literal["matched", "all", "none"] = "matched"
    keep_raw_days: Annotated[int, Field(strict=True, ge=0, le=36_500)] = _DEFAULTS.keep_raw_days
    fetch: _Fetch = _Fetch()
    evidence: _Evidence = _Evidence()
    mail: _Mail | None = None
    webhook: tuple[_Webhook, ...] = ()


def load_settings(folder: Path) -> Settings:
    """`folder`/monitor.toml; every key has a default, and so has the file. Files that it names are relative to the folder.

    Raises ConfigError naming file, key and what is allowed.
    """
    if not folder.is_dir():
        raise ConfigError(folder, "", "there is no such configuration folder")
    path = folder / FILE
    if not path.exists():
        return Settings()
    table = checked(_Monitor, read_toml(path), path)
    return Settings(
        timezone=table.timezone,
        digest_at=table.digest_at,
        workers=table.workers,
        page_deadline=table.page_deadline,
        attempts=table.attempts,
        keep_raw=table.keep_raw,
        keep_raw_days=table.keep_raw_days,
        fetch=FetchSettings(**dict(table.fetch)),
        evidence=EvidenceSettings(**dict(table.evidence)),
        mail=_mail(table.mail, folder, path) if table.mail else None,
        webhooks=tuple(_webhook(hook, number, folder, path) for number, hook in enumerate(table.webhook)),
    )


def _mail(table: _Mail, folder: Path, path: Path) -> MailSettings:
    password = readable_file(folder, table.password_file, path, "mail.password_file") if table.password_file else None
    return MailSettings(**{**dict(table), "password_file": password})


def _webhook(table: _Webhook, number: int, folder: Path, path: Path) -> WebhookSettings:
    secret = readable_file(folder, table.secret_file, path, f"webhook.{number}.secret_file")
    return WebhookSettings(**{**dict(table), "secret_file": secret})
