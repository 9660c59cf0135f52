#!/usr/bin/env bash
# Fails where protos/ breaks what v1 promises: tools/breaking.sh [--promise REASON]
#
# protos/baseline.binpb is the promise: an image of the protos, so that the check needs no other
# revision and no older generator. `--promise` takes the protos as they are for the new baseline,
# and adds its digest with the reason to protos/baseline.txt: no baseline without a reason.
set -euo pipefail
cd "$(dirname "$0")/.."
image=build/image.binpb
baseline=protos/baseline.binpb
reasons=protos/baseline.txt

make_image() { .venv/bin/python tools/generate.py --check --image "$image" >/dev/null; }
digest() { sha256sum "$baseline" | cut -d ' ' -f 1; }

if [ "${1:-}" = --promise ]; then
	if [ -z "${2:-}" ]; then
		echo "a new baseline needs a reason: make baseline REASON='...'" >&2
		exit 1
	fi
	make_image
	.venv/bin/buf build "$image" --exclude-source-info --output "$baseline"
	echo "$(digest)  $2" >>"$reasons"
	exit
fi

if [ "$(tail -n 1 "$reasons" | cut -d ' ' -f 1)" != "$(digest)" ]; then
	echo "$reasons gives no reason for this $baseline: make baseline REASON='...'" >&2
	exit 1
fi
make_image
.venv/bin/buf breaking "$image" --against "$baseline" --path xaigh --config protos/buf.yaml
echo "protos/ breaks nothing that $baseline promises"
