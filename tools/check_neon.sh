#!/usr/bin/env bash
# Compiles the kernels for 64-bit ARM and runs their tests in an emulator: check_neon.sh [FOLDER]
#
# What is compiled goes to FOLDER (build/neon). Where the cross-compiler or the emulator is missing
# that is said, and nothing fails. Exit status: 0 passed or skipped, 1 a test failed.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-build/neon}
compiler=aarch64-linux-gnu-gcc
emulator=qemu-aarch64

for tool in "$compiler" "$emulator"; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "check_neon.sh: skipped: $tool is not installed"
        exit 0
    fi
done

flags=(-std=c17 -g -ffp-contract=off -D_GNU_SOURCE -Wall -Wextra -Werror -Iinclude -Isrc -Itests/neon
       -Itests -Ibench)
kernels=(kernels_c_f32 kernels_c_f64 kernels_neon)
rest=(src/math/dispatch.c src/math/digits.c src/math/ranks.c src/math/separators.c src/base/error.c src/base/random.c
      src/base/utf8.c tests/kernel_cases.c bench/kernels/cases*.c bench/kernels/problem.c)

mkdir -p "$folder"
objects=()
for name in "${kernels[@]}"; do # with the settings of src/math/CMakeLists.txt
    "$compiler" "${flags[@]}" -O3 -fno-math-errno -fno-trapping-math -c "src/math/$name.c" \
        -o "$folder/$name.o"
    objects+=("$folder/$name.o")
done
for test in test_kernel_cases test_kernels test_kernels_cut test_kernels_in_place test_kernels_softmax test_kernels_rows test_kernels_steps test_kernels_tile; do
    "$compiler" "${flags[@]}" -O1 -static "${objects[@]}" "${rest[@]}" "tests/$test.c" -lm \
        -o "$folder/$test"
    echo "$test on aarch64:"
    "$emulator" "$folder/$test"
done
