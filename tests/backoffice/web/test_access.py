"""Every staff route, found by walking the router, refuses strangers, wrong roles and foreign forms (I1, trap 4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sanic import Request, Sanic
from sanic.response import HTTPResponse, empty

from backoffice.staff import Role
from backoffice.web.guard import EVERY_ROLE, check_routes, for_everybody
from tests.backoffice.web.office import Answer, Browser, Office

NO_SUCH = "00000000-0000-4000-8000-000000000000"
DOOR = "/staff/sign-in"


def _staff_routes(office: Office) -> Iterator[tuple[str, str, frozenset[Role] | None]]:
    """Method, address and roles of every route under /staff."""
    for route in office.server.app.router.routes:
        address = f"/{route.path}"
        if address.startswith("/staff"):
            for name, parameter in ((p.name, p) for p in route.params.values()):
                label = parameter.label
                one_of = label.strip("()").split("|")  # <wish:(invite|join)>
                value = NO_SUCH if "uuid" in label else one_of[0] if len(one_of) > 1 else "1"
                address = address.replace(f"<{name}:{label}>", value)
            assert "<" not in address, address
            for method in sorted(route.methods - {"OPTIONS", "HEAD"}):
                yield method, address, route.handler.__staff_roles__


async def _ask(browser: Browser, method: str, address: str, **headers: str) -> Answer:
    return await (browser.get(address, **headers) if method == "GET" else browser.post(address, **headers))


async def test_there_are_routes_to_walk(office: Office) -> None:
    found = list(_staff_routes(office))
    assert (
        "POST",
        f"/staff/desk/{NO_SUCH}/take",
        frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMINISTRATOR}),
    ) in found
    assert len(found) > 20


async def test_every_route_sends_a_stranger_to_the_door(office: Office) -> None:
    async with office.stranger() as browser:
        for method, address, roles in _staff_routes(office):
            if roles is None:
                assert address == DOOR
                continue
            page = await _ask(browser, method, address)
            assert (page.status, page.headers["location"].split("?")[0]) == (303, DOOR), (method, address)
            program = await _ask(browser, method, address, Accept="application/json")
            assert program.status == 401, (method, address)
            assert '"error":"not_signed_in"' in program.text


async def test_every_route_refuses_every_role_it_is_not_for(office: Office) -> None:
    for role in Role:
        async with office.browser_of(role.value) as browser:
            for method, address, roles in _staff_routes(office):
                if roles is not None and role not in roles:
                    answer = await _ask(browser, method, address)
                    assert answer.status == 403, (role, method, address)
                    assert "没有权限" in answer.words


async def test_every_changing_route_refuses_a_form_without_its_token(office: Office) -> None:
    for role in (Role.AGENT, Role.ADMINISTRATOR):
        async with office.browser_of(role.value) as browser:
            browser.csrf = ""
            for method, address, roles in _staff_routes(office):
                if method != "GET" and roles is not None and role in roles:
                    answer = await browser.post(address, Accept="application/json")
                    assert answer.status == 403, (method, address)
                    assert '"error":"stale_form"' in answer.text


async def test_department_staff_do_not_reach_the_desk(office: Office) -> None:
    conversation_id = await office.waiting("我的电话是 13800138000")
    for username in ("handler", "head"):
        async with office.browser_of(username) as browser:
            for path in ("", "/messages", "/state"):
                answer = await browser.get(f"/staff/desk/{conversation_id}{path}")
                assert answer.status == 403
                assert "13800138000" not in answer.text


async def test_an_application_with_a_route_that_says_nothing_does_not_start() -> None:
    app: Any = Sanic("unguarded")

    async def open_to_all(_request: Request) -> HTTPResponse:
        return empty()

    app.add_route(open_to_all, "/staff/hole")
    with pytest.raises(RuntimeError, match="/staff/hole"):
        check_routes(app)
    Sanic.unregister_app(app)


def test_marking_a_door_open_is_not_marking_it_for_all_roles() -> None:
    async def door(_request: Request) -> HTTPResponse:
        return empty()

    assert for_everybody(door).__staff_roles__ is None  # type: ignore[attr-defined]
    assert frozenset(Role) == EVERY_ROLE
