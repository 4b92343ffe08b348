"""SMS through Kannel: texts in by HTTP, texts out by ``sendsms``, delivery reports.

``numbers``, ``commands``, ``composing`` and ``reading`` are pure rules; ``reception`` takes a citizen's text in,
``outgoing`` sends one, ``web`` is what Kannel calls.
"""
