#!/usr/bin/env bash
# Fetches what the tests of the pages use: the packages of package-lock.json, into node_modules.
# Nothing happens when they are there; a failure says what is missing.
set -euo pipefail
cd "$(dirname "$0")"

if ! node --eval 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)'; then
    echo "node $(node --version) is too old; the tests of the pages need 18 or newer." >&2
    exit 1
fi
if [[ node_modules/.package-lock.json -nt package-lock.json ]]; then
    exit 0
fi
if ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; then
    echo "npm could not fetch the packages of tests/web/package-lock.json, see above; it asks" >&2
    echo "$(npm config get registry)" >&2
    exit 1
fi
