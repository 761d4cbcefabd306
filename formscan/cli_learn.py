"""``formscan learn``: adapt the line reader to confirmed lines, see what it was worth, go back."""

from __future__ import annotations

import importlib.util
from dataclasses import asdict
from typing import Annotated, Any

import typer

from formscan.app import Application
from formscan.cli_parts import EXIT_HELD, EXIT_USE, AsJson, Db, Home, print_json, print_rows, settings_of
from formscan.cli_people import enter
from formscan.errors import InputError
from formscan.learning.room import LearningRoom
from formscan.learning.shelf import Lesson, WeightShelf
from formscan.model.people import Permission

learn_app = typer.Typer(no_args_is_help=True, help="Learning from the hospital's own archive.")


@learn_app.command("adapt")
def learn_adapt(
    lines: Annotated[
        int, typer.Option(min=100, help="Lines to go over in all; 12,000 take about an hour.")
    ] = 12_000,
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Fine-tune on confirmed lines; install the result only where it reads held-out ones better."""
    if importlib.util.find_spec("torch") is None:
        typer.echo("Adapting needs the extra 'train': uv sync --extra train", err=True)
        raise typer.Exit(EXIT_USE)
    from formscan.batch.index_shelf import open_line
    from formscan.learning.adapt_lines import Effort
    from formscan.lessons import learn

    with Application(settings_of(home, db)) as core:
        enter(core)
        core.need(Permission.ADMINISTER)
        shelf = _shelf(core)
        pages = open_line(core.library, ())
        try:
            lesson = learn(core.store, pages, shelf, core.person.id, _said, Effort(lines))
        except InputError as error:
            told = {"learned": False, "reason": error.code, **error.facts}
            print_json(told) if as_json else typer.echo(
                f"Too few confirmed lines yet: {error.facts['lines']} of {error.facts['wanted']}."
            )
            raise typer.Exit(EXIT_HELD) from error
    if lesson is not None:
        _show([lesson], as_json)


@learn_app.command("status")
def learn_status(home: Home = None, db: Db = "", as_json: AsJson = False) -> None:
    """The learning curve: each adaptation with its error rates before and after, and what is in use."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        _show(list(_room(core).curve().lessons), as_json)


@learn_app.command("back")
def learn_back(
    digest: Annotated[str, typer.Argument(help="Of earlier weights, as ``status`` names them.")] = "",
    home: Home = None,
    db: Db = "",
    as_json: AsJson = False,
) -> None:
    """Use earlier weights again; without a digest those that ship."""
    with Application(settings_of(home, db)) as core:
        enter(core)
        try:
            now = _room(core).back(digest)
        except FileNotFoundError as error:
            typer.echo(f"There are no weights {digest} here; see: formscan learn status", err=True)
            raise typer.Exit(EXIT_USE) from error
    told = {"in_use": now or "shipped"}
    print_json(told) if as_json else typer.echo(f"In use now: {told['in_use']}")


def _room(core: Application) -> LearningRoom:
    return LearningRoom(core.settings.home / "models", core.need)


def _shelf(core: Application) -> WeightShelf:
    return WeightShelf(core.settings.home / "models")


def _said(what: str, share: float) -> bool:
    typer.echo(f"\r{what} {share:4.0%}", nl=share >= 1, err=True)
    return True


def _show(lessons: list[Lesson], as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "at": lesson.at.isoformat(timespec="minutes"),
            "weights": lesson.digest,
            "lines": lesson.compared.lines_used,
            "held out": lesson.compared.lines,
            "errors before": f"{lesson.compared.old_cer:.3f}",
            "errors after": f"{lesson.compared.new_cer:.3f}",
            "installed": lesson.installed,
        }
        for lesson in lessons
    ]
    if as_json:
        print_json([{**asdict(lesson), "at": lesson.at.isoformat()} for lesson in lessons])
    else:
        print_rows(rows, as_json, "No adaptation yet" if not rows else f"{len(rows)} adaptations")
