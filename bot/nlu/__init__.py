"""Rasa components of our own: what a statistical classifier cannot carry."""
