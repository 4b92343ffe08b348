"""What staff set up for themselves: columns, views, ready sentences."""

import sqlalchemy as sa
from alembic import op

from core.privacy import EncryptedText

revision = "staff_preferences"
down_revision = "search_learning"


def upgrade() -> None:
    op.create_table(
        "staff_preferences",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", EncryptedText(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_preferences_staff_id_staff")),
        sa.PrimaryKeyConstraint("staff_id", "name", name=op.f("pk_staff_preferences")),
    )
