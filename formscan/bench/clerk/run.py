"""``formscan bench clerk``: keys, modelled seconds and escaped errors of four ways, on the same forms."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from formscan.app import new_completer
from formscan.bench.clerk import costs
from formscan.bench.clerk.forms import ReadForm, assured, library, read_forms
from formscan.bench.clerk.hands import Clerk
from formscan.bench.clerk.spent import made_of, sort_of, table
from formscan.bench.clerk.ways import Form, Way, Worked, work_through
from formscan.bench.intervals import wilson
from formscan.bench.shared import shared_data
from formscan.bench.truth import Split
from formscan.model.reading import FieldState, FieldValue
from formscan.model.template import FieldSpec, ValueType
from formscan.paths import own_weights

RESAMPLED: Final = 2000
WORTH_A_ROW: Final = 0.0005
"""Share of typing's keys from which a sort of field has a row of its own."""
CONSTANTS: Final = (
    "KEY_S", "CODE_KEY_S", "THINK_S", "LOOK_S", "MATCH_S", "SPAN", "SLIP_KEY", "SLIP_CHOICE", "CATCH_PLAIN",
    "CATCH_DOUBTED", "CATCH_COMPARED",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; see ``--help``."""
    parser = argparse.ArgumentParser(prog="formscan bench clerk", description=__doc__)
    parser.add_argument("--data", type=Path, help="development data; default FORMSCAN_DATA or ../shared/data")
    parser.add_argument("--forms", type=int, default=300, help="composed forms; each is read once and kept")
    parser.add_argument("--cache", type=Path, help="folder of forms that were read; default a temporary one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--tune", action="store_true", help="ink and numbers things may be tuned on; needs a cache of its own"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes that read forms")
    parser.add_argument("--out", type=Path, help="folder for clerk.json and clerk.md")
    parser.add_argument(
        "--no-mending", action="store_true", help="readings that are not right are typed anew, not mended"
    )
    parser.add_argument(
        "--no-visits", action="store_true", help="Enter counts at once; words in doubt need no visit"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    given = parser.parse_args(argv)
    data = given.data or shared_data()
    if data is None or not data.is_dir():
        sys.stderr.write("no development data: give --data or set FORMSCAN_DATA\n")
        return 2
    split = Split.TUNE if given.tune else Split.REPORT
    with tempfile.TemporaryDirectory(prefix="formscan-clerk-") as fresh:
        read = list(
            read_forms(data, given.cache or Path(fresh), given.forms, given.seed, given.workers, split)
        )
    out = measured(read, given.seed, mends=not given.no_mending, visits=not given.no_visits)
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "clerk.json").write_text(json.dumps(out, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (given.out / "clerk.md").write_text(told(out), "utf-8")
    if given.json:
        sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n")
    else:
        Console().print(Markdown(told(out)))
    return 0


def measured(
    read: Sequence[ReadForm], seed: int, *, mends: bool = True, visits: bool = True
) -> dict[str, Any]:
    """All four ways on the forms of which a page was read."""
    templates = {form.key: form for form in library().forms}
    forms, styles = [], []
    for one in read:
        draft = one.draft(templates)
        if draft is not None:
            template = templates[draft.form_id, draft.form_version]
            there = {field.field_id for field in draft.fields}
            truths = {truth.field_id: truth for truth in one.truths if truth.field_id in there}
            forms.append(Form(template, assured(template, draft), truths))
            styles.append(one.style)
    completer = new_completer()
    done = {way: list(work_through(way, forms, completer, seed, mends=mends, visits=visits)) for way in Way}
    fields = [len(form.draft.fields) for form in forms]
    return {
        "run": {
            "forms": len(forms),
            "composed": len(read),
            "pages_held": sum(len(one.held) for one in read),
            "fields": sum(fields),
            "seed": seed,
            "mends": mends,
            "visits": visits,
            "weights": "adapted" if own_weights("lines.onnx") else "as shipped",
            "by_form": {name: sum(f.template.id == name for f in forms) for name in _names(forms)},
            "by_style": {name: styles.count(name) for name in sorted(set(styles))},
        },
        "constants": {name: getattr(costs, name) for name in CONSTANTS},
        "unread": sum(f.value.state is FieldState.UNVERIFIED for form in forms for f in form.draft.fields),
        "spent": table(
            {way.value: [one.spent for one in done[way]] for way in (Way.TYPING, Way.STATION)},
            sum(one.work.keys for one in done[Way.TYPING]),
        ),
        "lost": _lost({way.value: done[way] for way in (Way.TYPING, Way.STATION)}),
        "ways": {way.value: _figures(done[way], done[Way.TYPING], seed) for way in Way},
        "by_style": {
            name: {
                way.value: _figures(_of(done[way], styles, name), _of(done[Way.TYPING], styles, name), seed)
                for way in Way
            }
            for name in sorted(set(styles))
        },
    }


def told(out: dict[str, Any]) -> str:
    """The figures for a person, as Markdown."""
    run = out["run"]
    intro = (
        f"{run['forms']} composed forms ({_listed(run['by_form'])}; filled: {_listed(run['by_style'])}), "
        f"{run['fields']} fields, {out['unread']} of them proposed by nobody; lines read with the weights "
        f"{run.get('weights', 'as shipped')}; {run['pages_held']} pages were "
        "held and are left out. Mean and 95 % interval (forms resampled; shares after Wilson). Wrong fields "
        "are counted of 10,000 released ones: all, those wrong in more than stops and commas at the ends of "
        "words, critical ones, and those that are no narrative."
    )
    lines = [
        "# Simulated clerks",
        "",
        intro,
        "",
        "| way | keys a form | of typing | seconds | of typing | a form | wrong | words | critical | short |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *(_row(way, figures) for way, figures in out["ways"].items()),
        "",
    ]
    for name, ways in out["by_style"].items():
        lines += [
            f"- filled `{name}` (n = {ways['typing']['forms']}): "
            + "; ".join(_short(w, f) for w, f in ways.items())
        ]
    lines += ["", "Keys of the station by field, in % of the keys of typing all forms:", ""]
    lines += ["| field | what was made of it | typing | station |", "|---|---|---|---|"]
    lines += [
        f"| {row['sort']} | {row['made']} | {row['typing']:.2%} | {row['station']:.2%} |"
        for row in out["spent"]
        if row["station"] >= WORTH_A_ROW
    ]
    lines += ["", "Wrong fields after release, by field:", ""]
    lines += ["| field | what was made of it | fields | typing | station |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['sort']} | {row['made']} | {row['n']} | {row['typing']} | {row['station']} |"
        for row in out["lost"]
    ]
    made = ", ".join(f"{name} {value:.4g}" for name, value in out["constants"].items())
    return "\n".join([*lines, "", f"Constants (sources in `formscan/bench/clerk/costs.py`): {made}.", ""])


def _figures(done: Sequence[Worked], typed: Sequence[Worked], seed: int) -> dict[str, Any]:
    keys = np.array([one.work.keys for one in done], dtype=float)
    seconds = np.array([one.work.seconds for one in done])
    base_keys = np.array([one.work.keys for one in typed], dtype=float)
    base_seconds = np.array([one.work.seconds for one in typed])
    return {
        "forms": len(done),
        "keys": _mean(keys, seed),
        "keys_of_typing": _ratio(keys, base_keys, seed),
        "seconds": _mean(seconds, seed),
        "seconds_of_typing": _ratio(seconds, base_seconds, seed),
        "second_key_keys": float(np.mean([one.second.keys for one in done])),
        "second_key_seconds": float(np.mean([one.second.seconds for one in done])),
        "rulings": sum(one.rulings for one in done),
        "wrong_a_form": _mean(np.array([_count(one, lambda _s: True)[0] for one in done], dtype=float), seed),
        "wrong": _share(done, lambda _spec: True),
        "words": _share(done, lambda _spec: True, stops=False),
        "critical": _share(done, lambda spec: spec.critical),
        "short": _share(done, lambda spec: not _narrative(spec)),
    }


def _lost(ways: dict[str, list[Worked]]) -> list[dict[str, Any]]:
    """Wrong fields by what a field is and what was made of it, a way a column; the most first."""
    counts: dict[str, Counter[tuple[str, str]]] = {way: Counter() for way in ways}
    fields: Counter[tuple[str, str]] = Counter()
    for way, done in ways.items():
        for one in done:
            judge = Clerk(np.random.default_rng(0), one.form.template, one.form.truths)
            read = {field.field_id: field.value for field in one.form.draft.fields}
            for field_id, value in one.values.items():
                sort = sort_of(one.form.template.field(field_id)), made_of(judge, field_id, read[field_id])
                counts[way][sort] += not judge.right(field_id, value)
                fields[sort] += way == "station"
    rows = sorted(fields, key=lambda sort: (-counts["station"][sort], sort))
    return [
        {"sort": sort[0], "made": sort[1], "n": fields[sort], **{way: counts[way][sort] for way in ways}}
        for sort in rows
        if any(counts[way][sort] for way in ways)
    ]


def _count(one: Worked, wanted: Callable[[FieldSpec], bool], *, stops: bool = True) -> tuple[int, int]:
    """Wrong and all released fields of a form; without ``stops`` those at the ends of words may differ."""
    judge = Clerk(np.random.default_rng(0), one.form.template, one.form.truths)
    specs = [spec for spec in map(one.form.template.field, one.values) if wanted(spec)]
    wrong = [spec for spec in specs if not judge.right(spec.id, one.values[spec.id])]
    if not stops:
        wrong = [s for s in wrong if not same_words(s, judge.written(s.id), one.values[s.id])]
    return len(wrong), len(specs)


def same_words(spec: FieldSpec, true: FieldValue, value: FieldValue) -> bool:
    """Whether two texts differ in nothing but stops and commas at the ends of words."""
    if spec.type is not ValueType.TEXT or FieldState.VALUE not in {true.state} & {value.state}:
        return False
    one, two = ([word.strip(".,;:") for word in text.split()] for text in (true.text, value.text))
    return [word for word in one if word] == [word for word in two if word]


def _share(
    done: Iterable[Worked], wanted: Callable[[FieldSpec], bool], *, stops: bool = True
) -> dict[str, Any]:
    counts = [_count(one, wanted, stops=stops) for one in done]
    wrong, n = sum(c[0] for c in counts), sum(c[1] for c in counts)
    low, high = wilson(wrong, n)
    each = 10_000 / n if n else 0.0
    return {"wrong": wrong, "n": n, "of_10000": wrong * each, "low": low * 10_000, "high": high * 10_000}


def _mean(values: np.ndarray[Any, np.dtype[np.float64]], seed: int) -> dict[str, float]:
    means = _resampled(len(values), seed, lambda pick: float(values[pick].mean()))
    return {"mean": float(values.mean()) if len(values) else 0.0, "low": means[0], "high": means[1]}


def _ratio(
    values: np.ndarray[Any, np.dtype[np.float64]], base: np.ndarray[Any, np.dtype[np.float64]], seed: int
) -> dict[str, float]:
    ends = _resampled(len(values), seed, lambda pick: float(values[pick].sum() / base[pick].sum()))
    return {"mean": float(values.sum() / base.sum()) if len(values) else 0.0, "low": ends[0], "high": ends[1]}


def _resampled(
    count: int, seed: int, figure: Callable[[np.ndarray[Any, np.dtype[np.int64]]], float]
) -> tuple[float, float]:
    """2.5 and 97.5 % of a figure over forms drawn with replacement."""
    if not count:
        return 0.0, 0.0
    rng = np.random.default_rng([seed, 3])
    found = [figure(rng.integers(count, size=count)) for _ in range(RESAMPLED)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _narrative(spec: FieldSpec) -> bool:
    """Text over several lines."""
    return spec.type is ValueType.TEXT and len(spec.cells) > 1


def _of(done: Sequence[Worked], styles: Sequence[str], name: str) -> list[Worked]:
    return [one for one, style in zip(done, styles, strict=True) if style == name]


def _names(forms: Iterable[Form]) -> list[str]:
    return sorted({form.template.id for form in forms})


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _row(way: str, f: dict[str, Any]) -> str:
    def ends(figure: dict[str, float], form: str, times: float = 1.0) -> str:
        mean, low, high = (format(figure[name] * times, form) for name in ("mean", "low", "high"))
        return f"{mean} ({low} to {high})"

    def share(figure: dict[str, Any]) -> str:
        return f"{figure['of_10000']:.0f} ({figure['low']:.0f} to {figure['high']:.0f}; n={figure['n']})"

    cells = [
        ends(f["keys"], ".0f"),
        ends(f["keys_of_typing"], ".1f", 100) + " %",
        ends(f["seconds"], ".0f"),
        ends(f["seconds_of_typing"], ".1f", 100) + " %",
        ends(f["wrong_a_form"], ".2f"),
        share(f["wrong"]),
        share(f["words"]),
        share(f["critical"]),
        share(f["short"]),
    ]
    return f"| {way} | " + " | ".join(cells) + " |"


def _short(way: str, f: dict[str, Any]) -> str:
    keys, seconds = f["keys_of_typing"]["mean"], f["seconds_of_typing"]["mean"]
    return f"{way} {keys:.0%} of the keys, {seconds:.0%} of the time, {f['wrong']['of_10000']:.0f} wrong"
