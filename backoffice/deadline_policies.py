"""Deadline policies in the database: versioned data with an effective date, never changed once written (E1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import JSON, Date, Integer, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.deadlines import Policy, Term, Unit
from backoffice.kinds import Kind
from backoffice.pack_problems import CityPackRefused
from core.database import Base


class DeadlinePolicy(Base):
    """One version of a city's terms."""

    __tablename__ = "deadline_policies"

    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    effective_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(200))
    """Which document the terms rest on."""
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)


class PolicyRefused(CityPackRefused):
    """The rules of a policy cannot be read, or a version that is already in force would change."""


DEFAULT_RULES: dict[str, Any] = {
    "dispatch": {"working_hours": 4},
    "sign": {"working_days": 1},
    "answer": {
        "consult": {"working_days": 5},
        "help": {"working_days": 15},
        "suggest": {"working_days": 15},
        "praise": {"working_days": 15},
        "complain": {"working_days": 15},
        "report": {"working_days": 30},
    },
    "redo": {"working_days": 3},
}
"""Terms where a city names none: sign, consult, complain, report [S0, S1]; dispatch half a day, redo [S3]."""

CLOSE = {"working_days": 5}
"""How long an answer stands before its order closes by itself, in policies that do not say."""

DEFAULT_POLICY_VERSION = 1


def read_policy(version: int, effective_from: date, rules: Mapping[str, Any]) -> Policy:
    """A policy from its data. Raises :class:`PolicyRefused` with what is wrong."""
    try:
        return Policy(
            version=version,
            effective_from=effective_from,
            dispatch=_term(rules["dispatch"]),
            sign=_term(rules["sign"]),
            answer={kind: _term(rules["answer"][kind.value]) for kind in Kind},
            redo=_term(rules["redo"]),
            close=None if rules.get("close") == "never" else _term(rules.get("close", CLOSE)),
            yellow_share=_share(rules.get("yellow_share", 0.2)),
            sent_back_pauses={"pauses": True, "runs": False}[rules.get("sent_back", "pauses")],
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise PolicyRefused(f"deadlines.yml：第 {version} 版的时限写得不对：{problem}。") from problem


def _term(data: Mapping[str, Any]) -> Term:
    ((unit, amount),) = data.items()
    term = Term(float(amount), Unit(unit))
    whole = term.unit is not Unit.WORKING_DAYS or term.amount == int(term.amount)
    if term.amount <= 0 or not whole:
        raise ValueError(f"a term of {amount} {unit}")
    return term


def _share(value: object) -> float:
    share = float(str(value))
    if not 0 <= share < 1:
        raise ValueError(f"yellow_share must be from 0 to below 1, not {value}")
    return share


async def load_policies(session: AsyncSession) -> list[Policy]:
    """Every version, oldest first; the default where the database has none."""
    rows = list(await session.scalars(select(DeadlinePolicy).order_by(DeadlinePolicy.version)))
    if not rows:
        return [read_policy(DEFAULT_POLICY_VERSION, date(2000, 1, 1), DEFAULT_RULES)]
    return [read_policy(row.version, row.effective_from, row.rules) for row in rows]


async def add_policy(
    session: AsyncSession, version: int, effective_from: date, source: str, rules: Mapping[str, Any]
) -> bool:
    """Adds a version; False when it is there already. Raises :class:`PolicyRefused` if it would change."""
    read_policy(version, effective_from, rules)
    known = await session.get(DeadlinePolicy, version)
    if known is not None:
        if (known.effective_from, known.rules) != (effective_from, dict(rules)):
            raise PolicyRefused(f"deadlines.yml：第 {version} 版已经生效，不能再改，请另加一个新版本。")
        return False
    session.add(DeadlinePolicy(version=version, effective_from=effective_from, source=source, rules=dict(rules)))
    await session.flush()
    return True
