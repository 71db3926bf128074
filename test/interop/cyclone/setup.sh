#!/bin/bash
# setup.sh DEST
#
# Makes DEST: a Python venv with Eclipse Cyclone DDS, whose wheel holds the C library; 25 MB. DEST/.complete is written
# last; a second caller waits for the first. Needs python3.9 … 3.13 with venv, flock. PYTHON chooses the interpreter.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dest=${1:?usage: setup.sh DEST}
python=${PYTHON:-}
for candidate in python3.11 python3.12 python3.13 python3.10 python3.9; do
  [ -n "$python" ] && break
  "$candidate" -c 'import venv, ensurepip' 2>/dev/null && python=$candidate
done
[ -n "$python" ] || {
  echo "setup.sh: no python3.9 … 3.13 with venv and ensurepip; install one (Debian: python3 python3-venv)" >&2
  exit 3
}
mkdir -p "$(dirname "$dest")"
exec 9>"$dest.lock"
flock 9
[ -f "$dest/.complete" ] && exit 0
rm -rf "$dest"
"$python" -m venv "$dest"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$dest/bin/python" -m pip install --quiet --no-deps --no-compile -r "$here/requirements.txt" >&2
"$dest/bin/python" -c 'import cyclonedds.domain, cyclonedds.idl'
touch "$dest/.complete"
