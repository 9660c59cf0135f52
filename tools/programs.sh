#!/usr/bin/env bash
# Makes sure of the programs that tests call: installs them where it may, else says how.
set -euo pipefail
missing=()
for program in age curl chromium redis-server; do
	command -v "$program" >/dev/null || missing+=("$program")
done
((${#missing[@]})) || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	apt-get -qq update
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "${missing[@]}" >/dev/null
else
	echo "tests call ${missing[*]}: install them first, for example apt-get install ${missing[*]}" >&2
	exit 1
fi
