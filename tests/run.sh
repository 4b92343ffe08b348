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
set -m  # in a group of their own, which does not ignore an interrupt
pytest -m "real_time and not hotline" >"$told" 2>&1 &
calls=$!
set +m
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'if kill -INT "$calls" 2>/dev/null; then wait "$calls" || true; fi; rm -f "$told"' EXIT
failed=0 calls_failed=0
nice -n 19 pytest -n 2 --dist loadgroup -m "not real_time" || failed=$?
wait "$calls" || calls_failed=$?
cat "$told"

# real calls to the whole hotline: what a citizen hears, and Asterisk records, has holes where the machine is short of time
hotline_failed=0
pytest -m hotline || hotline_failed=$?
if [ $((failed + calls_failed + hotline_failed)) != 0 ]; then
  echo "the tests failed: of calls with $calls_failed, of the hotline with $hotline_failed, all others with $failed"
  exit 1
fi
