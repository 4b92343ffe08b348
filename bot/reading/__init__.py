"""Reads facts out of what citizens say: pure functions from text to values, no dialogue and no database."""
