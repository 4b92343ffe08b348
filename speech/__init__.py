"""Hearing and speaking: recognition, synthesis, endpointing, telephone audio. It knows no citizen and no database."""
