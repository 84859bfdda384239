#!/usr/bin/env bash
# Make .venv (ROS 2 wheels, pinned requirements) and build the package into it with colcon.
# Steps that are done already are skipped, so a second run takes seconds.
# RFSN_REQUIREMENTS names the file in requirements/ to install; dev (everything) by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$1: $2"); }
need g++ 'sudo apt-get install build-essential'
need cmake 'sudo apt-get install cmake'
need make 'sudo apt-get install make'
need flock 'sudo apt-get install util-linux'

find_python() {
  local candidate
  for candidate in "${RFSN_PYTHON:-}" python3.11 \
      "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.11*/bin/python3.11; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' \
        >/dev/null 2>&1; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}
python=$(find_python) ||
  missing+=('Python 3.11 with venv: sudo apt-get install python3.11 python3.11-venv (Ubuntu 24.04: after sudo add-apt-repository ppa:deadsnakes/ppa; elsewhere: pyenv install 3.11)')
if [ ${#missing[@]} -gt 0 ]; then
  printf 'rfsn_ros: missing on this machine, with the command that installs it:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
fi

mkdir -p .build
exec 9>.build/lock
flock 9
# what goes on beside ends with this, also on Ctrl-C
trap 'jobs -p | xargs -r kill 2> /dev/null || true' EXIT

PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_DISABLE_PIP_VERSION_CHECK
venv=$PWD/.venv

stamp_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
done_before() { [ -f ".build/$1" ] && [ "$(cat ".build/$1")" = "$2" ]; }

wanted=$(stamp_of requirements/*.txt tools/setup.sh)
if ! done_before requirements "$wanted" || [ ! -x "$venv/bin/python" ]; then
  echo 'rfsn_ros: installing requirements into .venv (some minutes the first time)'
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  [ -x .venv-colcon/bin/python ] || "$python" -m venv .venv-colcon
  .venv-colcon/bin/python -m pip install --quiet -r requirements/colcon.txt \
    2> >(grep -v '^WARNING: Location' >&2) &
  colcon=$!
  "$venv/bin/python" -m pip install --quiet --prefer-binary \
    -r requirements/ros-wheels.txt -r "requirements/${RFSN_REQUIREMENTS:-dev}.txt" 2> >(grep -v '^WARNING: Location' >&2)
  wait "$colcon"
  # The wheels' CMake files name the Python of the machine they were built on.
  purelib=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  include=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
  { grep -rlE '/opt/python/cp311' "$venv/share" --include='*.cmake' || true; } | xargs -r sed -i \
    -e "s#/opt/python/cp311-cp311/lib/python3.11/site-packages#$purelib#g" \
    -e "s#/opt/python/cp311-cp311/include/python3.11#$include#g"
  echo "$wanted" > .build/requirements
fi

# Numba looks at the file of a function only, not at those of the functions compiled into it.
kernels=$(stamp_of $(grep -rlE 'import compiled|njit' rfsn_ros --include='*.py' | LC_ALL=C sort))
compiling=
# beside what follows, for neither needs the other
if ! done_before kernels "$kernels"; then
  echo 'rfsn_ros: compiling what navigation compiles (a minute)'
  rm -f .build/kernels
  find rfsn_ros "$venv"/lib/python*/site-packages/rfsn_ros -name '*.nb[ic]' -delete 2> /dev/null || true
  "$venv/bin/python" -m rfsn_ros.navigation.rehearsal &
  compiling=$!
fi

sources=$(find rfsn_ros launch config urdf msg srv cmake -type f ! -path '*/__pycache__/*' | LC_ALL=C sort)
interfaces=$(stamp_of msg/*.msg srv/*.srv CMakeLists.txt package.xml cmake/*.in <(echo "$sources") .build/requirements)
if ! done_before build "$interfaces"; then
  echo 'rfsn_ros: building with colcon into .venv'
  rm -f .build/build
  if ! env -u PYTHONPATH AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv" \
      PATH="$venv/bin:$PATH" .venv-colcon/bin/colcon --log-base .build/log build \
      --base-paths . --build-base .build/colcon --install-base "$venv" --merge-install \
      --symlink-install --cmake-args -DBUILD_TESTING=OFF \
      "-DPython3_EXECUTABLE=$venv/bin/python" > .build/build.log 2>&1; then
    tail -n 60 .build/build.log >&2
    echo 'rfsn_ros: the build failed; the whole log is .build/build.log' >&2
    exit 1
  fi
  echo "$interfaces" > .build/build
fi

if [ -n "$compiling" ]; then
  wait "$compiling"
  # the installed package looks into a folder of its own, for the same sources
  find rfsn_ros -name '*.nb[ic]' -print0 | xargs -0 cp --parents --remove-destination -t "$venv"/lib/python*/site-packages
  echo "$kernels" > .build/kernels
fi
