#!/usr/bin/env bash
# Install the system packages that Qt, the tests and the bundle need on Debian and Ubuntu. Does nothing where all are there.
# Say "--bundle" to have those of `make package` too.
set -euo pipefail

packages=(
    # Qt: OpenGL, text, glib's event loop, the bus, Kerberos and Brotli that QtNetwork is linked with
    libegl1 libgl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 libgssapi-krb5-2 libbrotli1
    # Qt's xcb platform: one missing library and no window opens
    libx11-6 libx11-xcb1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-randr0 libxcb-render0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0
    libxcb-xkb1
    # fonts: without any, every letter is a box; without a CJK one, every Hanzi
    fonts-dejavu-core fonts-noto-cjk
    # tests: an X server without a screen, pdftotext and pdftoppm
    xvfb poppler-utils
)
[ "${1:-}" != --bundle ] || packages+=(binutils libcups2)

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || {
    [ "$(uname -s)" != Linux ] || echo "This is not Debian or Ubuntu: if the window does not open, install what Qt's xcb platform needs." >&2
    exit 0
}

installed=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | tr '\n' ' ')"
missing=()
for package in "${packages[@]}"; do
    # Debian 13 and Ubuntu 24.04 renamed some with "t64"; the old name still installs them.
    case "$installed" in *" $package "* | *" ${package}t64 "*) ;; *) missing+=("$package") ;; esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "These system packages are missing, and neither root nor sudo is at hand: ${missing[*]}" >&2
        echo "Ask an administrator for: apt-get install ${missing[*]}" >&2
        exit 1
    }
    as_root=(sudo)
fi
echo "Installing system packages with apt-get: ${missing[*]}"
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install && exit 0
echo "Refreshing apt's package lists first"
"${as_root[@]}" apt-get update -qq </dev/null
install || { cat "$log" >&2; exit 1; }
