#!/usr/bin/env bash
# Makes sure of programs, those that tests call or those named: installs them where it may, else says
# how.
set -euo pipefail
(($#)) || set -- age curl chromium redis-server
missing=()
for program; do
	command -v "$program" >/dev/null || missing+=("$program")
done
((${#missing[@]})) || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	apt-get -qq update
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y "${missing[@]}" >/dev/null
else
	echo "${missing[*]} must be there: install them first, for example apt-get install ${missing[*]}" >&2
	exit 1
fi
