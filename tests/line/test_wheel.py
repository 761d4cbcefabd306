"""The wheel, as a hospital would install it: in a clean environment, outside the source tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _uv(repository: Path) -> str:
    own = repository / ".work" / "uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.is_file() else None)
    if found is None:
        pytest.skip("uv is not on the path")
    return found


def _done(command: list[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr[-2000:]


def test_that_a_wheel_runs_the_demo_outside_the_tree(repository: Path, tmp_path: Path) -> None:
    uv = _uv(repository)
    dist, env, away = tmp_path / "dist", tmp_path / "env", tmp_path / "away"
    away.mkdir()
    _done([uv, "build", "--wheel", "--out-dir", str(dist), str(repository)])
    wheel = next(dist.glob("*.whl"))
    locked = tmp_path / "locked.txt"
    export = [uv, "export", "--locked", "--no-dev", "--no-emit-project", "--no-hashes", "-o", str(locked)]
    _done([*export, "--project", str(repository)])
    _done([uv, "venv", "--python", sys.executable, str(env)])
    scripts = env / ("Scripts" if os.name == "nt" else "bin")
    install = [uv, "pip", "install", "--python", str(scripts / "python"), "-r", str(locked), str(wheel)]
    _done(install)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FORMSCAN", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(scripts / "formscan"), "demo", "--json", "--workers", "1"],
        cwd=away, env=clean, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    shown = json.loads(done.stdout)
    assert shown["report"]["count"]["balances"]
    assert shown["entry"]["resourceType"] == "Bundle"
