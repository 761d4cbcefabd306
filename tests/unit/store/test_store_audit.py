from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from formscan.model.page import Held, Source
from formscan.model.people import Person, Role
from formscan.model.record import Draft
from formscan.model.review import ReviewedField
from formscan.store import AuditHead, Store
from formscan.store import store as store_module
from formscan.store.audit import FIRST, line_hash
from formscan.store.unit_of_work import Database

MakeDraft = Callable[..., Draft]
Decide = Callable[..., ReviewedField]
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def trail(store: Store, make_draft: MakeDraft, decide: Decide) -> Store:
    """Seven lines: stored, two confirmed, withdrawn, corrected, confirmed, released."""
    store.add_draft(make_draft(fields=2), "scanner")
    store.record("d1", decide("f0"))
    store.record("d1", decide("f1"))
    store.undo("d1", "lan")
    store.record("d1", decide("f1", "Trần Văn Bình", reason="ink smudged"))
    store.record("d1", decide("f0"))
    store.release("d1", "lan", AT)
    return store


def tamper(url: str, *statements: str) -> None:
    """Change the trail as somebody would who may do everything in the database."""
    database = Database(url, "desk-1")
    if database.is_sqlite:
        off = [f"DROP TRIGGER audit_{name}" for name in ("no_update", "no_delete", "no_replace")]
    else:
        off = ["ALTER TABLE audit DISABLE TRIGGER USER"]
    database.alter(lambda c: [c.execute(text(statement)) for statement in (*off, *statements)])
    database.close()


def test_that_everything_that_happens_leaves_a_line_in_a_chain(trail: Store) -> None:
    lines = list(trail.audit())
    assert [line.action for line in lines] == [
        "draft.stored", "field.confirmed", "field.confirmed", "field.withdrawn", "field.corrected",
        "field.confirmed", "entry.released",
    ]  # fmt: skip
    assert [line.seq for line in lines] == list(range(1, 8))
    assert {line.workstation for line in lines} == {"desk-1"}
    assert lines[0].previous == FIRST
    assert [line.previous for line in lines[1:]] == [line.hash for line in lines[:-1]]
    assert trail.audit_head() == AuditHead(7, lines[-1].hash)
    verdict = trail.verify_audit()
    assert (verdict.intact, verdict.lines, verdict.head, verdict.broken_at) == (True, 7, lines[-1].hash, None)


def test_that_an_empty_trail_is_intact(store: Store) -> None:
    assert store.verify_audit().intact


def test_that_no_line_holds_patient_text_or_a_hash_that_can_be_guessed(trail: Store) -> None:
    import hashlib

    told = "\n".join(line.detail for line in trail.audit())
    assert "Trần" not in told
    assert "smudged" not in told
    for guess in ("Trần Văn Bình", '{"normalised":"v0","state":"value","text":"v0"}'):
        assert hashlib.sha256(guess.encode()).hexdigest() not in told
    corrected = json.loads(next(trail.audit(4)).detail)
    assert re.fullmatch("[0-9a-f]{64}", corrected["value"])
    assert corrected["value"] != corrected["before"]


def test_that_equal_values_have_equal_digests_in_one_database_only(
    trail: Store, tmp_path_factory: pytest.TempPathFactory, make_draft: MakeDraft, decide: Decide
) -> None:
    confirmed = [json.loads(line.detail) for line in trail.audit() if line.action == "field.confirmed"]
    first, again = (detail["value"] for detail in confirmed if detail["field"] == "f0")
    assert first == again
    folder = tmp_path_factory.mktemp("other")
    with Store.open(f"sqlite:///{(folder / 'a.db').as_posix()}", folder) as other:
        other.put_image(b"page of d1", "image/png")
        other.add_draft(make_draft(fields=2))
        other.record("d1", decide("f0"))
        assert json.loads(next(other.audit(1)).detail)["value"] != first


@pytest.mark.parametrize(
    ("statements", "seq", "reason"),
    [
        (["UPDATE audit SET person = 'nobody' WHERE seq = 3"], 3, "audit.edited"),
        (["UPDATE audit SET at = replace(at, '2026', '2025') WHERE seq = 1"], 1, "audit.edited"),
        (["UPDATE audit SET detail = '{}' WHERE seq = 5"], 5, "audit.edited"),
        (["UPDATE audit SET hash = previous WHERE seq = 5"], 5, "audit.edited"),
        (["DELETE FROM audit WHERE seq = 4"], 4, "audit.gap"),
        (["DELETE FROM audit WHERE seq = 4", "UPDATE audit SET seq = seq - 1 WHERE seq = 5",
          "UPDATE audit SET seq = seq - 1 WHERE seq = 6", "UPDATE audit SET seq = seq - 1 WHERE seq = 7"],
         4, "audit.edited"),
        (["UPDATE audit SET seq = 99 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3",
          "UPDATE audit SET seq = 3 WHERE seq = 99"], 2, "audit.edited"),
        (["DELETE FROM audit WHERE seq > 5"], 6, "audit.cut_off"),
        (["DELETE FROM audit"], 1, "audit.cut_off"),
        (["UPDATE audit_head SET seq = 6"], 7, "audit.cut_off"),
    ],
)  # fmt: skip
def test_that_tampering_is_found_where_it_happened(
    trail: Store, url: str, statements: list[str], seq: int, reason: str
) -> None:
    tamper(url, *statements)
    verdict = trail.verify_audit()
    assert (verdict.intact, verdict.broken_at, verdict.reason) == (False, seq, reason)


