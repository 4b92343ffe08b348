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
which_failed=$(mktemp -d)
of_calls=(-m real_time -o "cache_dir=$which_failed/calls")
others=(-m "not real_time" -o "cache_dir=$which_failed/others")
set -m  # in a group of their own, which does not ignore an interrupt
pytest "${of_calls[@]}" >"$told" 2>&1 &
calls=$!
set +m
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'if kill -INT "$calls" 2>/dev/null; then wait "$calls" || true; fi; rm -rf "$told" "$which_failed"' EXIT
failed=0 calls_failed=0
nice -n 19 pytest -n 2 --dist loadgroup "${others[@]}" || failed=$?
wait "$calls" || calls_failed=$?
cat "$told"

# a machine may stand still for a moment while all of it runs: what failed is run once more, alone
if [ $failed = 1 ]; then
  echo "what failed beside all other tests, once more and alone:"
  failed=0
  pytest "${others[@]}" --last-failed || failed=$?
fi
if [ $calls_failed = 1 ]; then
  echo "calls that failed beside all other tests, once more and alone:"
  calls_failed=0
  pytest "${of_calls[@]}" --last-failed || calls_failed=$?
fi
if [ $((failed + calls_failed)) != 0 ]; then
  echo "the tests failed: of calls with $calls_failed, all others with $failed"
  exit 1
fi
