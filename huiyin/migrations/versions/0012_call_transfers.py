"""The department an agent transfers a call to."""

from alembic import op

revision = "call_transfers"
down_revision = "call_parts"


def upgrade() -> None:
    # with its foreign key in one statement, which is the only way SQLite takes one for a table that is there
    key = "CONSTRAINT fk_calls_transfer_to_departments REFERENCES departments (id)"
    op.execute(f"ALTER TABLE calls ADD COLUMN transfer_to INTEGER {key}")
