"""Editing the knowledge base: drafts, versions, temporary articles, reminders, open questions."""

from datetime import date

import sqlalchemy as sa
from alembic import op

from core.database import Instant
from core.privacy import EncryptedText
from huiyin.migrations.append_only import refuse_changes

revision = "knowledge_editing"
down_revision = "0001"

_LISTS = ("variants", "steps", "materials", "keywords")
_DATES = ("valid_from", "valid_to")
_TEXTS = ("question", "answer", "department", "source", "fee", "duration", "place", "office_hours", "phone", "link")
_ARTICLES = sa.table(
    "articles",
    *(sa.column(name) for name in ("id", "code", "status", "version", *_TEXTS)),
    *(sa.column(name, sa.JSON()) for name in _LISTS),
    *(sa.column(name, sa.Date()) for name in _DATES),
    sa.column("updated_at", Instant()),
)


def upgrade() -> None:
    op.create_table(
        "article_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_versions")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_article_versions_code_version")),
    )
    op.create_index(op.f("ix_article_versions_at"), "article_versions", ["at"], unique=False)
    op.create_index(op.f("ix_article_versions_department"), "article_versions", ["department"], unique=False)
    op.create_table(
        "knowledge_keys",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_knowledge_keys")),
    )
    op.create_table(
        "open_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", EncryptedText(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column(
            "stand",
            sa.Enum("open", "dismissed", "answered", name="stand", native_enum=False, length=10),
            nullable=False,
        ),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("owner_why", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("article_code", sa.String(length=40), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_questions")),
    )
    op.create_index(op.f("ix_open_questions_department"), "open_questions", ["department"], unique=False)
    op.create_index(op.f("ix_open_questions_last_at"), "open_questions", ["last_at"], unique=False)
    op.create_index(op.f("ix_open_questions_stand"), "open_questions", ["stand"], unique=False)
    op.create_table(
        "article_drafts",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "state", sa.Enum("draft", "review", "returned", name="state", native_enum=False, length=10), nullable=False
        ),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("temporary", sa.Boolean(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("open_question_id", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["open_question_id"], ["open_questions.id"], name=op.f("fk_article_drafts_open_question_id_open_questions")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_article_drafts")),
    )
    op.create_index(op.f("ix_article_drafts_department"), "article_drafts", ["department"], unique=False)
    op.create_index(op.f("ix_article_drafts_state"), "article_drafts", ["state"], unique=False)
    op.create_table(
        "article_reminders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.Enum("expiring", "unhelpful", name="kind", native_enum=False, length=10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("done_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["code"], ["articles.code"], name=op.f("fk_article_reminders_code_articles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_reminders")),
        sa.UniqueConstraint("code", "kind", "day", name=op.f("uq_article_reminders_code_kind_day")),
    )
    op.create_index(op.f("ix_article_reminders_done_at"), "article_reminders", ["done_at"], unique=False)
    op.add_column("articles", sa.Column("ends_at", Instant(), nullable=True))
    op.create_index(op.f("ix_articles_ends_at"), "articles", ["ends_at"], unique=False)
    # with its foreign key in one statement, which is the only way SQLite takes one for a table that is there
    op.execute(
        "ALTER TABLE unanswered_questions ADD COLUMN open_question_id INTEGER "
        "CONSTRAINT fk_unanswered_questions_open_question_id_open_questions REFERENCES open_questions (id)"
    )
    op.create_index(op.f("ix_unanswered_questions_open_question_id"), "unanswered_questions", ["open_question_id"])
    _keep_versions()
    _move_drafts()
    refuse_changes("article_versions")


def _keep_versions() -> None:
    """What citizens are answered with now is the first version that is kept whole."""
    versions = sa.table(
        "article_versions",
        *(sa.column(name) for name in ("code", "version", "action", "department", "actor", "note")),
        sa.column("content", sa.JSON()),
        sa.column("authors", sa.JSON()),
        sa.column("at", Instant()),
    )
    rows = [
        {
            "code": row["code"],
            "version": row["version"],
            "action": "publish" if row["status"] == "published" else "expire",
            "content": _content(row),
            "department": row["department"],
            "at": row["updated_at"],
            "actor": "system",
            "authors": [],
            "note": "",
        }
        for row in _articles(_ARTICLES.c.status != "draft")
    ]
    if rows:
        op.bulk_insert(versions, rows)


def _move_drafts() -> None:
    """Articles that were never published become drafts of new ones."""
    drafts = sa.table(
        "article_drafts",
        *(sa.column(name) for name in ("code", "state", "edition", "base_version", "question", "department")),
        *(sa.column(name) for name in ("temporary", "note")),
        sa.column("content", sa.JSON()),
        sa.column("authors", sa.JSON()),
        sa.column("created_at", Instant()),
        sa.column("updated_at", Instant()),
    )
    rows = [
        {
            "code": row["code"],
            "state": "draft",
            "edition": 1,
            "base_version": 0,
            "content": _content(row),
            "question": row["question"],
            "department": row["department"],
            "temporary": False,
            "authors": [],
            "note": "",
            "created_at": row["updated_at"],
            "updated_at": row["updated_at"],
        }
        for row in _articles(_ARTICLES.c.status == "draft")
    ]
    if rows:
        op.bulk_insert(drafts, rows)
        op.execute(
            sa.text(
                "UPDATE unanswered_questions SET best_article_code = NULL WHERE best_article_code IN "
                "(SELECT code FROM articles WHERE status = 'draft')"
            )
        )
        op.execute(sa.text("DELETE FROM articles WHERE status = 'draft'"))


def _articles(wanted: sa.ColumnElement[bool]) -> list[sa.RowMapping]:
    return list(op.get_bind().execute(sa.select(_ARTICLES).where(wanted).order_by(_ARTICLES.c.id)).mappings())


def _content(row: sa.RowMapping) -> dict[str, object]:
    values = {name: row[name] for name in (*_TEXTS, *_LISTS, *_DATES)}
    dates = {name: day.isoformat() for name in _DATES if isinstance(day := values[name], date)}
    return {**values, **dates, "ends_at": None}


def downgrade() -> None:
    raise NotImplementedError("versions and drafts cannot be told in the schema before")
