"""Telephone calls: media in and out, the call's manners, and the way to the dialogue every channel uses."""
