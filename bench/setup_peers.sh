#!/usr/bin/env bash
# Installs the peers of `make bench`: setup_peers.sh [FOLDER, default build/peers]
#
# Debian's packages by tools/install_packages.sh, those of PyPI, in the versions of
# bench/peers/requirements.txt, in a virtual environment in FOLDER that also sees Debian's. One that
# cannot be had is named and left out; `make bench` then says that it is missing. Exit status: 0,
# also when some are missing; 1 there is no virtual environment; 2 usage.
set -euo pipefail

if [[ $# -gt 1 || ${1:-} == -* ]]; then
    echo "usage: $0 [FOLDER]" >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/build/peers}
pins=$root/bench/peers/requirements.txt
log=$folder/setup.log

# Debian's interpreter, which sees Debian's PyTorch; else whatever there is.
python=/usr/bin/python3
if [[ ! -x $python ]]; then
    python=$(command -v python3)
fi

"$root/tools/install_packages.sh" peers ||
    echo "setup_peers.sh: not all of Debian's packages are here; going on without them" >&2
mkdir -p "$folder"
if ! "$python" -m venv --system-site-packages "$folder" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "setup_peers.sh: no virtual environment in $folder, see above" >&2
    exit 1
fi

# LIBMF comes as source, and without these as plain loops; its own Makefile has them too.
libmf_flags="-O3 -march=native -DUSEOMP -fopenmp"
if grep -qs ' avx ' /proc/cpuinfo; then
    libmf_flags+=" -DUSEAVX"
fi

install() {
    local options=(--quiet --prefer-binary --constraint "$pins")
    if [[ $1 == libmf==* ]]; then
        options+=(--no-binary libmf --no-cache-dir)
        CFLAGS=$libmf_flags "$folder/bin/pip" install "${options[@]}" "$1"
    else
        "$folder/bin/pip" install "${options[@]}" "$1"
    fi
}

while read -r package; do
    echo "Installing $package" >&2
    if ! install "$package" </dev/null >>"$log" 2>&1; then
        echo "setup_peers.sh: $package cannot be installed, see $log; it will be missing" >&2
    fi
done < <(sed '/^#/d; /^ *$/d' "$pins")
