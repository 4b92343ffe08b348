"""``huiyin routing retrain`` and ``install``: one command takes what was learnt into use, or says why not (D1)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backoffice import learned
from backoffice.learned import Subject
from backoffice.learning import model_file
from backoffice.learning.training import learn
from core.settings import load_settings
from huiyin.cli import on_database, routing
from huiyin.cli.main import app
from tests.backoffice.conftest import Town
from tests.backoffice.learning.matters import labelled
from tests.backoffice.test_learned_routing import BUS, CODES, closed_orders, department_of

Command = Callable[..., Awaitable[Result]]
CATEGORIES = {"城管局": "urban.noise", "水务集团": "没有这个分类", "公交集团": "traffic", "交警支队": "也没有这个"}


@pytest.fixture
def command(town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """``huiyin routing …`` on the small city's database."""
    settings = town.runtime.settings
    monkeypatch.setenv("HUIYIN_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HUIYIN_DATABASE_URL", settings.resolved_database_url)
    monkeypatch.setenv("HUIYIN_CITY_DIR", str(settings.city_dir))
    for module in (on_database, routing):  # it would change the logs of other tests
        monkeypatch.setattr(module, "configure_logs", lambda level: None)
    load_settings.cache_clear()

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["routing", *words])

    yield run
    load_settings.cache_clear()


async def in_use(town: Town, subject: Subject) -> tuple[str, ...]:
    """The labels of what is in use."""
    async with town.runtime.database.read() as session:
        content = await learned.content_of(session, subject)
    return model_file.loads(content).labels if content else ()


async def test_one_command_learns_from_closed_orders_and_the_next_order_goes_by_it(
    town: Town, command: Command
) -> None:
    await closed_orders(town)
    done = await command("retrain")
    assert done.exit_code == 0, done.output
    assert "新学的更好，已经换上。" in done.output
    assert "首选正确" in done.output
    assert set(await in_use(town, Subject.DEPARTMENT)) == set(CODES.values())
    again = await command("retrain")  # nothing new was closed since
    assert again.exit_code == 0, again.output
    assert "上次学习以后新办结、能比较好坏的工单只有 0 件" in again.output.replace("\n", "")


async def test_with_too_few_orders_nothing_is_learnt_and_it_says_so(town: Town, command: Command) -> None:
    done = await command("retrain")
    assert "可以学习的工单只有 0 件" in done.output.replace("\n", "")
    assert await in_use(town, Subject.DEPARTMENT) == ()


async def test_a_model_learnt_elsewhere_is_installed_under_the_citys_own_codes(
    town: Town, command: Command, tmp_path: Path
) -> None:
    texts, names = labelled()
    file = tmp_path / "city.model"
    model_file.save(replace(learn(texts, [CODES[name] for name in names]), threshold=0.5), file)
    done = await command("install", str(file))
    assert done.exit_code == 0, done.output
    assert set(await in_use(town, Subject.DEPARTMENT)) == set(CODES.values())
    assert await department_of(town, (await town.file(BUS)).order.number) == "west"


async def test_a_model_for_categories_is_installed_beside_and_labels_that_fit_none_are_named(
    town: Town, command: Command, tmp_path: Path
) -> None:
    texts, names = labelled()
    file = tmp_path / "categories.model"
    model_file.save(learn(texts, [CATEGORIES[name] for name in names]), file)
    done = await command("install", str(file), "--for", "category")
    assert done.exit_code == 0, done.output
    assert "没有这个分类" in done.output
    assert set(await in_use(town, Subject.CATEGORY)) == set(CATEGORIES.values())
    assert await in_use(town, Subject.DEPARTMENT) == ()
    refused = await command("install", str(file))  # no department is called so
    assert refused.exit_code == 1
    assert "没有一个是本系统的" in refused.output
    broken = tmp_path / "broken.model"
    broken.write_bytes(b"no model")
    assert (await command("install", str(broken))).exit_code == 1
    assert await in_use(town, Subject.DEPARTMENT) == ()
