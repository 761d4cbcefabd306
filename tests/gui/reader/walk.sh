#!/bin/sh
# Shows every place of the window inside a session of its own and walks it: walk.sh PYTHON FOLDER
set -u
here="$(dirname "$0")"
QT_QPA_PLATFORM=xcb QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 "$1" "$here/window.py" "$2" >&2 &
window=$!
/usr/bin/python3 "$here/walk.py" "$window" "$2"
code=$?
kill "$window"
wait "$window" 2>/dev/null
exit "$code"
