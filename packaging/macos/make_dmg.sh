#!/bin/sh
# The app bundle and a disk image of it, on macOS: packaging/macos/make_dmg.sh 0.1.0
set -eu
version=$1
here=$(cd "$(dirname "$0")" && pwd)
dist=$(cd "$here/../../dist" && pwd)
app="$dist/GPU Planner.app"
rm -rf "$app"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
sed "s/@VERSION@/$version/g" "$here/Info.plist" > "$app/Contents/Info.plist"
cp -R "$dist/gpuplanner/." "$app/Contents/MacOS/"
plutil -lint "$app/Contents/Info.plist"
codesign --force --deep --sign - "$app"
stage=$(mktemp -d)
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname "GPU Planner" -srcfolder "$stage" -ov -format UDZO "$dist/gpuplanner-$version-macos-$(uname -m).dmg"
rm -rf "$stage"
