"""Calls are found by the number they come from, by its last four digits, and by who answered."""

import sqlalchemy as sa
from alembic import op

revision = "call_numbers"
down_revision = "polls"

_COLUMNS = ("caller_index", "caller_end")


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("calls", sa.Column(column, sa.String(length=64), nullable=True))
        op.create_index(op.f(f"ix_calls_{column}"), "calls", [column])
    op.create_index(op.f("ix_calls_answered_by"), "calls", ["answered_by"])


def downgrade() -> None:
    op.drop_index(op.f("ix_calls_answered_by"), table_name="calls")
    for column in _COLUMNS:
        op.drop_index(op.f(f"ix_calls_{column}"), table_name="calls")
        op.drop_column("calls", column)
