"""Signing in with a real OpenLDAP server on the loopback."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from formscan.app import Application
from formscan.errors import SignInError
from formscan.model.people import Person, Role
from formscan.settings import Settings
from formscan.signin import LdapSignIn

PEOPLE = "ou=people,dc=benhvien,dc=vn"
CONFIG = """
include {schema}/core.schema
include {schema}/cosine.schema
include {schema}/inetorgperson.schema
modulepath {modules}
moduleload back_mdb
pidfile {folder}/slapd.pid
database mdb
suffix "dc=benhvien,dc=vn"
rootdn "cn=root,dc=benhvien,dc=vn"
directory {folder}/data
"""
ENTRIES = """
dn: dc=benhvien,dc=vn
objectClass: dcObject
objectClass: organization
o: Benh vien
dc: benhvien

dn: ou=people,dc=benhvien,dc=vn
objectClass: organizationalUnit
ou: people

dn: uid=lan,ou=people,dc=benhvien,dc=vn
objectClass: inetOrgPerson
cn: Le Thi Lan
sn: Le
uid: lan
userPassword: mua thu la bay
"""


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{name} (Debian package slapd) is not installed")
    return found


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a directory with one person."""
    if importlib.util.find_spec("ldap3") is None:
        pytest.skip("ldap3 (extra signin) is not installed")
    slapd, slapadd = _program("slapd"), _program("slapadd")
    folder = tmp_path_factory.mktemp("ldap")
    (folder / "data").mkdir()
    config, ldif = folder / "slapd.conf", folder / "people.ldif"
    config.write_text(CONFIG.format(schema="/etc/ldap/schema", modules="/usr/lib/ldap", folder=folder))
    ldif.write_text(ENTRIES)
    subprocess.run([slapadd, "-f", str(config), "-l", str(ldif)], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    url = f"ldap://127.0.0.1:{port}"
    server = subprocess.Popen(
        [slapd, "-f", str(config), "-h", url, "-d", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await(port, server)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def test_that_a_directory_vouches_for_the_right_password_only(directory: str) -> None:
    asked = LdapSignIn(directory, f"uid={{name}},{PEOPLE}")
    assert asked.vouches("lan", "mua thu la bay")
    for name, password in (
        ("lan", "wrong"), ("lan", ""), ("", "mua thu la bay"), ("hoa", "mua thu la bay"),
        ("lan,ou=people", "mua thu la bay"), ("*", "mua thu la bay"),
    ):  # fmt: skip
        assert not asked.vouches(name, password)


def test_that_an_account_of_the_directory_signs_in_with_its_password_and_roles_of_here(
    directory: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, ldap_url=directory, ldap_dn=f"uid={{name}},{PEOPLE}")
    with Application(settings) as core:
        admin = Person("admin", "Admin", frozenset({Role.ADMINISTRATOR}))
        core.store.accounts.add(admin, "bon mua thay la", "root")
        lan = Person("lan", "Lan", frozenset({Role.REVIEWING_CLERK}))
        core.store.accounts.add(lan, None, "admin", source="ldap")
        with pytest.raises(SignInError, match=r"access\.sign_in"):
            core.sign_in("lan", "wrong")
        assert core.sign_in("lan", "mua thu la bay") == lan
        core.store.accounts.set_active("lan", False, "admin")
        with pytest.raises(SignInError, match=r"access\.sign_in"):
            core.sign_in("lan", "mua thu la bay")


def test_that_a_directory_that_is_not_there_is_told_and_lets_nobody_in(directory: str) -> None:
    with pytest.raises(SignInError, match=r"access\.directory"):
        LdapSignIn("ldap://127.0.0.1:1", f"uid={{name}},{PEOPLE}").vouches("lan", "x")
