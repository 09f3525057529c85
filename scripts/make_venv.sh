#!/bin/sh
# Make the virtual environment named by the first argument with the first Python found that is new
# enough. PYTHON=... chooses another. A Python packaged without ensurepip lends its own pip.
set -eu

venv=$1
fits='import sys; sys.exit(sys.version_info < (3, 11))'

for candidate in ${PYTHON:-python3.11 python3 python3.12 python3.13 python3.14 python}; do
    if "$candidate" -c "$fits" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "No Python of version 3.11 or later was found. Install one, or name it: make PYTHON=..." >&2
    exit 1
fi

if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    "$python" -m venv --clear --without-pip "$venv"
    "$python" -m pip --python "$venv/bin/python" install --quiet pip
fi
echo "$venv: $("$venv/bin/python" --version)"
