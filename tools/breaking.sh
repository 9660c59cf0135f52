#!/usr/bin/env bash
# Fails where protos/ breaks what a git revision promised: tools/breaking.sh [REVISION]
set -euo pipefail
cd "$(dirname "$0")/.."
revision=${1:-main}
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
git archive "$revision" protos tools | tar -x -C "$before"
.venv/bin/python "$before/tools/generate.py" --image "$before/before.binpb" --check >/dev/null 2>&1 || true
.venv/bin/python tools/generate.py --image build/image.binpb --check >/dev/null || true
.venv/bin/buf breaking build/image.binpb --against "$before/before.binpb" \
	--path xaigh --config protos/buf.yaml
echo "protos/ breaks nothing that $revision promised"
