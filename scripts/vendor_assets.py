"""Fetches from npm what the pages use (``core/web/static/vendor/``) and what their tests use (``tests/fixtures/axe/``).

Run it to update something or to add an icon.

Needs ``npm`` on the machine of whoever runs it; nothing of npm is needed at run time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "core" / "web" / "static" / "vendor"
AXE = ROOT / "tests" / "fixtures" / "axe"

FILES = {
    "htmx.org@2.0.11": {"dist/htmx.min.js": VENDOR / "htmx/htmx.min.js", "LICENSE": VENDOR / "htmx/LICENSE"},
    "idiomorph@0.8.0": {
        "dist/idiomorph-ext.min.js": VENDOR / "idiomorph/idiomorph-ext.min.js",
        "LICENSE": VENDOR / "idiomorph/LICENSE",
    },
    "echarts@5.6.0": {
        "dist/echarts.simple.min.js": VENDOR / "echarts/echarts.simple.min.js",
        "LICENSE": VENDOR / "echarts/LICENSE",
        "NOTICE": VENDOR / "echarts/NOTICE",
    },
    "@tabler/core@1.0.0": {"dist/css/tabler.min.css": VENDOR / "tabler/tabler.min.css"},
    "@tabler/icons@3.51.0": {"LICENSE": VENDOR / "tabler/LICENSE"},  # one owner and licence for both of Tabler's
    "axe-core@4.14.1": {"axe.min.js": AXE / "axe.min.js", "LICENSE": AXE / "LICENSE"},
}

ICON_PACKAGE = "@tabler/icons@3.51.0"
ICONS = """
    alert-triangle arrow-back-up arrow-down arrow-left bell bolt book building camera chart-bar check checklist
    chevron-down chevron-right circle-check clock clock-exclamation copy device-laptop dots-vertical download
    droplet ear eye eye-off file-text filter flag grid-dots headset help-circle history home id info-circle
    keyboard list-details lock logout map-pin menu-2 message message-circle messages microphone microphone-off
    moon paperclip pencil phone phone-incoming phone-off photo player-pause player-play player-stop plus printer
    refresh rewind-backward-5 rewind-forward-5 robot search send settings shield star stethoscope sun text-size
    thumb-down thumb-up upload user user-check user-circle user-question users volume x
""".split()  # noqa: SIM905  # fifty lines say it no better


def main() -> None:
    """Fetches every package and rebuilds the icon sprite."""
    with tempfile.TemporaryDirectory() as folder:
        for package, files in FILES.items():
            root = _unpack(package, Path(folder))
            for source, target in files.items():
                _copy(root / source, target)
        icons = _unpack(ICON_PACKAGE, Path(folder)) / "icons" / "outline"
        (VENDOR / "tabler" / "icons.svg").write_text(_sprite(icons), encoding="utf-8")


def _unpack(package: str, folder: Path) -> Path:
    packed = subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", package],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / packed.stdout.split()[-1]
    target = folder / archive.name.removesuffix(".tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".css"}:  # the maps they name stay behind: browsers would ask for them in vain
        text = source.read_text(encoding="utf-8")
        target.write_text(re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$", "\n", text), encoding="utf-8")
    else:
        shutil.copyfile(source, target)


def _sprite(icons: Path) -> str:
    """One SVG file with a symbol per icon: ``<use href="…/icons.svg#i-phone">``."""
    symbols = []
    for name in ICONS:
        drawing = (icons / f"{name}.svg").read_text(encoding="utf-8")
        inside = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.S)
        assert inside is not None
        paths = re.sub(r"\s*\n\s*", "", inside[1])
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{paths}</symbol>')
    style = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {style}>\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    main()
