"""The web chat: a page in the manner of WeChat, a web socket behind it, and plain HTTP where there is no socket.

``visitors``, ``frames``, ``photos`` and ``welcome`` are rules and values; ``feed`` reads what a visitor may see;
``connection`` is one open socket; ``routes``, ``uploads`` and ``pages`` answer requests; ``adapter`` puts them
together. The protocol is described in docs/webchat-protocol.md.
"""
