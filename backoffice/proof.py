"""How a citizen proves that an order is theirs (H2): its query code, or being the contact it belongs to.
Those who joined it have a code of their own."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.order_tables import Order, OrderReporter

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: what is read out or copied by hand stays what it was."""
CODE_LENGTH = 6
_ON_KEYS = str.maketrans("ABCDEFGHJKMNPQRSTUVWXYZ", "22233344556677778889999")
"""The key of a telephone each letter stands on (ITU-T E.161)."""


@dataclass(frozen=True)
class CitizenProof:
    """What a citizen shows: a query code, the contact their channel knows them as, or both."""

    query_code: str | None = None
    contact_id: int | None = None
    keyed: bool = False
    """The code comes from the keys of a telephone: a letter may be the digit of its key."""


def new_query_code() -> str:
    """Six characters nobody can guess: one of 887 million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def proves(proof: CitizenProof, order: Order | None) -> bool:
    """Whether ``proof`` belongs to ``order``. Compares as much for an order that does not exist."""
    right = _is_code(proof, order.query_code if order else new_query_code())
    if order is None:
        return False
    known = proof.contact_id is not None and order.contact_id == proof.contact_id
    return right or known


REPORTER = "reporter"
"""In an entry of an order's history: which of those who joined did it; missing when the first reporter or staff did."""


async def joined_as(
    session: AsyncSession, proof: CitizenProof, number: str, *, left_too: bool = False
) -> OrderReporter | None:
    """As which of those who joined the order ``proof`` is; None when as none of them. ``left_too``: also as one who
    took their report back since."""
    reporters = select(OrderReporter).where(OrderReporter.number == number)
    if not left_too:
        reporters = reporters.where(OrderReporter.left_at.is_(None))
    found = None
    for reporter in await session.scalars(reporters.order_by(OrderReporter.left_at.is_not(None), OrderReporter.id)):
        right = _is_code(proof, reporter.query_code)
        if found is None and (right or (proof.contact_id is not None and reporter.contact_id == proof.contact_id)):
            found = reporter
    return found


def as_keyed(code: str) -> str:
    """A query code as it is keyed on a telephone: six digits, one of 262 144."""
    return code.translate(_ON_KEYS)


def _is_code(proof: CitizenProof, code: str) -> bool:
    said = _tidy(proof.query_code or "").encode()
    keyed = hmac.compare_digest(said, as_keyed(code).encode()) and proof.keyed
    return hmac.compare_digest(said, code.encode()) or keyed


def _tidy(code: str) -> str:
    """As written by people: small letters, full-width letters, spaces and hyphens are all the same."""
    return "".join(unicodedata.normalize("NFKC", code).upper().replace("-", "").split())
