#!/usr/bin/env bash
# Runs a command with the kernels of one instruction set: with_isa.sh LIST_ISAS ISA COMMAND...
#
# Exit status: the command's; 77, said aloud, where the processor cannot run that instruction set.
set -euo pipefail

list_isas=$1
isa=$2
shift 2
if ! "$list_isas" | grep -qx "$isa"; then
    echo "skipped: this processor cannot run $isa"
    exit 77
fi
DESCENT_ISA=$isa exec "$@"
