from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from formscan.errors import StoreError
from formscan.store import Store, migrations
from formscan.store.rows import Base
from formscan.store.unit_of_work import Database


def test_that_the_migrations_make_every_table_from_nothing(bare_url: str, tmp_path: Path) -> None:
    Store.open(bare_url, tmp_path).close()
    database = Database(bare_url, "desk-1")
    with database.read() as connection:
        assert migrations.revision(connection) == migrations.HEAD
        assert {*Base.metadata.tables, "alembic_version"} == set(inspect(connection).get_table_names())
        assert len(connection.execute(text("SELECT value FROM meta")).scalar_one()) == 64
    database.close()


def test_that_the_newest_schema_is_what_the_rows_say(bare_url: str, tmp_path: Path) -> None:
    Store.open(bare_url, tmp_path).close()
    database = Database(bare_url, "desk-1")
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_that_the_named_head_is_the_last_script_and_scripts_are_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_that_opening_again_changes_nothing(bare_url: str, tmp_path: Path) -> None:
    Store.open(bare_url, tmp_path).close()
    with Store.open(bare_url, tmp_path) as again:
        assert again.audit_head().seq == 0
    database = Database(bare_url, "desk-1")
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM meta")).scalar_one() == 1
    database.close()


def test_that_a_database_of_a_newer_program_is_refused(bare_url: str, tmp_path: Path) -> None:
    Store.open(bare_url, tmp_path).close()
    database = Database(bare_url, "desk-1")
    database.alter(lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    database.close()
    with pytest.raises(StoreError, match=r"store\.newer_schema"):
        Store.open(bare_url, tmp_path)


def test_that_a_migration_that_fails_half_way_leaves_nothing(
    bare_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic.operations import Operations

    def broken(*_: object, **__: object) -> None:
        raise StoreError("store.refused")

    with monkeypatch.context() as patched:
        patched.setattr(Operations, "bulk_insert", broken)
        with pytest.raises(StoreError):
            Store.open(bare_url, tmp_path)
    database = Database(bare_url, "desk-1")
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    database.close()
    Store.open(bare_url, tmp_path).close()


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://a@b/c"])
def test_that_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.url"):
        Store.open(url, tmp_path)


def test_that_an_unreachable_server_is_told_without_its_address(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.unreachable") as told:
        Store.open("postgresql://someone:secret@127.0.0.1:1/none", tmp_path)
    assert "secret" not in str(told.value)
    assert told.value.__suppress_context__


def test_that_sqlite_runs_with_wal_and_full_sync_and_foreign_keys(tmp_path: Path) -> None:
    url = f"sqlite:///{(tmp_path / 'a.db').as_posix()}"
    database = Database(url, "desk-1")
    with database.read() as connection:
        told = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    database.close()
    assert told == ["wal", 2, 1, 30000]


def test_that_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is not a database at all, not even nearly" * 40)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        Store.open(f"sqlite:///{(tmp_path / 'a.db').as_posix()}", tmp_path)


def test_that_the_schema_needs_no_store_to_be_read_by_others(bare_url: str, tmp_path: Path) -> None:
    Store.open(bare_url, tmp_path).close()
    engine = create_engine(bare_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() == 0
    engine.dispose()
