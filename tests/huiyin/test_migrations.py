"""The schema: migrations make exactly what the program declares, and take over what was there before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from core.database import Database
from core.runtime import Runtime
from huiyin.migrate import alembic_config, migrate
from huiyin.schema import metadata
from knowledge import articles
from knowledge.drafts import find_draft, versions_of
from tests.fixtures.postgresql import Cluster

_ARTICLE = """
INSERT INTO articles (code, question, variants, answer, department, source, valid_from, valid_to, steps, materials,
                      keywords, fee, status, version, updated_at)
VALUES ('{code}', '怎么办？', '["怎么弄"]', '这样办。', 'hrss', '《办法》', '2026-01-01', '2027-01-01', '[]',
        '["身份证"]', '["办"]', '免费', '{status}', {version}, '2026-11-01 00:00:00')
"""

_PLACES = (
    """INSERT INTO departments (id, code, name, short, path, level, duties, phone, address, aliases, is_default)
    VALUES (1, 'desk', '热线', '热线', '/1/', 'city', '', '', '', '[]', TRUE)""",
    """INSERT INTO categories (id, code, name, path, position, keywords, retired)
    VALUES (1, 'noise', '噪声', '/1/', 1, '[]', FALSE)""",
)
_MODEL = """INSERT INTO learned_models (subject, content, about, learned_at)
    VALUES ('category', '', '{}', '2026-11-01 00:00:00')"""
_ORDER = """
INSERT INTO orders (id, number, query_code, kind, status, title, content, search_text, category_id, confidential,
                    attachments, channel, demo, department_id, created_at, updated_at, urges, send_backs,
                    policy_version)
VALUES ({id}, '{number}', '', 'complain', 'handling', '', '', '', {category}, FALSE, '', 'phone', FALSE, 1,
        '2026-11-01 00:00:00', '2026-11-01 00:00:00', 0, 0, 1)
"""
_MOVE = """
INSERT INTO history (id, subject, position, subject_id, action, actor, at, data, previous_hash, hash)
VALUES ({id}, 'order', {id}, '{number}', '{action}', 'system', '2026-11-01 00:00:00', '{{"why": {why}}}', '', '{id}')
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on either engine."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.new_database(template="template0")


async def test_the_migrations_make_the_tables_the_program_declares(any_runtime: Runtime) -> None:
    def differences(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata()))

    async with any_runtime.database.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_versions_of_the_schema_are_one_line() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


async def test_articles_from_before_versions_were_kept_have_their_first_one(empty_url: str) -> None:
    database = Database(empty_url)

    def first_tables(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "0001")
        for code, status, version in (("live", "published", 3), ("gone", "expired", 2), ("half", "draft", 1)):
            connection.execute(text(_ARTICLE.format(code=code, status=status, version=version).replace(":", "\\:")))

    async with database.connect() as connection:
        await connection.run_sync(first_tables)
    await migrate(database)
    async with database.read() as session:
        live, gone = await versions_of(session, "live"), await versions_of(session, "gone")
        stored = await articles.find(session, "live")
        draft = await find_draft(session, "half")
        assert await articles.find(session, "half") is None
    assert stored is not None
    assert [version.article() for version in live] == [stored.article()]
    assert [(version.version, version.action) for version in (*live, *gone)] == [(3, "publish"), (2, "expire")]
    assert draft is not None
    assert draft.article().materials == ("身份证",)
    await database.close()


@pytest.mark.parametrize("learnt", [False, True])
async def test_orders_from_before_are_told_how_their_department_came_about_and_their_category_where_it_is_known(
    empty_url: str, learnt: bool
) -> None:
    lives = {
        "10000001": [("dispatch", "rule")],
        "10000002": [("dispatch", "learned"), ("send_back", None), ("dispatch", "person")],
        "10000003": [("dispatch", "learned")],
        "10000004": [("dispatch", "rule"), ("send_back", None)],
        "10000005": [],
    }
    database = Database(empty_url)

    def before(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "call_transfers")
        rows = [*_PLACES, *([_MODEL] if learnt else [])]
        for place, number in enumerate(lives, 1):
            rows.append(_ORDER.format(id=place, number=number, category="NULL" if place == len(lives) else 1))
        moves = [(number, move) for number, steps in lives.items() for move in steps]
        for place, (number, (action, why)) in enumerate(moves, 1):
            said = f'"{why}"' if why else "null"
            rows.append(_MOVE.format(id=place, number=number, action=action, why=said))
        for row in rows:
            connection.exec_driver_sql(row)

    async with database.connect() as connection:
        await connection.run_sync(before)
    await migrate(database)
    async with database.read() as session:
        found = await session.execute(text("SELECT number, department_origin, category_origin FROM orders"))
        stands = {number: (department, category) for number, department, category in found}
    by = None if learnt else "rule"
    assert stands == {
        "10000001": ("rule", by),
        "10000002": ("person", by),
        "10000003": ("learned", by),
        "10000004": (None, by),
        "10000005": (None, None),
    }
    await database.close()
