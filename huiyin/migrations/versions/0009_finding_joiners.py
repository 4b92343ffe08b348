"""Orders are found by the phone number, and from the conversation, of who joined them."""

from alembic import op

revision = "finding_joiners"
down_revision = "call_backs"

_COLUMNS = ("reporter_phone_index", "conversation_id")


def upgrade() -> None:
    for column in _COLUMNS:
        op.create_index(op.f(f"ix_order_reporters_{column}"), "order_reporters", [column])


def downgrade() -> None:
    for column in _COLUMNS:
        op.drop_index(op.f(f"ix_order_reporters_{column}"), table_name="order_reporters")
