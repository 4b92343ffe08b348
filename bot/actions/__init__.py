"""Rasa's custom actions: thin. What they decide with lies in pure modules, what they change goes through the doors
of the back office and the knowledge base. They run inside the process (bot/in_process.py)."""
