"""Which member of staff a call rings at, and who has answered it."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "who_answered"
down_revision = "finding_joiners"


def upgrade() -> None:
    for column in ("with_staff", "answered_by"):
        # with its foreign key in one statement, which is the only way SQLite takes one for a table that is there
        key = f"CONSTRAINT fk_calls_{column}_staff REFERENCES staff (id)"
        op.execute(f"ALTER TABLE calls ADD COLUMN {column} INTEGER {key}")
    op.add_column("calls", sa.Column("answered_at", Instant(), nullable=True))
    op.create_index(op.f("ix_calls_with_staff"), "calls", ["with_staff"])
