"""What the knowledge base and the learnt routing take beside the bot: resident memory before, after, and at most.

    uv run python -m benchmarks.memory [ARTICLES] [MODEL]        (default: 10000 articles, no routing model)

The process has the whole service loaded with the demo city (the trained dialogue model among it) before anything is
counted; then the index of a larger base is built, as a refresh does, and a routing model is read. Linux only.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.figures import quiet
from benchmarks.knowledge_data import city_articles, index_of
from benchmarks.search import enlarged

ARTICLES = 10_000


def main() -> None:
    """Prints one line a step, in MB."""
    quiet()
    size = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    asyncio.run(_measure(size, Path(sys.argv[2]) if len(sys.argv) > 2 else None))


async def _measure(size: int, model: Path | None) -> None:
    from core.runtime import Runtime
    from core.settings import load_settings
    from huiyin.dialogue import running_engine
    from huiyin.preparing import prepare

    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "models").symlink_to(settings.model_dir.absolute())
        runtime = Runtime.start(settings.model_copy(update={"data_dir": Path(folder), "database_url": None}))
        await prepare(runtime)
        async with running_engine(runtime):
            _steps(size, model)
        await runtime.database.close()


def _steps(size: int, model: Path | None) -> None:
    articles = enlarged(city_articles(), size)  # what the database would hold; the index keeps them too
    gc.collect()
    bot = resident()
    print(f"the bot, and {size} articles read: {bot:.0f} MB")
    with Watched() as watched:
        index = index_of(articles)
    gc.collect()
    print(
        f"index of {len(index.articles)} articles: +{resident() - bot:.0f} MB, +{watched.most - bot:.0f} MB while built"
    )
    if model is not None:
        from backoffice.learning import model_file

        learnt = model_file.load(model)
        print(f"with routing to {len(learnt.labels)} labels: +{resident() - bot:.0f} MB")


def resident() -> float:
    """Resident memory of this process in MB."""
    fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


class Watched:
    """Looks every 20 ms how much memory is resident while a block runs."""

    def __enter__(self) -> Watched:
        """Begins to look."""
        self.most, self._done = resident(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        """Has looked for the last time."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.is_set():
            self.most = max(self.most, resident())
            time.sleep(0.02)


if __name__ == "__main__":
    main()
