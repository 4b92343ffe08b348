#!/usr/bin/env bash
# Everything that must hold: format, lint, types, direction of imports, then the tests on both cores.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH" RASA_TELEMETRY_ENABLED=false
unset PYTHONDONTWRITEBYTECODE  # dozens of processes start here: what one has compiled is there for all

ruff format --check .
ruff check .
mypy
lint-imports
[ "${1:-}" = lint ] && exit

huiyin train  # once, before the tests that share the model
exec pytest -n 3 --dist loadgroup  # one more than cores: calls in real time mostly wait
