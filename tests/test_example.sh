#!/usr/bin/env bash
# An example does what it is there for: test_example.sh PROGRAM
#
# Runs it and looks for its result in what it prints. Exit status: 0 found, 1 not, 77 skipped since
# its data are not there.
set -euo pipefail

program=$(realpath "$1")
name=${program##*/}
data=${DESCENT_DATA:-$(dirname "$0")/../../shared/datasets}
words=()
case $name in
xor) result='^0 xor 0 = 0 .*0 xor 1 = 1 .*1 xor 0 = 1 .*1 xor 1 = 0 ' ;;
worked_example) result='norm of the error: 4\.1306 -> 2\.3004$' ;;
custom_loop) result='^below the line lie (89|90|91)\.[0-9] % of new samples' ;;
inspect_gradient) result=' derivatives checked numerically, .*: right$' ;;
save_and_load) result=': the same bytes$' ;;
mnist)
    # A sixth of the set, once: enough to tell learning from chance, which reads 10 % right.
    result=' of 10000 test images read right: 9[0-9]\.[0-9] %$'
    words=("$(realpath -m "$data/mnist")" 10000 1)
    if [[ ! -d ${words[0]} ]]; then
        echo "skipped: ${words[0]} is not there; DESCENT_DATA names the folder of data sets"
        exit 77
    fi
    ;;
*)
    echo "$name: no result is known to look for" >&2
    exit 1
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printed=$("$program" "${words[@]}")
if ! tr '\n' ' ' <<<"$printed" | sed 's/ $//' | grep -Eq -- "$result"; then
    echo "$name printed:" >&2
    echo "$printed" >&2
    echo "expected in it: $result" >&2
    exit 1
fi
