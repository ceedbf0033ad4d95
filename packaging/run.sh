#!/usr/bin/env bash
# Open the window with a scenario; without a display show the same answer in the terminal and draw the window into a file.
set -euo pipefail
cd "$(dirname "$0")/.."
scenario=$1

if [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/gpuplanner "$scenario"
fi
echo "There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so no window can open. The same estimate as a table:"
echo
.venv/bin/gpuplanner estimate "$scenario"
echo
.venv/bin/python -m tests.shots.make_shots build --window-of "$scenario"
