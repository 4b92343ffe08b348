"""Making an installation ready: once, whoever starts, and however many start at once."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from core.settings import ROOT, Settings
from tests.backoffice.conftest import SMALL_CITY
from tests.fixtures.postgresql import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """An installation nobody has made ready, on either database."""
    city = tmp_path / "city"
    shutil.copytree(SMALL_CITY, city)
    (city / "articles").mkdir(exist_ok=True)
    url = ""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgresql")
        url = cluster.new_database(template="template0")
    return Settings(_env_file=None, data_dir=tmp_path, city_dir=city, database_url=url)  # type: ignore[call-arg]


_START = """
import asyncio, sys
from pathlib import Path
from core.runtime import Runtime
from core.settings import Settings
from huiyin.preparing import prepare
async def start():
    folder, city, url = sys.argv[1:]
    settings = Settings(_env_file=None, data_dir=Path(folder), city_dir=Path(city), database_url=url)
    runtime = Runtime.start(settings)
    print(len((await prepare(runtime)).city.parts))
    await runtime.database.close()
asyncio.run(start())
"""


async def start(settings: Settings) -> int:
    """A process of its own makes the installation ready; how many parts of the city it loaded."""
    arguments = (str(settings.data_dir), str(settings.city_dir), settings.database_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _START,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, failed = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, failed.decode()
    return int(said.splitlines()[-1])


async def test_processes_that_start_at_once_load_the_city_once_and_none_fails(settings: Settings) -> None:
    assert sorted(await asyncio.gather(*(start(settings) for _ in range(3)))) == [0, 0, 6]
    assert await start(settings) == 0
