#!/bin/sh
# Lints the description of the API with Redocly's rules, all warnings as errors. Takes the linter
# from npm once, by name and version, into the build folder; nothing is sent anywhere by it.
# What must hold without npm is in tests/unit/service_openapi_test.c.
#   sh tests/lint-api.sh [FOLDER]
set -u
cd "$(dirname "$0")/.." || exit 1
folder=${1:-build/lint}
linter=@redocly/cli@1.34.5

if ! command -v npm >/dev/null 2>&1; then
	echo "skipped: npm is not here"
	exit 0
fi
if [ ! -x "$folder/node_modules/.bin/redocly" ]; then
	mkdir -p "$folder"
	npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error "$linter" || exit 1
fi
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
	"$folder/node_modules/.bin/redocly" lint --extends=recommended-strict core/service/openapi.json
