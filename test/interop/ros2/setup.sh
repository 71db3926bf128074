#!/bin/bash
# setup.sh DEST jazzy|kilted
#
# Makes DEST: a Python venv with rclpy and rmw_fastrtps_cpp of that distribution, the common interface packages,
# and every package under interfaces/ beside this file and of the examples, generated with rosidl and compiled. Nothing
# of ROS needs to be installed; it takes some 20 s and 250 MB. DEST/.complete is written last; a second caller waits for
# the first.
# Needs python3.10 … 3.13 with venv, gcc, g++, flock. PYTHON chooses the interpreter.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dest=${1:?usage: setup.sh DEST jazzy|kilted}
distro=${2:?usage: setup.sh DEST jazzy|kilted}
requirements="$here/$distro.requirements.txt"
[ -f "$requirements" ] || { echo "setup.sh: no requirements for '$distro'" >&2; exit 2; }
unset _ROS_WHEELS_BOOTSTRAP_COMPLETE LD_LIBRARY_PATH

for tool in gcc g++ flock; do
  command -v "$tool" >/dev/null || { echo "setup.sh: $tool is missing; install it (Debian: gcc g++ util-linux)" >&2; exit 3; }
done
python=${PYTHON:-}
for candidate in python3.11 python3.12 python3.13 python3.10; do
  [ -n "$python" ] && break
  "$candidate" -c 'import venv, ensurepip' 2>/dev/null && python=$candidate
done
[ -n "$python" ] || {
  echo "setup.sh: no python3.10 … 3.13 with venv and ensurepip; install one (Debian: python3 python3-venv python3-dev)" >&2
  exit 3
}

mkdir -p "$(dirname "$dest")"
exec 9>"$dest.lock"
flock 9
[ -f "$dest/.complete" ] && exit 0
rm -rf "$dest"
"$python" -m venv "$dest"
PIP_DISABLE_PIP_VERSION_CHECK=1 "$dest/bin/python" -m pip install --quiet --no-deps --no-compile -r "$requirements" >&2

# The wheels hold each versioned library up to three times over: hard-link equal files.
"$dest/bin/python" - "$dest" <<'PYTHON'
import hashlib, os, sys
seen = {}
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.islink(path) or os.path.getsize(path) < 65536:
            continue
        with open(path, 'rb') as file:
            digest = hashlib.sha256(file.read()).digest()
        first = seen.setdefault(digest, path)
        if first != path:
            os.unlink(path)
            os.link(first, path)
PYTHON
"$dest/bin/python" "$here/gen_interfaces.py" "$here"/interfaces/* "$here"/../../../examples/*/interfaces/* >&2
ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST "$dest/bin/python" -c '
import rclpy
from example_interfaces.srv import AddTwoInts
from example_interfaces.action import Fibonacci
from test_msgs.msg import WStrings'
touch "$dest/.complete"
