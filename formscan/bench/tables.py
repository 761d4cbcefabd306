"""Figures of the line as tables for people."""

from __future__ import annotations

from typing import Any


def markdown(figures: dict[str, Any]) -> str:
    """The report as Markdown, with n and intervals beside every share."""
    parts = ["# The line, measured", _setting(figures), _pages(figures), _registration(figures)]
    parts += [_fields(figures), _speed(figures)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _setting(figures: dict[str, Any]) -> str:
    run = figures["run"]
    return (
        f"{run['pages']} composed pages of the forms that ship ({run['split']} ink and seeds, seed "
        f"{run['seed']}), {run['sheets']} number sheets, {run['foreign']} foreign pages. Fonts "
        "that look like handwriting are listed as `font-hand` and never count as handwriting; "
        "`real-hand` is people's ink."
    )


def _pages(figures: dict[str, Any]) -> str:
    rows = [("all", figures["identification"])]
    rows += [(f"severity {name}", value) for name, value in figures["by_severity"].items()]
    rows += [(f"{name} blanks", value) for name, value in figures["by_base"].items()]
    body = [
        f"| {name} | {v['pages']} | {v['right']} | {_span(v['right_95'])} | {v['held']} | "
        f"{v['wrongly_accepted']} (≤ {v['wrongly_accepted_at_most']:.2%}) |"
        for name, v in rows
    ]
    table = _table("pages | n | identified right | 95 % | held | wrongly accepted (95 % at most)", body)
    foreign = [
        f"| {name} | {v['pages']} | {v['accepted']} | {v['accepted_at_most']:.2%} |"
        for name, v in figures["foreign"].items()
    ]
    if not foreign:
        return "## Pages\n\n" + table
    return "## Pages\n\n" + table + "\n\n" + _table("foreign pages | n | accepted | 95 % at most", foreign)


def _registration(figures: dict[str, Any]) -> str:
    rows = [("all", figures["registration"]), *figures["registration_by_severity"].items()]
    body = [
        f"| {name} | {v['fields']} | {v['p50_px']:.2f} | {v['p99_px']:.2f} | {v['worst_px']:.2f} | "
        f"{v['beyond_1_mm']} | {v['silent_beyond_1_mm']} |"
        for name, v in rows
        if v["fields"]
    ]
    head = "severity | fields | p50 px | p99 px | worst px | beyond 1 mm | silent beyond 1 mm"
    return "## Field centres after registration (px at 300 dpi)\n\n" + _table(head, body)


def _fields(figures: dict[str, Any]) -> str:
    body = [
        f"| {r['metric']} | {r['source']} | {r['n']} | {r['share']:.1%} | {_span((r['low'], r['high']))} | "
        f"{r['wrong'] + r['ghost']} | {r['missed']} | {r['left']} |"
        for r in figures["fields"]
    ]
    head = "what | ink | n | exactly right | 95 % | proposed wrong | ink called blank | left to a person"
    return "## Fields\n\n" + _table(head, body)


def _speed(figures: dict[str, Any]) -> str:
    seconds = figures["seconds_per_page"]
    stages = [f"| {k} | {v:.3f} |" for k, v in seconds.items() if k not in {"pages", "render_once_s"}]
    out = f"## Speed\n\nCore-seconds a page (n = {seconds['pages']}):\n\n" + _table("stage | s", stages)
    speed, other = figures["speed"], figures["against_one_call_a_field"]
    if speed:
        out += (
            f"\n\n{speed['pages']} pages in {speed['wall_s']:.1f} s with {speed['workers']} processes: "
            f"{speed['pages_per_minute']:.0f} pages a minute (load of the machine before: "
            f"{speed['load_before']:.1f}); peak memory a process {speed['peak_mib']:.0f} MiB."
        )
    if other:
        out += (
            f"\n\nOne `pytesseract` call a field with the model that the line uses (`vie` of tessdata_best), "
            f"one thread, on the same {other['fields']} crops of {other['pages']} pages: "
            f"{other['rival_seconds']:.1f} core-seconds, {other['rival_right_share']:.1%} exactly right "
            f"({_span(other['rival_right_95'])}); the whole line: {other['line_seconds']:.1f} "
            f"core-seconds, {other['line_right_share']:.1%} ({_span(other['line_right_95'])}); "
            f"{other['times_faster']:.1f} times faster."
        )
    return out


def _table(head: str, body: list[str]) -> str:
    names = [name.strip() for name in head.split("|")]
    return "\n".join(["| " + " | ".join(names) + " |", "|" + "---|" * len(names), *body])


def _span(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.1%} to {interval[1]:.1%}"
