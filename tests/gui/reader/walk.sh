#!/bin/sh
# Shows every place of the window inside a session of its own and walks it: walk.sh PYTHON FOLDER
here="$(dirname "$0")"
exec /usr/bin/python3 "$here/walk.py" "$2" "$1" "$here/window.py" "$2"
