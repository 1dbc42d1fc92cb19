#!/usr/bin/env bash
# Install tradewire with everything from a folder of wheels alone, as a machine without a network does.
# Usage: try_wheelhouse.sh PYTHON FOLDER
set -euo pipefail
python=$(command -v "$1")
folder=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

"$python" -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --find-links "$folder" "tradewire[all]"
cd "$place"
"$place/env/bin/python" "$here/smoke.py"
"$place/env/bin/tradewire" --version
