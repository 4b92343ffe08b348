"""Who calls a citizen back, how often it was tried, and what came of it."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant
from core.privacy import EncryptedText

revision = "call_backs"
down_revision = "order_reporters"


def upgrade() -> None:
    # with its foreign key in one statement, which is the only way SQLite takes one for a table that is there
    op.execute("ALTER TABLE calls ADD COLUMN taken_by INTEGER CONSTRAINT fk_calls_taken_by_staff REFERENCES staff (id)")
    op.add_column("calls", sa.Column("taken_at", Instant(), nullable=True))
    op.add_column("calls", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("follow_result", sa.String(length=20), nullable=True))
    op.add_column("calls", sa.Column("follow_remark", EncryptedText(), nullable=True))
