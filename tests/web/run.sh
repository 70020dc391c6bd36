#!/usr/bin/env bash
# Runs tests of the pages with node: run.sh DESCENT FILE.test.mjs...
#
# Exit status 77, "skipped", where what they need is not there: `make check-web` brings it, and sets
# DESCENT_WEB_REQUIRED=1, with which a test that cannot run has failed.
set -euo pipefail

skip() {
    echo "Skipped: $1. \"make check-web\" installs it."
    [[ ${DESCENT_WEB_REQUIRED:-0} == 0 ]] || exit 1
    exit 77
}

DESCENT=$(realpath "$1")
export DESCENT
shift
cd "$(dirname "$0")"
command -v node >/dev/null || skip "there is no node"
if [[ $(node --print 'process.versions.node.split(".")[0] >= 18') != true ]]; then
    skip "node $(node --version) is older than 18"
fi
[[ -d node_modules/playwright-core ]] || skip "the packages of tests/web/package.json are not there"
if [[ " $* " == *" page.test.mjs "* || " $* " == *" access.test.mjs "* ]]; then
    CHROMIUM=$(command -v chromium) || skip "there is no chromium"
    export CHROMIUM
fi
exec node --test "$@"
