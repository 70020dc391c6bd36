#!/usr/bin/env bash
# Sees to it that what the build needs is installed: install_packages.sh GROUP...
#
# The groups are those of packaging/debian-packages.txt. What is there is left alone; when nothing
# is missing nothing happens. With apt-get the missing packages are installed (by sudo when not
# root), elsewhere they are named. Exit status: 0 all there, 1 something is missing, 2 usage.
set -euo pipefail

list="$(dirname "$0")/../packaging/debian-packages.txt"

has() {
    command -v "$1" >/dev/null 2>&1
}

is_known_group() {
    grep -q "^$1 " "$list"
}

# The packages of one group that dpkg has installed, one a line; none where there is no dpkg.
installed_of() {
    if has dpkg-query; then
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
            sed -n 's/^installed //p' || true
    fi
}

# Whether a probe of the list's third column succeeds.
is_found() {
    case $1 in
    command:*) has "${1#command:}" ;;
    module:*) has pkg-config && pkg-config --exists "${1#module:}" ;;
    *) return 1 ;;
    esac
}

apt() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        as_root=(sudo)
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

install_by_apt() {
    local by_hand="apt-get update && apt-get install --no-install-recommends $*"
    if [[ $(id -u) -ne 0 ]] && ! has sudo; then
        echo "Missing: $*. There is no sudo here; as root, run:" >&2
        echo "  $by_hand" >&2
        return 1
    fi
    echo "Installing with apt-get (a minute or so): $*" >&2
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    apt update || true # one unreachable source of several need not matter
    if ! apt install --no-install-recommends "$@"; then
        tail -n 20 "$log" >&2
        echo "apt-get failed, see above. By hand, as root:" >&2
        echo "  $by_hand" >&2
        return 1
    fi
}

if [[ $# -eq 0 ]]; then
    echo "usage: $0 GROUP...   (groups: see packaging/debian-packages.txt)" >&2
    exit 2
fi

packages=()
declare -A probe_of
for group in "$@"; do
    if ! is_known_group "$group"; then
        echo "$0: \"$group\" is not a group of packaging/debian-packages.txt" >&2
        exit 2
    fi
    while read -r row_group package probe _; do
        if [[ $row_group == "$group" ]]; then
            packages+=("$package")
            probe_of[$package]=$probe
        fi
    done <"$list"
done

declare -A is_installed
for package in $(installed_of "${packages[@]}"); do
    is_installed[$package]=1
done

missing=()
for package in "${packages[@]}"; do
    probe=${probe_of[$package]}
    if [[ -z ${is_installed[$package]:-} ]] && ! is_found "$probe"; then
        if has apt-get || [[ $probe != - ]]; then
            missing+=("$package")
        fi
    fi
done

if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
elif has apt-get; then
    install_by_apt "${missing[@]}"
else
    echo "Not found on this system, which has no apt-get. Please install, by whatever name your" >&2
    echo "system gives them, and run the command again:" >&2
    for package in "${missing[@]}"; do
        printf '  %-16s (looked for %s)\n' "$package" "${probe_of[$package]/:/ }" >&2
    done
    exit 1
fi
