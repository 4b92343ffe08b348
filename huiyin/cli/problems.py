"""Why a command could not run, in a line of Chinese that says what to mend."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from backoffice.pack_problems import CityPackRefused
from core.database import DatabaseUnreachable
from core.privacy import KeyRefused
from core.settings import Settings

_PREFIX = str(Settings.model_config["env_prefix"])
_MUST = {
    "int_parsing": "要是整数",
    "float_parsing": "要是数字",
    "bool_parsing": "要写 true 或 false",
    "literal_error": "只能是 {expected}",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "string_too_long": "最多 {max_length} 个字",
    "value_error": "{error}",
}


def explained(problem: BaseException) -> str | None:
    """What to tell about ``problem``; None when it is a fault of ours, to be told with its traceback.

    Never quotes a value: it may be a secret.
    """
    if isinstance(problem, ValidationError) and problem.title == Settings.__name__:
        return "\n  ".join(_setting(error) for error in problem.errors())
    if isinstance(problem, KeyRefused):
        return str(problem)
    if isinstance(problem, DatabaseUnreachable):
        return f"数据库连不上（{problem}），请检查 {_PREFIX}DATABASE_URL 和数据库服务"
    if isinstance(problem, CityPackRefused):
        return f"城市资料读不出来，请检查 {_PREFIX}CITY_DIR：{problem}"
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}：{problem.strerror}"
    return None


def _setting(error: Any) -> str:
    name = "_".join(str(part) for part in error["loc"]).upper()
    must = _MUST.get(error["type"], "{msg}").format(msg=error["msg"], **error.get("ctx", {}))
    return f"设置 {_PREFIX}{name} 不对：{must}"
