"""Others who reported what an order is about."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant
from core.privacy import EncryptedText

revision = "order_reporters"
down_revision = "calls"


def upgrade() -> None:
    op.create_table(
        "order_reporters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=True),
        sa.Column("query_code", EncryptedText(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("reporter_name", EncryptedText(), nullable=True),
        sa.Column("reporter_phone", EncryptedText(), nullable=True),
        sa.Column("reporter_phone_index", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["orders.number"], name=op.f("fk_order_reporters_number_orders")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_order_reporters_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_order_reporters_contact_id_contacts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_reporters")),
        sa.UniqueConstraint("key", name=op.f("uq_order_reporters_key")),
    )
    op.create_index(op.f("ix_order_reporters_number"), "order_reporters", ["number"])
    op.create_index(op.f("ix_order_reporters_contact_id"), "order_reporters", ["contact_id"])


def downgrade() -> None:
    op.drop_table("order_reporters")
