"""The demo accounts: one per role, with passwords made anew at every start of the demo and shown once."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice import departments, passwords, sign_in, staff
from backoffice.staff import NewStaff, Role
from core.runtime import Runtime

_DEPARTMENT = "nancheng.urban_management"
"""Where the demo's handler and head work: noise, rubbish and street trade of one district."""


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in to the demo."""

    username: str
    number: str
    name: str
    role: Role
    department: str | None = None


DEMO_ACCOUNTS = (
    DemoAccount("agent", "1001", "林晓燕", Role.AGENT),
    DemoAccount("dispatcher", "2001", "周建平", Role.DISPATCHER),
    DemoAccount("handler", "3001", "陈志强", Role.HANDLER, _DEPARTMENT),
    DemoAccount("head", "3002", "郑海波", Role.HEAD, _DEPARTMENT),
    DemoAccount("editor", "5001", "许文静", Role.EDITOR),
    DemoAccount("supervisor", "4001", "何秀兰", Role.SUPERVISOR),
    DemoAccount("admin", "9001", "沈文博", Role.ADMINISTRATOR),
)


@dataclass(frozen=True)
class Opened:
    """A demo account and the password it has from now on."""

    account: DemoAccount
    password: str


async def open_demo_accounts(runtime: Runtime) -> list[Opened]:
    """Makes the demo accounts that are missing and gives each a fresh password; nothing keeps the passwords."""
    opened = []
    for account in DEMO_ACCOUNTS:
        password, now = passwords.generate_password(), runtime.clock.now()
        async with runtime.database.write() as session:
            await runtime.database.one_at_a_time(session, "demo")
            known = await staff.by_username(session, account.username)
            if known is not None:
                await sign_in.reset_password(session, known.id, password, "system", now)
            else:
                department = await departments.by_code(session, account.department) if account.department else None
                new = NewStaff(
                    username=account.username,
                    number=account.number,
                    name=account.name,
                    role=account.role,
                    department_id=department.id if department else None,
                )
                await staff.create(session, new, password, "system", now)
        opened.append(Opened(account, password))
    return opened
