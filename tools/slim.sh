#!/usr/bin/env bash
# Make a built .venv self-contained and take out what only building needs; for container images.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=$PWD/.venv
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

# The build installs links to the sources and to the build folder: put the files in their place.
find "$venv" -type l | while read -r link; do
  target=$(readlink -f "$link")
  case $target in
    "$venv"/*) ;;
    "$PWD"/*) cp --remove-destination "$target" "$link" ;;
  esac
done
# Wheels cannot hold links, so a library lies there once under each of its names.
for name in "$venv"/lib/*.so; do
  for copy in "$name".*; do
    if [ -f "$copy" ] && [ ! -L "$copy" ] && cmp -s "$name" "$copy"; then
      ln -sf "$(basename "$name")" "$copy"
    fi
  done
done

rm -rf "$venv/include"
rm -rf "$site"/pip "$site"/pip-*.dist-info "$site"/setuptools "$site"/setuptools-*.dist-info \
  "$site"/pkg_resources "$site"/pybullet_data "$site"/pybullet_envs
find "$venv/share" -type d -name cmake -prune -exec rm -rf {} +
find "$venv" -name '*.a' -delete
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find "$venv" -type d -name __pycache__ -prune -exec rm -rf {} +
# Debug symbols are most of some wheels. Libraries that auditwheel has edited (*.libs) break when
# stripped and stay as they are.
find "$venv" -type f \( -name '*.so' -o -name '*.so.*' \) -not -path '*.libs/*' \
  -exec strip --strip-unneeded {} +
"$venv/bin/python" -m compileall -q "$site/rfsn_ros"
