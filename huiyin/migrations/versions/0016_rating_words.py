"""A call's rating in the words the citizen was asked in."""

import sqlalchemy as sa
from alembic import op

revision = "rating_words"
down_revision = "call_numbers"


def upgrade() -> None:
    op.add_column("calls", sa.Column("rating_words", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("calls", "rating_words")