def test_that_a_line_edited_with_its_hash_made_anew_breaks_the_next_one(trail: Store, url: str) -> None:
    edited = replace(list(trail.audit())[2], person="nobody")
    tamper(url, f"UPDATE audit SET person = 'nobody', hash = '{line_hash(edited)}' WHERE seq = 3")
    verdict = trail.verify_audit()
    assert (verdict.intact, verdict.broken_at, verdict.reason) == (False, 4, "audit.edited")


def test_that_a_line_put_in_behind_the_head_is_found(trail: Store, url: str) -> None:
    columns = "at, person, workstation, action, subject, detail, previous, hash"
    tamper(url, f"INSERT INTO audit (seq, {columns}) SELECT 8, {columns} FROM audit WHERE seq = 7")
    assert trail.verify_audit().reason == "audit.beyond_head"


def test_that_a_trail_cut_off_together_with_its_head_is_found_by_its_entries(trail: Store, url: str) -> None:
    head = "(SELECT hash FROM audit WHERE seq = 6)"
    tamper(url, "DELETE FROM audit WHERE seq = 7", f"UPDATE audit_head SET seq = 6, hash = {head}")
    assert trail.verify_audit().reason == "audit.entry_without_line"


def test_that_a_trail_cut_off_together_with_its_head_is_found_by_an_anchor_kept_elsewhere(
    trail: Store, url: str
) -> None:
    trail.get_entry(trail.entries()[0].id, person="dr.ha")
    anchor = trail.audit_head()
    assert trail.verify_audit(anchor).intact
    head = "(SELECT hash FROM audit WHERE seq = 7)"
    tamper(url, "DELETE FROM audit WHERE seq = 8", f"UPDATE audit_head SET seq = 7, hash = {head}")
    assert trail.verify_audit().intact
    assert trail.verify_audit(anchor).reason == "audit.cut_off"


def test_that_another_whole_trail_is_found_by_an_anchor(trail: Store) -> None:
    assert trail.verify_audit(AuditHead(3, "f" * 64)).reason == "audit.not_the_anchored"


def test_that_a_long_trail_is_read_and_verified_in_constant_memory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "LINES_AT_ONCE", 20)
    roles = (frozenset({Role.READER}), frozenset({Role.ARCHIVIST}))

    def grow(lines: int) -> None:
        for number in range(lines):
            store.put_person(Person("lan", "Lan", roles[number % 2]))

    def peak() -> int:
        tracemalloc.start()
        assert store.verify_audit().intact
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    def least() -> int:
        """What the reading needs: of several runs the one that no other thread's memory was added to."""
        return min(peak() for _ in range(5))

    grow(60)
    for _ in range(4):
        peak()  # the driver keeps statements it has seen five times
    short = least()
    grow(120)
    assert least() < 1.2 * short
    assert [line.seq for line in store.audit(20)] == list(range(21, 181))


def test_that_people_are_kept_with_their_roles(store: Store) -> None:
    lan = Person("lan", "Nguyễn Thị Lan", frozenset({Role.REVIEWING_CLERK, Role.SUPERVISOR}))
    store.put_person(lan)
    store.put_person(lan)
    assert store.person("lan") == lan
    changed = Person("lan", "Nguyễn Thị Lan", frozenset({Role.READER}))
    store.put_person(changed, by="admin")
    assert store.people() == [changed]
    assert [(line.action, line.person) for line in store.audit()] == [
        ("person.added", "system"), ("person.changed", "admin"),
    ]  # fmt: skip


def test_that_a_run_counts_a_held_page_once_and_says_whether_it_adds_up(store: Store) -> None:
    store.start_run("night-1")
    store.start_run("night-1")
    page = Held(Source("a.pdf", "a" * 64, 2, 3), "identify", "identify.no_form", (("score", "0.2"),))
    broken = Held(Source("b.jpg", "b" * 64), "acquire", "acquire.truncated", (), quarantined=True)
    assert store.add_held("night-1", page)
    assert store.add_held("night-1", broken)
    assert not store.add_held("night-1", page)
    assert store.held("night-1") == store.held() == [page, broken]
    run = store.finish_run("night-1", {"pages": 9, "read": 6, "held": 2})
    assert run.unaccounted == 1
    assert store.runs() == [store.run("night-1")] == [run]
