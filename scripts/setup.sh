#!/usr/bin/env bash
# Sets up everything FormScan needs on Debian 12: packages where missing, uv, the locked environment.
# Usage: scripts/setup.sh demo|test
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-demo}"

run_packages="python3 python3-venv poppler-utils libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1
  libglib2.0-0 fonts-dejavu-core libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
  libxcb-render-util0 libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xinerama0 libxcb-xkb1 libxkbcommon-x11-0"
test_packages="xvfb xauth tesseract-ocr postgresql fonts-liberation2 util-linux git sane-utils sane-airscan
  at-spi2-core dbus python3-pyatspi slapd"

packages="$run_packages"
[ "$what" = test ] && packages="$run_packages $test_packages"

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $packages; do
    status="$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)"
    [ "$status" = "install ok installed" ] || missing="$missing $package"
  done
fi
if [ -n "$missing" ]; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo"; else as_root="none"; fi
  fi
  if [ "$as_root" = none ]; then
    echo "setup: these Debian packages are missing and there is no root or sudo to install them:$missing" >&2
    echo "setup: ask an administrator for: apt-get install$missing" >&2
  else
    echo "setup: installing$missing"
    # No server is wanted here: the tests start a private PostgreSQL of their own.
    $as_root mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" | $as_root tee /etc/postgresql-common/createcluster.d/formscan.conf >/dev/null
    if [ "$what" = test ] && command -v debconf-set-selections >/dev/null 2>&1; then  # nor a directory
      echo "slapd slapd/no_configuration boolean true" | $as_root debconf-set-selections
    fi
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
  fi
fi

if ! command -v uv >/dev/null 2>&1; then
  if [ ! -x .work/uv/bin/uv ]; then
    python3 -m venv .work/uv
    .work/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
  fi
  PATH="$PWD/.work/uv/bin:$PATH"
fi

export UV_PYTHON_DOWNLOADS=never
if [ "$what" = test ]; then
  uv sync --locked --inexact --extra signin --quiet
else
  uv sync --locked --inexact --no-dev --quiet
fi
