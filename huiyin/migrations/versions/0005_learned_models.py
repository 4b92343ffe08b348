"""What was learnt from past orders, and the runs of learning."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "learned_models"
down_revision = "staff_preferences"


def upgrade() -> None:
    op.create_table(
        "learned_models",
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("learned_at", Instant(), nullable=False),
        sa.Column("learned_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_learned_models")),
    )
    op.create_table(
        "learning_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("heard_at", Instant(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_runs")),
    )


def downgrade() -> None:
    op.drop_table("learning_runs")
    op.drop_table("learned_models")
