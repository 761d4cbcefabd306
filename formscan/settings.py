"""Settings: from arguments, then ``FORMSCAN_*`` variables, then defaults."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from formscan.model.people import Role
from formscan.paths import default_home


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no account name, as in some containers and services
        return "clerk"


class Settings(BaseSettings):
    """Where things lie and how many hands work.

    Attributes:
        home: Folder of the database and the images.
        url: Database URL; empty means SQLite in ``home``.
        forms: Folder of further templates, besides those that ship.
        workers: Processes that read pages.
        person: Login name written beside every decision.
        bucket: fsspec URL of an image store several machines see; empty means ``home``.
        organisation: Name of the hospital, custodian of exported entries.
        ldap_url: Directory that knows people with accounts of the source ``ldap``; ``ldaps://...``.
        ldap_dn: Where people are in it, e.g. ``uid={name},ou=people,dc=benhvien,dc=vn``.
        oidc_issuer: Identity provider that knows people with accounts of the source ``oidc``; its URL.
        oidc_client: What it calls this program.
        oidc_secret: Of the client, where it has one.
        oidc_name: Claim that is the login name.
        oidc_groups: Claim that lists groups.
        oidc_roles: Roles by group, as JSON: ``{"duyet-ho-so": "reviewing_clerk"}``; roles then follow the
            groups at each sign-in. Empty: roles are given here.
        page_s: Seconds a page may take before its worker is ended and the page quarantined.
        worker_mib: Memory of a worker, in MiB, beyond which it is ended.
        lock_minutes: Minutes without a key after which the window locks, where people sign in; 0 never.
    """

    model_config = SettingsConfigDict(env_prefix="FORMSCAN_", extra="ignore")

    home: Path = Field(default_factory=default_home)
    url: str = ""
    bucket: str = ""
    forms: Path | None = None
    workers: int = Field(default_factory=lambda: max(1, os.cpu_count() or 1), ge=1, le=256)
    person: str = Field(default_factory=_login)
    organisation: str = ""
    ldap_url: str = ""
    ldap_dn: str = ""
    oidc_issuer: str = ""
    oidc_client: str = "formscan"
    oidc_secret: SecretStr = SecretStr("")
    oidc_name: str = "preferred_username"
    oidc_groups: str = "groups"
    oidc_roles: dict[str, Role] = Field(default_factory=dict)
    page_s: float = Field(default=180.0, gt=0)
    worker_mib: int = Field(default=3072, ge=512)
    lock_minutes: float = Field(default=10.0, ge=0)

    @property
    def database_url(self) -> str:
        """The database to open."""
        return self.url or f"sqlite:///{(self.home / 'formscan.db').as_posix()}"

    @property
    def image_store(self) -> str:
        """Where page images lie: a folder or an fsspec URL."""
        return self.bucket or str(self.images)

    @property
    def images(self) -> Path:
        """Folder of the page images."""
        return self.home / "images"
