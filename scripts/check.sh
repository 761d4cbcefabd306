#!/usr/bin/env bash
# All checks of the project; the environment is ready (scripts/setup.sh test).
set -euo pipefail
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-offscreen}" OMP_THREAD_LIMIT=1 OMP_NUM_THREADS=1
bin=.venv/bin

echo "== ruff"
$bin/ruff check .
$bin/ruff format --check .
echo "== mypy --strict"
$bin/mypy
echo "== import contracts"
$bin/lint-imports --no-cache
echo "== tests"
# Two processes: a file stays in one, tests of one database server too (tests/conftest.py). `-n 0` is one process.
exec $bin/pytest -q -n 2 --dist loadgroup "$@"
