"""A call in the browser: a visitor of the web chat talks to the hotline with no telephone and no PBX."""
