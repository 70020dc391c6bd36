#!/usr/bin/env bash
# Runs tests of the pages with node: run.sh DESCENT FILE.test.mjs...
# `make check-web` runs it, after it has installed what they need.
set -euo pipefail

DESCENT=$(realpath "$1")
export DESCENT
shift
cd "$(dirname "$0")"
if ! command -v node >/dev/null || [[ ! -d node_modules/playwright-core ]]; then
    echo "There is no node, or no package of tests/web/package.json. \"make check-web\" installs them." >&2
    exit 1
fi
if ! CHROMIUM=${CHROMIUM:-$(command -v chromium)}; then
    echo "There is no chromium. \"make check-web\" installs it; CHROMIUM names another one." >&2
    exit 1
fi
export CHROMIUM
exec node --test "$@"
