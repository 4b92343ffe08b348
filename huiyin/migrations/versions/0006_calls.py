"""Telephone calls and what was said in them."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant
from core.privacy import EncryptedJson, EncryptedText

revision = "calls"
down_revision = "learned_models"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("line", sa.String(length=12), nullable=False),
        sa.Column("caller", EncryptedText(), nullable=True),
        sa.Column("called", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("follow_up", sa.String(length=12), nullable=True),
        sa.Column("followed_at", Instant(), nullable=True),
        sa.Column("followed_by", sa.Integer(), nullable=True),
        sa.Column("recording", sa.String(length=200), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("measures", EncryptedJson(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_calls_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["followed_by"], ["staff.id"], name=op.f("fk_calls_followed_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(op.f("ix_calls_begun_at"), "calls", ["begun_at"], unique=False)
    op.create_index(op.f("ix_calls_conversation_id"), "calls", ["conversation_id"], unique=False)
    op.create_index("ix_calls_follow_up", "calls", ["follow_up", "followed_at"], unique=False)
    op.create_table(
        "call_lines",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=10), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("text", EncryptedText(), nullable=False),
        sa.Column("words", EncryptedJson(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_lines_call_id_calls")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_lines")),
        sa.UniqueConstraint("call_id", "seq", name=op.f("uq_call_lines_call_id_seq")),
    )
    op.create_index(op.f("ix_call_lines_call_id"), "call_lines", ["call_id"], unique=False)
