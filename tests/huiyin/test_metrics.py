"""``/metrics``: Prometheus gets the measures of the telephone; who is not on the machine needs the token."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from core.clock import SystemClock
from core.settings import Settings
from tests.fixtures.app import running_app


async def test_the_machine_itself_reads_the_measures_of_calls(sqlite_settings: Settings) -> None:
    async with running_app(sqlite_settings, SystemClock()) as app, app.browser() as browser:
        async with browser.get("/metrics") as response:
            assert response.status == 200
            text = await response.text()
        for name in ("turn", "recognition", "answer", "synthesis", "barge_in"):
            assert f'huiyin_call_{name}_seconds_bucket{{le="0.5"}}' in text
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
            async with browser.get("/metrics", headers={header: "203.0.113.9"}) as response:
                assert response.status == 403
                assert "huiyin" not in await response.text()


@pytest.mark.parametrize("host", ["hotline.example", "hotline.example:8000", "10.0.0.7", "[", ""])
async def test_who_asks_by_another_name_than_the_machine_s_own_is_not_on_it(
    sqlite_settings: Settings, host: str
) -> None:
    async with running_app(sqlite_settings, SystemClock()) as app, app.browser() as browser:
        async with browser.get("/metrics", headers={"Host": host}) as response:
            assert response.status in {400, 403}
        for own in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
            async with browser.get("/metrics", headers={"Host": own}) as response:
                assert response.status == 200


async def test_behind_a_proxy_nobody_counts_as_the_machine_itself(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update={"trusted_proxies": 1})
    async with (
        running_app(settings, SystemClock()) as app,
        app.browser() as browser,
        browser.get("/metrics") as response,
    ):
        assert response.status == 403


@pytest.mark.parametrize(
    ("shown", "status"), [("Bearer t0ken", 200), ("Bearer other", 403), ("t0ken", 403), ("Bearer 口令", 403), ("", 403)]
)
async def test_where_there_is_a_token_only_the_token_counts(sqlite_settings: Settings, shown: str, status: int) -> None:
    settings = sqlite_settings.model_copy(update={"metrics_token": SecretStr("t0ken")})
    async with running_app(settings, SystemClock()) as app, app.browser() as browser:
        headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": shown}
        async with browser.get("/metrics", headers=headers) as response:
            assert response.status == status
