"""Measurements. Never run in tests; each prints what it measured and with which command (RESULTS.md)."""
