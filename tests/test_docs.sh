#!/usr/bin/env bash
# Every public declaration has its comment: test_docs.sh [FOLDER]
#
# Makes the pages of include/descent by doxygen, for which a missing comment is an error, into FOLDER
# or a temporary one; and then finds out that it is one. docs/library.md, their first page, names
# every header and every example. Exit status: 0 all right, 1 not, 77 doxygen
# is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v doxygen >/dev/null; then
    echo "skipped: doxygen is not installed (group docs of packaging/debian-packages.txt)"
    exit 77
fi
for file in include/descent/*.h examples/*.c; do
    if ! grep -qF "${file##*/}\`" docs/library.md; then
        echo "docs/library.md: its tables have no \`${file##*/}\`" >&2
        exit 1
    fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
DESCENT_VERSION=$(sed -n 's/^#define DSC_VERSION  *"\(.*\)"/\1/p' include/descent/version.h)
export DESCENT_VERSION

# pages HEADERS FOLDER
pages() {
    mkdir -p "$2"
    DESCENT_HEADERS=$1 DESCENT_DOCS=$2 doxygen docs/Doxyfile
}

# refuses WHAT MESSAGE: status.h with a declaration of this kind at its end.
refuses() {
    local header=$work/refused/descent/status.h
    mkdir -p "${header%/*}"
    { cat include/descent/status.h && printf '\n%s\n' "$1"; } >"$header"
    if pages "${header%/*}" "$work/refused/pages" >"$work/log" 2>&1; then
        echo "doxygen took a header with \"$1\"" >&2
        exit 1
    fi
    if ! grep -q "$2" "$work/log"; then
        cat "$work/log" >&2
        echo "expected a message with \"$2\"" >&2
        exit 1
    fi
}

pages include/descent "${1:-$work/pages}"
refuses 'int dsc_quiet(void);' 'dsc_quiet.* is not documented'
refuses '/* See dsc_nowhere. */
int dsc_lost(void);' 'dsc_nowhere'
refuses '/* Of two. */
typedef struct dsc_two { int a; } dsc_two;' 'Member a (variable) of struct dsc_two is not documented'
