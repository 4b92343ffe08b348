"""What Kannel's call says: sender, text in whatever charset the phone chose, and Kannel's id of the message.

Kannel names the charset by ``%C``: ``UTF-8`` for what came in the GSM alphabet (it translates that itself),
``UTF-16BE`` for UCS-2, ``8-BIT`` for data. Some networks put GBK into 8-bit messages, so data is tried as text.

The id is Kannel's ``%I``, a UUID given when bearerbox takes the message from the network. It stays the same when smsbox
repeats its request (after an error or a time-out of ours), and when bearerbox hands the message to another smsbox or
reads it from its store after a restart. It does **not** stay the same when the network itself sends the message again
because bearerbox died between storing and acknowledging it: SMPP has no id for a message on its way in, so such a
repeat looks like a citizen saying the same thing twice. ``%F`` (the network's id) is empty for incoming messages and
counted from the beginning again by some networks, so nothing is built on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from channels.sms.numbers import NoNumber, Number, parse_number

_CHARSETS: Final = {
    "UTF-8": "utf-8",
    "ASCII": "utf-8",
    "US-ASCII": "utf-8",
    "UTF-16BE": "utf-16-be",
    "UTF16-BE": "utf-16-be",
    "UCS-2": "utf-16-be",
    "ISO-8859-1": "cp1252",
    "LATIN1": "cp1252",
    "WINDOWS-1252": "cp1252",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "GB18030": "gb18030",
}
_GUESSES: Final = ("utf-8", "gb18030")
_LONGEST_ID: Final = 100
_MOST_FIELDS: Final = 40


class Malformed(ValueError):
    """A call that cannot have come from Kannel as it is set up: what is wrong with it, for programs and for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Text:
    """One text of a citizen as Kannel handed it over."""

    number: Number
    external_id: str
    words: str
    """Decoded, otherwise as it came; may be empty."""


def fields_of(query: bytes) -> dict[str, bytes]:
    """The fields of a raw query string, each as the bytes it stands for. Raises :class:`Malformed`."""
    try:
        pairs = parse_qsl(
            query.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Malformed("too_many_fields", "参数太多。") from None
    return {name: value.encode("latin-1") for name, value in pairs}


def read_text(fields: dict[str, bytes], body: bytes | None, own: str) -> Text:
    """The text in one call: ``from``, ``id``, ``charset`` and either ``text`` or, with post-url, the body.

    ``own`` is our number. Raises :class:`Malformed`.
    """
    raw = fields.get("text") if body is None else body
    if raw is None:
        raise Malformed("no_text", "缺少参数 text。")
    external_id = plain(fields, "id")
    if not external_id or len(external_id) > _LONGEST_ID:
        raise Malformed("no_id", "缺少短信编号 id，或者太长。")
    try:
        number = parse_number(plain(fields, "from"), own)
    except NoNumber:
        raise Malformed("no_sender", "缺少发送号码 from。") from None
    return Text(number, external_id, decode(raw, plain(fields, "charset")))


def plain(fields: dict[str, bytes], name: str) -> str:
    """A field as printable text; empty when it is missing."""
    said = fields.get(name, b"").decode("utf-8", errors="replace")
    return "".join(character for character in said if character.isprintable()).strip()


def decode(raw: bytes, charset: str) -> str:
    """The words in ``raw``. What cannot be read becomes U+FFFD; nothing raises."""
    known = _CHARSETS.get(charset.upper())
    if known is not None:
        return raw.decode(known, errors="replace")
    for guess in _GUESSES:
        try:
            return raw.decode(guess)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")
