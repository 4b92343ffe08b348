"""The address of a form that was sent, opened again: by reloading, from the history, as a bookmark.

A refused form is shown under the address it was sent to, which reads nothing. One rule for all of them: it leads to the
page the form stands on, whose address is the same without its last part; for an order, with the form of that deed open.
"""

from __future__ import annotations

from typing import Final

from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed
from sanic.response import redirect

from backoffice.web.guard import PREFIX
from backoffice.workflow import Action
from core.web.application import App
from core.web.caller import wants_json

_ORDERS: Final = f"{PREFIX}/orders"


def page_of(path: str) -> str:
    """The page on which the form sent to ``path`` stands. Pure."""
    page, _, deed = path.rstrip("/").rpartition("/")
    of_order = page.rpartition("/")[0] == _ORDERS and deed in set(Action)
    return f"{page}?do={deed}" if of_order else page


def install_leading_back(app: App) -> None:
    """Leads people on where only forms are sent; programs are told as ever."""
    otherwise = app.error_handler.lookup(Exception("any"))
    assert otherwise is not None

    async def answer(request: Request, exception: MethodNotAllowed) -> HTTPResponse:
        if request.method == "GET" and request.path.startswith(f"{PREFIX}/") and not wants_json(request):
            return redirect(page_of(request.path), status=303)
        answered: HTTPResponse = await otherwise(request, exception)
        return answered

    app.exception(MethodNotAllowed)(answer)
