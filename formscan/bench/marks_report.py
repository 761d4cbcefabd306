"""The figures of the mark reader as a page of Markdown."""

from __future__ import annotations

from typing import Any, Final

_HEAD: Final = """# The mark reader, measured

`formscan bench marks`. Marks of people that were looked at while building (half of `mark_crops`, by hash)
are not in these figures, and no real mark was trained on. 95 % Wilson intervals (Clopper-Pearson where
none was wrong).

## Boxes of the forms, composed

Every tick box of the forms on its piece of the printed page; real marks lifted off phone photos
(`mark_crops`) and real capitals X and V (`letters_AZ`), with pens from fine to marker, 6 % faint; marks
that were blackened or scribbled over (drawn) alone or beside another; writing that grazes the boxes; the
other side shining through; stamps; clean, office and hard scans (JPEG, copies, 150 to 300 dpi),
registered with the error the line has. *Numbers* are printed numbers of which one is ringed by a real
handwritten zero. The threshold is the share of dark pixels inside the box less the blank's, fitted on
boxes with the other half of the marks; it answers everything.
"""
_COLUMNS: Final = (
    "what",
    "boxes",
    "answered",
    "wrong",
    "wrong per 10,000 answered",
    "asked",
    "threshold alone: wrong per 10,000",
)


def page(told: dict[str, Any]) -> str:
    """All figures of ``bench marks``."""
    composed = told["composed"]
    parts = [
        _HEAD,
        f"{told['different_marks']} different marks.\n",
        f"| {' | '.join(_COLUMNS)} |",
        "|---|---|---|---|---|---|---|",
        *(_row(name, composed[name]) for name in sorted(composed)),
        "",
        *(_more(name, composed[name]) for name in ("boxes", "numbers") if name in composed),
        _photos(told["photos"]),
        _pages(told),
    ]
    return "\n".join(parts) + "\n"


def _row(name: str, of: dict[str, Any]) -> str:
    rate, low, high = of["wrong_per_10000"]
    dark = of["dark_share_wrong_per_10000"]
    asked, _, _ = of["asked"]
    share = f"{asked / max(1, of['boxes']):.2%}"
    threshold = f"{dark[0]:.0f} ({dark[1]:.0f} to {dark[2]:.0f})"
    head = f"| {name} | {of['boxes']} | {of['answered']} | {of['wrong']} "
    return head + f"| {rate:.1f} ({low:.1f} to {high:.1f}) | {asked} ({share}) | {threshold} |"


def _more(name: str, of: dict[str, Any]) -> str:
    truths = ", ".join(f"{truth} {asked} of {n}" for truth, (asked, n) in of["asked_by_truth"].items() if n)
    confused = ", ".join(f"{what} {count}" for what, count in sorted(of["confused"].items())) or "none"
    lines = (
        f"**{name}**: asked by what was done to the box: {truths}.",
        f"Wrong: {confused}.",
        f"Questions as a whole: {_counts(of['questions'])}.",
        f"{of['ms_a_box']} ms a box (process time).\n",
    )
    return "\n".join(lines)


def _photos(rows: list[dict[str, Any]]) -> str:
    lines = [
        "## Boxes on phone photos (`mark_crops`)\n",
        "| folder | n | right | asked | wrong |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        low, high = row["interval"]
        right = f"{row['right']:.1%} ({low:.1%} to {high:.1%})"
        lines.append(f"| {row['what']} | {row['n']} | {right} | {row['asked']} | {row['wrong']} |")
    lines.append(
        "\nThe blank is the median of ten empty boxes. Of ambiguous ones *right* means taken as marked.\n"
    )
    return "\n".join(lines)


def _pages(told: dict[str, Any]) -> str:
    pages, sheets, tax = told["checkbox_pages"], told["omr_sheets"], told["irs_filled"]
    lines = (
        "## Pages of others\n",
        "| material | n | right | asked | wrong |",
        "|---|---|---|---|---|",
        _share("`checkbox_pages`, boxes", pages["boxes"]),
        _share("`irs_filled`, boxes", tax["boxes"]),
        _share("`ballots_hamilton`, ovals", told["ballots"]["ovals"]),
        _share("`omr_sheets` (75 questions), bubbles", sheets["bubbles"]),
        _share("`omr_sheets`, questions (one of five)", sheets["questions"]),
        "",
        f"`checkbox_pages` as a whole: {_counts(pages['pages'])}. {pages['no_blank']} boxes on pages with",
        "fewer than two other empty boxes to make a blank of were not read.",
        f"`irs_filled` as a whole (W-9): {_counts(tax['pages'])}.",
        f"`omr_sheets` as a whole ({sheets['sheets']} sheets): {_counts(sheets['whole_sheets'])}.",
        "The answers of 24 questions are told, the others were left blank. The two sheets with 150 questions",
        "were not read.",
    )
    return "\n".join(lines)


def _share(name: str, of: dict[str, Any]) -> str:
    right, low, high = of["right"]
    share = f"{right / max(1, of['n']):.2%} ({low:.2%} to {high:.2%})"
    return f"| {name} | {of['n']} | {share} | {of['asked']} | {of['wrong']} |"


def _counts(of: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(of.items()))
