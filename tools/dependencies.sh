#!/usr/bin/env bash
# Fails where an import isn't declared in pyproject.toml, or a declaration isn't imported.
#
# One run a part: within it, what other parts may use counts as a development dependency, which
# the part itself must not import. Exceptions stand in pyproject.toml, each with its reason.
set -euo pipefail
cd "$(dirname "$0")/.."

check() {
	local part=$1
	shift
	echo "$part:" >&2
	.venv/bin/deptry --no-ansi "$@" || failed=1
}

failed=0
check "base install" client/python generated/python --extend-exclude '.*/cli/' \
	--optional-dependencies-dev-groups cli,server,tracing,dev
check "cli" client/python generated/python \
	--optional-dependencies-dev-groups server,tracing,dev
check "server, tracing" server generated/python --extend-exclude '.*/httprule/tests/' \
	--optional-dependencies-dev-groups cli,dev
check "dev" server client/python generated/python tools tests
exit "$failed"
