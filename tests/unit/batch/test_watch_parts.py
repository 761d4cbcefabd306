"""Quiet files, folder rules, hours, forecast, guard and the board: what a watched night is made of."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from formscan.batch.watch.exposition import exposition, metrics_server
from formscan.batch.watch.forecast import Forecast
from formscan.batch.watch.guard import Guard
from formscan.batch.watch.hours import Hours, parse_time
from formscan.batch.watch.quiet import Quietness, is_half_copied, open_for_writing
from formscan.batch.watch.rules import TODAY, FolderRule, load_rules, with_sidecar
from formscan.batch.watch.status import NightBoard, NightStatus
from formscan.errors import FormScanError


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def never(_path: Path, _size: int, _mtime: int) -> bool:
    return False


def test_that_a_file_is_quiet_after_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    clock, page = Clock(), tmp_path / "a.jpg"
    quietness = Quietness(5.0, clock)
    page.write_bytes(b"half")
    assert quietness.look(tmp_path, never).stirring == 1
    clock.now += 4
    page.write_bytes(b"half and more")
    assert quietness.look(tmp_path, never).files == ()
    clock.now += 4.9
    assert quietness.look(tmp_path, never).files == ()
    clock.now += 0.2
    assert quietness.look(tmp_path, never).files == (page,)


def test_that_an_empty_file_is_given_a_minute_for_its_bytes(tmp_path: Path) -> None:
    clock, page = Clock(), tmp_path / "a.jpg"
    quietness = Quietness(5.0, clock)
    page.touch()
    quietness.look(tmp_path, never)
    clock.now += 30
    assert quietness.look(tmp_path, never).files == ()
    clock.now += 31
    assert quietness.look(tmp_path, never).files == (page,)


def test_that_half_copied_names_and_open_scan_jobs_are_left_alone(tmp_path: Path) -> None:
    job = tmp_path / "job"
    job.mkdir()
    (job / "000001.jpg").write_bytes(b"page")
    (job / ".scan.jsonl").write_text("{}")
    for name in ("a.jpg.part", "~$b.pdf", ".hidden.jpg", "c.crdownload"):
        (tmp_path / name).write_bytes(b"x")
        assert is_half_copied(name)
    quietness = Quietness(0.0)
    assert quietness.look(tmp_path, never).files == ()
    (job / ".scan.json").write_text("{}")
    assert quietness.look(tmp_path, never).files == (job / "000001.jpg",)


def test_that_known_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert Quietness(0.0).look(tmp_path, lambda *_: True) == Quietness(0.0).look(tmp_path / "none", never)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_that_a_file_another_process_writes_is_not_quiet(tmp_path: Path) -> None:
    page, other = tmp_path / "a.jpg", tmp_path / "b.jpg"
    other.write_bytes(b"whole")
    code = (
        "import sys; f = open(sys.argv[1], 'wb'); f.write(b'x'); f.flush()\n"
        "print('on', flush=True); sys.stdin.read()"
    )
    writer = [sys.executable, "-c", code, str(page)]
    with subprocess.Popen(writer, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert open_for_writing([page, other]) == {page}
        quiet = Quietness(0.0).look(tmp_path, never)
        assert (quiet.files, quiet.stirring) == ((other,), 1)
        process.communicate(b"")
    assert open_for_writing([page, other]) == set()


def test_that_rules_give_form_department_and_priority_and_sidecars_add_to_them(tmp_path: Path) -> None:
    told = '[[folder]]\npath = "noi"\ndepartment = "Khoa Nội"\nform = "36-BV2"\npriority = 5\n'
    file = tmp_path / "watch.toml"
    file.write_text(told + '[[folder]]\npath = "kho"\narchive = true\n', encoding="utf-8")
    ward, archive = load_rules(file)
    assert ward == FolderRule(tmp_path / "noi", "36-BV2", "Khoa Nội", 5)
    assert archive.archive
    ward.path.mkdir()
    (ward.path / ".formscan.toml").write_text('priority = 9\nscanner = "fi"\n')
    assert (with_sidecar(ward).priority, with_sidecar(ward).department) == (9, "Khoa Nội")


@pytest.mark.parametrize(
    "told",
    ["[[folder]]\npath = 3\n", '[[folder]]\npath = "a"\ncolour = "red"\n', "[[folder]]\n", "", "[[folder"],
)
def test_that_a_wrong_rule_is_named(tmp_path: Path, told: str) -> None:
    file = tmp_path / "watch.toml"
    file.write_text(told)
    with pytest.raises(FormScanError, match=r"watch\.rules") as error:
        load_rules(file)
    assert error.value.facts["file"] == "watch.toml"


def test_that_todays_pages_go_before_the_archive_and_before_older_ones() -> None:
    today = date(2026, 3, 2)
    now, before = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 1, 8, tzinfo=UTC)
    ward, archive = FolderRule(Path("a"), priority=1), FolderRule(Path("b"), priority=50, archive=True)
    assert ward.priority_of(now, today) == TODAY + 1
    assert ward.priority_of(before, today) == 1
    assert archive.priority_of(now, today) == 50


def test_that_the_hours_go_over_midnight() -> None:
    night = Hours(time(18), time(6))
    day = datetime(2026, 3, 2, tzinfo=UTC)
    opened = [hour for hour in range(24) if night.open_at(day.replace(hour=hour))]
    assert opened == [0, 1, 2, 3, 4, 5, *range(18, 24)]
    until = Hours(until=parse_time("6:00"))
    assert until.end_after(day.replace(hour=22)) == datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert until.end_after(day.replace(hour=5)) == day.replace(hour=6)
    for wrong in ("six", "25:00", "6", "6:0"):
        with pytest.raises(ValueError, match=r"."):
            parse_time(wrong)


def test_that_the_forecast_follows_the_pace_and_says_nothing_too_early() -> None:
    forecast, now = Forecast(), datetime(2026, 3, 2, 4, tzinfo=UTC)
    forecast.note(0.0, 0)
    forecast.note(10.0, 5)
    assert forecast.done_by(now, 60) is None
    forecast.note(60.0, 30)
    assert forecast.pages_a_minute == pytest.approx(30)
    assert forecast.done_by(now, 60) == now + timedelta(minutes=2)
    forecast.rest()
    assert forecast.pages_a_minute == 0


def test_that_the_guard_names_what_is_short(tmp_path: Path) -> None:
    assert Guard(tmp_path, 0, 0).reason() == ""
    assert Guard(tmp_path, 10**18, 0).reason() == "watch.disk"
    assert Guard(tmp_path, 0, 100, lambda: 99).reason() == "watch.memory"


def test_that_the_board_tells_the_last_status_and_a_pause(tmp_path: Path) -> None:
    board = NightBoard(tmp_path)
    assert board.read() is None
    status = NightStatus(datetime.now(UTC).isoformat(), "working", done=3, label="phiếu.pdf p.2")
    board.write(status)
    assert board.read() == status
    assert status.is_running
    (tmp_path / "night.json").write_text("{torn")
    assert board.read() is None
    board.pause(on=True)
    assert (tmp_path / "night.pause").exists()
    board.pause(on=False)
    board.pause(on=False)
    assert not NightBoard(tmp_path).paused
    old = NightStatus((datetime.now(UTC) - timedelta(minutes=5)).isoformat(), "working")
    assert not old.is_running


def test_that_prometheus_can_read_the_figures_on_loopback() -> None:
    status = NightStatus("", "paused", done=12, waiting=3, pages_a_minute=41.5)
    with metrics_server(0, lambda: status) as port:
        url = f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/other", timeout=10)
    assert text == exposition(status)
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["formscan_night_pages_done_total"] == "12"
    assert lines['formscan_night_state{state="paused"}'] == "1"
    assert lines["formscan_night_pages_per_minute"] == "41.5"


def test_that_a_status_is_plain_json(tmp_path: Path) -> None:
    NightBoard(tmp_path).write(NightStatus("2026-03-02T00:00:00+00:00", "ended"))
    told = json.loads((tmp_path / "night.json").read_text(encoding="utf-8"))
    assert told["state"] == "ended"
    assert [path.name for path in tmp_path.iterdir()] == ["night.json"]
