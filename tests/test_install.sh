#!/usr/bin/env bash
# What is installed is enough: test_install.sh BUILD_FOLDER
#
# Installs into a temporary prefix, moves it (an installed tree must not know where it was), and
# builds and runs the examples against it, outside of the project: as C and as C++, with the shared
# and with the static library, by pkg-config and by CMake's find_package.
set -euo pipefail

build=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*" >&2
    exit 1
}

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
pc=$(find "$work/moved" -name descent.pc)
libraries=${pc%/pkgconfig/*}
export PKG_CONFIG_PATH=${pc%/*}
version=$(pkg-config --modversion descent)

mkdir "$work/c" "$work/c++"
for source in "$root"/examples/*.c; do
    name=$(basename "$source" .c)
    cp "$source" "$work/c/$name.c"
    cp "$source" "$work/c++/$name.cc"
done

# run FOLDER: every example there; mnist alone needs data, and has a test of its own.
run() {
    local program
    for program in "$1"/*; do
        if [[ ${program##*/} != mnist ]]; then
            bash "$root/tests/test_example.sh" "$program" || fail "$program failed"
        fi
    done
}

# by_pkg_config FOLDER COMPILER ENDING [WORD FOR PKG-CONFIG AND COMPILER]
by_pkg_config() {
    local folder=$work/$1 language=$3 linking=${4:-} source flags
    read -ra flags < <(pkg-config --cflags --libs ${linking:+--static} descent)
    mkdir "$folder"
    for source in "$work/$language"/*; do
        # shellcheck disable=SC2086 # $2 and $linking are words
        $2 -Wall -Wextra -Wno-missing-field-initializers -Werror -o "$folder/$(basename "${source%.*}")" "$source" "${flags[@]}" \
            $linking -lz -lm
    done
    run "$folder"
}

LD_LIBRARY_PATH=$libraries by_pkg_config shared-c "cc -std=c17" c
LD_LIBRARY_PATH=$libraries by_pkg_config shared-c++ "c++ -std=c++17" c++
by_pkg_config static-c "cc -std=c17" c -static
libs=$(pkg-config --libs-only-l descent)
if [[ ${libs// /} != -ldescent ]]; then
    fail "pkg-config --libs-only-l descent: found \"$libs\"; expected -ldescent alone"
fi

cat >"$work/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C CXX)
set(CMAKE_C_STANDARD 17)
set(CMAKE_CXX_STANDARD 17)
find_package(ZLIB REQUIRED)
find_package(descent 99 CONFIG QUIET)
if(descent_FOUND)
  message(FATAL_ERROR "version 99 was asked for, and ${descent_VERSION} accepted")
endif()
find_package(descent ${WANTED} CONFIG REQUIRED COMPONENTS static)
function(examples language target)
  file(GLOB sources ${CMAKE_SOURCE_DIR}/${language}/*)
  foreach(source ${sources})
    cmake_path(GET source STEM name)
    set(program ${language}-${target}-${name})
    add_executable(${program} ${source})
    target_link_libraries(${program} PRIVATE descent::${target} ZLIB::ZLIB m)
    set_target_properties(${program} PROPERTIES OUTPUT_NAME ${name}
                          RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${language}-${target})
  endforeach()
endfunction()
examples(c descent)
examples(c++ descent)
examples(c static)
CMAKE
cmake -S "$work" -B "$work/by-cmake" -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" \
    -DWANTED="${version%.*}" >"$work/log" || fail "$(cat "$work/log")"
cmake --build "$work/by-cmake" >"$work/log" || fail "$(cat "$work/log")"
for folder in c-descent c++-descent c-static; do
    run "$work/by-cmake/$folder"
done
for program in "$work"/by-cmake/c-static/xor "$work"/static-c/xor; do
    if readelf -d "$program" | grep -q 'NEEDED.*libdescent'; then
        fail "$program wants the shared library"
    fi
done
readelf -d "$work/shared-c/xor" | grep -q "NEEDED.*\[libdescent.so.${version%.*}\]" ||
    fail "shared-c/xor does not want libdescent.so.${version%.*}"

found=$("$work/moved/bin/descent" --version)
[[ $found == "descent $version" ]] || fail "descent --version printed \"$found\""
for file in doc/descent/{README.md,LICENSE,CHANGELOG.md} man/man1/descent{,-train,-net-trace}.1 \
    bash-completion/completions/descent zsh/site-functions/_descent \
    fish/vendor_completions.d/descent.fish; do
    [[ -s $work/moved/share/$file ]] || fail "share/$file is not installed"
done
if grep -rl "$work/first" "$work/moved"; then
    fail "the files above name the folder of the installation"
fi
echo "installed, moved and used from C and C++: descent $version"
