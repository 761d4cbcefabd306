#!/bin/sh
# Shows a place of the window inside a session of its own and walks it: walk.sh PYTHON PLACE SIGN
here="$(dirname "$0")"
exec /usr/bin/python3 "$here/walk.py" "$3" "$1" "$here/window.py" "$2"
