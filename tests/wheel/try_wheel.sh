#!/usr/bin/env bash
# Try the wheel as its users get it: an empty environment, an empty folder, no Rust on PATH.
# Usage: try_wheel.sh PYTHON WHEEL
set -euo pipefail
python=$(command -v "$1")
wheel=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel[cli]"
cd "$place"
export PATH="$place/env/bin:/usr/bin:/bin"
if command -v cargo > /dev/null || command -v rustc > /dev/null; then
  echo "Rust is on PATH ($PATH): this would prove nothing" >&2
  exit 1
fi
python "$here/smoke.py"
tradewire demo --seconds 2 --report "$place/report.json"
echo "the wheel works: $(basename "$wheel")"
