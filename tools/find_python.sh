#!/bin/sh
# Prints the first Python on the path that Pointsman runs on: 3.11 or newer, able to make virtual environments.
for name in python3 python3.13 python3.12 python3.11 python3.14; do
    if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$name"
        exit 0
    fi
done
echo "Pointsman needs Python 3.11 or newer with the venv module (Debian, Ubuntu: apt install python3-venv)." >&2
exit 1
