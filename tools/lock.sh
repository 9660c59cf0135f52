#!/usr/bin/env bash
# Writes constraints.txt, the versions that CI installs: tools/lock.sh [--check | --upgrade]
#
# Pins stay as they are unless pyproject.toml asks for others; `--upgrade` takes the newest ones.
# `--check` writes nothing and fails where constraints.txt isn't what pyproject.toml asks for.
# The file holds what every platform and every supported Python needs, the build backend included.
set -euo pipefail
cd "$(dirname "$0")/.."

# uv reads no [build-system]. hatchling asks for editables only while it builds an editable wheel.
build_requirements() {
	.venv/bin/python -c 'import tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], "editables", sep="\n")'
}

resolve() {
	build_requirements | .venv/bin/uv pip compile pyproject.toml - --extra dev --universal \
		--python-version 3.11 --no-annotate --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --quiet --output-file "$@"
}

if [ "${1:-}" != --check ]; then
	resolve constraints.txt "$@"
	exit
fi
wanted=$(mktemp -d)
trap 'rm -rf "$wanted"' EXIT
cp constraints.txt "$wanted"
resolve "$wanted/constraints.txt"
diff -u constraints.txt "$wanted/constraints.txt" >&2 || {
	echo "constraints.txt isn't what pyproject.toml asks for: run \`make lock\`" >&2
	exit 1
}
echo "constraints.txt is in step with pyproject.toml"
