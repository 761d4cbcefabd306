"""The supervisor's desk from the command line: one JSON document, and the exit codes of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from formscan import cli_desk
from formscan.cli import app
from formscan.errors import RefusedError
from formscan.settings import Settings
from ui.sample_house import PASSWORD, furnish

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished home."""
    home = tmp_path_factory.mktemp("house")
    furnish(Settings(home=home), entries=2, drafts=0, dpi=60.0)
    return home


@pytest.fixture
def run(house: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as somebody."""
    monkeypatch.setenv("FORMSCAN_PASSWORD", PASSWORD)

    def do(*arguments: str, person: str = "minh") -> Result:
        monkeypatch.setenv("FORMSCAN_PERSON", person)
        return CliRunner().invoke(app, [*arguments, "--home", str(house)])

    return do


def test_that_a_sample_is_drawn_listed_and_reported(run: Run) -> None:
    drawn = run("sample", "draw", "--plan", "iso:II:1.0", "--seed", "4", "--stratify", "clerk", "--json")
    told = json.loads(drawn.stdout)
    assert (told["letter"], told["size"], told["accept"], told["reject"]) == ("H", 50, 1, 2)
    assert len({(item["entry_id"], item["field_id"]) for item in told["items"]}) == 50
    listed = json.loads(run("sample", "list", "--json").stdout)
    assert [row["id"] for row in listed] == [told["id"]]
    report = run("sample", "report", told["id"], "--json")
    assert report.exit_code == 0
    assert json.loads(report.stdout)["open"] == 50


def test_that_lines_are_listed_and_given_out(run: Run, tmp_path: Path) -> None:
    lines = json.loads(run("audit", "list", "--where", "action=entry.released", "--json").stdout)
    assert [line["person"] for line in lines] == ["hanh", "lan"]
    limited = json.loads(run("audit", "list", "--limit", "3", "--json").stdout)
    assert len(limited) == 3
    assert limited[0]["seq"] > limited[2]["seq"]
    out = tmp_path / "trail.csv"
    given = run("audit", "export", str(out), "--where", "person=lan", "--where", "since=2020-01-01", "--json")
    assert json.loads(given.stdout)[0]["lines"] == len(out.read_text(encoding="utf-8-sig").splitlines()) - 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("sample", "draw", "--plan", "bound"), ("sample", "draw", "--plan", "iso:IV:1.0"),
        ("sample", "draw", "--where", "colour=red"), ("audit", "list", "--where", "since=yesterday"),
        ("sample", "draw", "--stratify", "moon"), ("sample", "draw", "--where", "made=moon"),
    ],
)  # fmt: skip
def test_that_bad_use_exits_with_two(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_that_a_clerk_is_refused(run: Run) -> None:
    assert isinstance(run("sample", "list", person="lan").exception, RefusedError)
    assert isinstance(run("audit", "list", person="lan").exception, RefusedError)
    assert cli_desk.sample_app.info.help
