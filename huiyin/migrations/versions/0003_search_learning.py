"""What the search learns from its use: lines of a base's own, choices taken."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "search_learning"
down_revision = "knowledge_editing"


def upgrade() -> None:
    op.create_table(
        "article_choices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_code", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=36), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_code"], ["articles.code"], name=op.f("fk_article_choices_article_code_articles")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_article_choices_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_choices")),
        sa.UniqueConstraint(
            "article_code", "conversation_id", name=op.f("uq_article_choices_article_code_conversation_id")
        ),
    )
    op.create_table(
        "search_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Float(), nullable=False),
        sa.Column("choose", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_lines")),
    )


def downgrade() -> None:
    op.drop_table("search_lines")
    op.drop_table("article_choices")
