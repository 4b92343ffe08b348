"""Passwords of staff: what a good one is, how it is kept and how one is made (I5)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

MIN_LENGTH = 10
MAX_LENGTH = 128
"""Longer ones say nothing more and cost time."""

_GUESSABLE_SCORE = 1
"""zxcvbn's 0…4; 2 and more withstands an online attack that is also slowed by the lock-out."""
_JUDGED_LENGTH = 72
"""zxcvbn looks at no more than this."""
_LOCAL_WORDS = ("woaini", "5201314", "1314520", "12345", "zhengfu", "rexian", "huiyin", "gongdan", "admin")
"""What people here choose and zxcvbn's English lists do not know."""

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else when read from paper: i l o 0 1."""
_GROUPS, _GROUP_LENGTH = 4, 4  # about 79 bits

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")
"""Each hash takes 64 MiB and a core for a moment: never more than two at once, whoever knocks."""


class WeakPassword(ValueError):
    """A password the rules refuse; the text says why, in Chinese."""


def check_rules(password: str, *, about: Iterable[str]) -> None:
    """Raises :class:`WeakPassword` unless ``password`` may be used.

    ``about``: what anybody knows of the person (user name, name, 工号), which must not be the password or most of it.
    """
    known = [word.casefold() for word in about if word]
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"密码至少要 {MIN_LENGTH} 个字符。")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"密码不能超过 {MAX_LENGTH} 个字符。")
    if any(password.casefold() == word * (len(password) // len(word)) for word in known):
        raise WeakPassword("密码不能是用户名、姓名或工号。")
    judged = zxcvbn(password[:_JUDGED_LENGTH], user_inputs=[*known, *_LOCAL_WORDS])
    if judged["score"] <= _GUESSABLE_SCORE:
        raise WeakPassword("这个密码太常见，容易被猜到。可以用几个不相干的词连起来。")


def generate_password() -> str:
    """A random password that can be read aloud and typed from paper, such as ``k7mq-x3vn-9hta-w2be``."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


async def hashed(password: str) -> str:
    """The Argon2id hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one kept; without a hash it says no after the same work."""
    run = asyncio.get_running_loop().run_in_executor
    nobodys = await run(_threads, _nobodys_hash)  # for known names, too: the first one to knock learns nothing either
    right = await run(_threads, _verify, password_hash or nobodys, password[:MAX_LENGTH])
    return right and password_hash is not None and len(password) <= MAX_LENGTH


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    """Checked when there is no such account, so that the answer takes as long as if there were one."""
    return _hasher.hash(secrets.token_hex(16))


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
