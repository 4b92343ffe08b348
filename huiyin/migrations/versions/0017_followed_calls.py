"""Who waits to be called back, and who was lately, is found without looking at all who ever were."""

from alembic import op

revision = "followed_calls"
down_revision = "rating_words"


def upgrade() -> None:
    op.drop_index("ix_calls_follow_up", table_name="calls")
    op.create_index("ix_calls_followed_at", "calls", ["followed_at", "follow_up"])


def downgrade() -> None:
    op.drop_index("ix_calls_followed_at", table_name="calls")
    op.create_index("ix_calls_follow_up", "calls", ["follow_up", "followed_at"])
