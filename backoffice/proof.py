"""How a citizen proves that an order is theirs (H2): its query code, or being the contact it belongs to."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass

from backoffice.order_tables import Order

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: what is read out or copied by hand stays what it was."""
CODE_LENGTH = 6


@dataclass(frozen=True)
class CitizenProof:
    """What a citizen shows: a query code, the contact their channel knows them as, or both."""

    query_code: str | None = None
    contact_id: int | None = None


def new_query_code() -> str:
    """Six characters nobody can guess: one of 887 million."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def proves(proof: CitizenProof, order: Order | None) -> bool:
    """Whether ``proof`` belongs to ``order``. Takes as long for an order that does not exist."""
    said = _tidy(proof.query_code or "")
    right = hmac.compare_digest(said.encode(), (order.query_code if order else new_query_code()).encode())
    if order is None:
        return False
    known = proof.contact_id is not None and order.contact_id == proof.contact_id
    return right or known


def _tidy(code: str) -> str:
    """As written by people: small letters, full-width letters, spaces and hyphens are all the same."""
    return "".join(unicodedata.normalize("NFKC", code).upper().replace("-", "").split())
