#!/usr/bin/env bash
# Make .venv with the pinned packages and the project itself, linked to this tree.
set -euo pipefail
cd "$(dirname "$0")/.."

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() {
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null && usable "$python"; then echo "$python"; return; fi
    done
    return 1
}

if ! { [ -x .venv/bin/python ] && usable .venv/bin/python; }; then
    python=$(find_python) || {
        as_root=(); [ "$(id -u)" -eq 0 ] || as_root=(sudo)
        command -v apt-get >/dev/null || { echo "Python 3.11 or newer with venv is needed; none was found." >&2; exit 1; }
        echo "Installing Python with apt-get: python3 python3-venv"
        "${as_root[@]}" apt-get update -qq </dev/null
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-venv </dev/null >/dev/null
        # Ubuntu 22.04's own python3 is 3.10, but it carries 3.11 beside it.
        find_python >/dev/null || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends python3.11 python3.11-venv </dev/null >/dev/null
        python=$(find_python) || { echo "Python 3.11 or newer is needed; apt has none." >&2; exit 1; }
    }
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

pip=(.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-input --constraint constraints.txt)
echo "Installing the Python packages pinned in constraints.txt into .venv"
"${pip[@]}" hatchling editables
"${pip[@]}" --no-build-isolation --editable '.[dev]'
touch .venv/installed
