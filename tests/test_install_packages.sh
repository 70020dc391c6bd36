#!/usr/bin/env bash
# tools/install_packages.sh, on systems that are made up: a PATH of links and stand-ins.
set -euo pipefail

script=$(cd "$(dirname "$0")/.." && pwd)/tools/install_packages.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_failures=0

# A system with nothing but what the script itself runs on.
begin_system() {
    rm -rf "${work:?}/bin"
    mkdir "$work/bin"
    : >"$work/calls"
    for tool in bash cat dirname env grep mktemp rm sed tail; do
        ln -s "$(command -v "$tool")" "$work/bin/$tool"
    done
    add id 'echo 0'
}

# add NAME BODY: a stand-in command.
add() {
    printf '#!%s\n%s\n' "$(command -v bash)" "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

add_recorder() {
    add "$1" "echo $1 \"\$*\" >>'$work/calls'${2:+; $2}"
}

run() {
    status=0
    PATH=$work/bin "$work/bin/bash" "$script" "$@" >"$work/out" 2>&1 || status=$?
}

# expect WHAT STATUS: the last run's exit status; shows what the script said when it differs.
expect() {
    if [[ $status -ne $2 ]]; then
        echo "$1: exit status $status, expected $2" >&2
        sed 's/^/    /' "$work/out" >&2
        n_failures=$((n_failures + 1))
    fi
}

# expect_text WHAT FILE WORDS: FILE (out or calls) contains WORDS.
expect_text() {
    if ! grep -qF -- "$3" "$work/$2"; then
        echo "$1: \"$3\" not found in:" >&2
        sed 's/^/    /' "$work/$2" >&2
        n_failures=$((n_failures + 1))
    fi
}

expect_nothing() {
    if [[ -s $work/$2 ]]; then
        echo "$1: expected nothing, found:" >&2
        sed 's/^/    /' "$work/$2" >&2
        n_failures=$((n_failures + 1))
    fi
}

all_installed='for p; do case $p in -*|*Status*) ;; *) echo "installed $p" ;; esac; done'

begin_system
add dpkg-query "$all_installed"
add_recorder apt-get
run build test format check-all
expect "all installed" 0
expect_nothing "all installed" out
expect_nothing "all installed" calls

begin_system
add dpkg-query 'echo "installed gcc"; echo "config-files cmake"; exit 1'
add_recorder apt-get
run build
expect "some missing, root" 0
expect_text "some missing, root" calls "apt-get -q -y"
expect_text "some missing, root" calls "update"
expect_text "some missing, root" calls "install --no-install-recommends libc6-dev make cmake ninja"
expect_text "some missing, root" out "Installing with apt-get (a minute or so): libc6-dev make cmake"

begin_system
add dpkg-query 'exit 1'
add apt-get 'echo "E: no such luck"; exit 100'
run test
expect "apt-get fails" 1
expect_text "apt-get fails" out "E: no such luck"
expect_text "apt-get fails" out "apt-get install --no-install-recommends libcmocka-dev g++"

begin_system
add id 'echo 1000'
add dpkg-query 'exit 1'
add_recorder apt-get
run test
expect "no root, no sudo" 1
expect_text "no root, no sudo" out "There is no sudo here"
expect_text "no root, no sudo" out "apt-get install --no-install-recommends libcmocka-dev g++"
expect_nothing "no root, no sudo" calls

begin_system
add id 'echo 1000'
add dpkg-query 'exit 1'
add_recorder apt-get
add_recorder sudo '"$@"'
run test
expect "sudo" 0
expect_text "sudo" calls "sudo env DEBIAN_FRONTEND=noninteractive apt-get"

begin_system
run build test
expect "no apt-get, nothing there" 1
expect_text "no apt-get, nothing there" out "no apt-get"
expect_text "no apt-get, nothing there" out "cmake            (looked for command cmake)"
expect_text "no apt-get, nothing there" out "libcmocka-dev    (looked for module cmocka)"

begin_system
for tool in cc make cmake ninja python3; do
    add "$tool" true
done
add pkg-config '[ "$1" = --exists ]'
run build
expect "no apt-get, all found" 0
expect_nothing "no apt-get, all found" out

begin_system
run
expect "no group" 2
run nonsense
expect "unknown group" 2
expect_text "unknown group" out '"nonsense" is not a group'

if [[ $n_failures -gt 0 ]]; then
    echo "$n_failures failures" >&2
    exit 1
fi
echo "install_packages.sh: all as expected"
