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

# calls run in real time, one after the other, and mostly wait; whatever else is tested has the cores they leave
pytest -m real_time >"$told" 2>&1 &
calls=$!
trap 'kill "$calls" 2>/dev/null || true; rm -f "$told"' EXIT
failed=0
nice -n 19 pytest -n 2 --dist loadgroup -m "not real_time" || failed=$?
wait "$calls" || failed=$?
cat "$told"
exit "$failed"
