"""How the category and the department of an order came about."""

import sqlalchemy as sa
from alembic import op

revision = "origins"
down_revision = "call_transfers"

_ORDERS = sa.table(
    "orders",
    sa.column("number", sa.String),
    sa.column("category_id", sa.Integer),
    sa.column("category_origin", sa.String),
    sa.column("department_origin", sa.String),
)
_HISTORY = sa.table(
    "history",
    sa.column("subject", sa.String),
    sa.column("position", sa.BigInteger),
    sa.column("subject_id", sa.String),
    sa.column("action", sa.String),
    sa.column("data", sa.JSON),
)
_MODELS = sa.table("learned_models", sa.column("subject", sa.String))


def upgrade() -> None:
    for column in ("category_origin", "department_origin"):
        op.add_column("orders", sa.Column(column, sa.String(length=10), nullable=True))
    _departments()
    _categories()


def _departments() -> None:
    """What history says of the last move: who dispatched it, or that it lies on the desk."""
    moves = sa.select(_HISTORY.c.subject_id, _HISTORY.c.action, _HISTORY.c.data)
    moves = moves.where(_HISTORY.c.subject == "order", _HISTORY.c.action.in_(["dispatch", "send_back"]))
    found = {}
    for number, action, data in op.get_bind().execute(moves.order_by(_HISTORY.c.position)):
        found[number] = data.get("why") if action == "dispatch" else None
    rows = [{"of": number, "why": why} for number, why in found.items() if why in ("rule", "learned", "person")]
    if rows:
        written = sa.update(_ORDERS).where(_ORDERS.c.number == sa.bindparam("of"))
        op.get_bind().execute(written.values(department_origin=sa.bindparam("why")), rows)


def _categories() -> None:
    """By the rules, all of them, where nothing has been learnt of categories; else nobody knows which."""
    learnt = op.get_bind().scalar(
        sa.select(sa.func.count()).select_from(_MODELS).where(_MODELS.c.subject == "category")
    )
    if not learnt:
        by_rule = sa.update(_ORDERS).where(_ORDERS.c.category_id.is_not(None))
        op.get_bind().execute(by_rule.values(category_origin="rule"))


def downgrade() -> None:
    for column in ("category_origin", "department_origin"):
        op.drop_column("orders", column)
