#!/usr/bin/env bash
# Everything that must hold: format, lint, types, direction of imports, then the tests on both cores.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" RASA_TELEMETRY_ENABLED=false
unset PYTHONDONTWRITEBYTECODE  # dozens of processes start here: what one has compiled is there for all

if [ "${1:-}" != lint ]; then  # the model the tests share is trained once, beside the checks: each needs one core
  told=$(mktemp)
  huiyin train >"$told" 2>&1 &
  training=$!
  trap 'kill "$training" 2>/dev/null || true; rm -f "$told"' EXIT
fi

ruff format --check .
ruff check .
mypy
lint-imports
[ "${1:-}" = lint ] && exit

wait "$training" || { cat "$told"; exit 1; }
cat "$told"
rm "$told"
exec pytest -n 3 --dist loadgroup  # one more than cores: calls in real time mostly wait
