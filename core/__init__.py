"""The ground floor: what every room stands on and nothing of what it does.

Settings, database, clock and working calendar, contacts, conversations, outbox, history, privacy.
"""
