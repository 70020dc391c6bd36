#!/usr/bin/env bash
# What is installed is enough: test_install.sh BUILD_FOLDER
#
# Installs into a temporary prefix, moves it (an installed tree must not know where it was), and
# builds and runs a C and a C++ program against it by pkg-config alone.
set -euo pipefail

build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
pc=$(find "$work/moved" -name descent.pc)
export PKG_CONFIG_PATH=${pc%/*}

# Reading ratings and models pulls in every library that descent needs.
cat >"$work/program.c" <<'PROGRAM'
#include <stdio.h>

#include "descent/ratings.h"
#include "descent/recommender.h"
#include "descent/version.h"

int main(void) {
    dsc_ratings *ratings;
    dsc_recommender *model;
    dsc_status read = dsc_ratings_read(&ratings, "missing", NULL, NULL, NULL);
    dsc_status load = dsc_recommender_load(&model, "missing", NULL);
    printf("%s %s %s\n", dsc_version(), dsc_status_name(read), dsc_status_name(load));
    return 0;
}
PROGRAM
cp "$work/program.c" "$work/program.cc"

version=$(pkg-config --modversion descent)
read -ra flags < <(pkg-config --cflags --libs --static descent)
flags+=(-Wall -Wextra -Werror)
cc -std=c17 -o "$work/c" "$work/program.c" "${flags[@]}"
c++ -std=c++17 -o "$work/c++" "$work/program.cc" "${flags[@]}"
expected="$version DSC_E_IO DSC_E_IO"
for program in c c++; do
    found=$("$work/$program")
    if [[ $found != "$expected" ]]; then
        echo "the $program program printed \"$found\"; expected \"$expected\"" >&2
        exit 1
    fi
done

found=$("$work/moved/bin/descent" --version)
if [[ $found != *"$version"* ]]; then
    echo "descent --version printed \"$found\"; expected version $version" >&2
    exit 1
fi
for document in README.md LICENSE CHANGELOG.md; do
    if [[ -z $(find "$work/moved/share/doc" -name "$document") ]]; then
        echo "$document is not installed" >&2
        exit 1
    fi
done
echo "installed, moved and used from C and C++: descent $version"
