"""The ``huiyin`` command."""

import warnings

warnings.filterwarnings("ignore", category=UserWarning, message="pkg_resources is deprecated")

from huiyin.cli.main import main  # noqa: E402  # after the filter: libraries warn while they are imported

__all__ = ["main"]
