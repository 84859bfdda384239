#!/usr/bin/env bash
# Take out of a built .venv what only building needs; for container images.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.venv
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

rm -rf .build .venv-colcon "$venv/include" "$venv/share/rosidl_"*/cmake
rm -rf "$site"/pip "$site"/pip-*.dist-info "$site"/setuptools "$site"/setuptools-*.dist-info \
  "$site"/pkg_resources "$site"/pybullet_data "$site"/pybullet_envs
find "$venv/share" -type d -name cmake -prune -exec rm -rf {} +
find "$venv" -name '*.a' -delete
find "$site" -type d \( -name tests -o -name test \) -prune -exec rm -rf {} +
find . -type d -name __pycache__ -prune -exec rm -rf {} +
# Debug symbols are most of some wheels. A library that strip cannot read stays as it is;
# numpy's and scipy's bundled libraries break when stripped.
find "$venv" -type f \( -name '*.so' -o -name '*.so.*' \) -not -path '*.libs/*' \
  -exec strip --strip-unneeded {} + 2>/dev/null || true
"$venv/bin/python" -m compileall -q rfsn_ros
