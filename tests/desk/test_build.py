"""The pages are built when their sources changed and only then, and are in everything that is built of the project."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parents[2]


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages_build", ROOT / "api" / "web" / "build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = _loaded()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A folder of pages that are built, beside their contract."""
    folder = tmp_path / "api" / "web"
    for place, content in {
        "../openapi.json": "{}",
        "package.json": "{}",
        "src/main.ts": "1",
        "dist/index.html": "",
    }.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(content)
    pages = build.Pages(folder)
    (pages.built / build.STAMP).write_text(pages.digest())
    return folder


CHANGES: dict[str, Callable[[Path], object]] = {
    "a source": lambda web: (web / "src" / "main.ts").write_text("2"),
    "a name": lambda web: (web / "src" / "main.ts").rename(web / "src" / "first.ts"),
    "a new file": lambda web: (web / "src" / "more.ts").write_text(""),
    "a file less": lambda web: (web / "src" / "main.ts").unlink(),
    "the contract": lambda web: (web.parent / "openapi.json").write_text('{"openapi": "3.1.0"}'),
    "what was built": lambda web: (web / "dist" / build.STAMP).unlink(),
}
NONE: dict[str, Callable[[Path], object]] = {
    "a source of the same content": lambda web: (web / "src" / "main.ts").write_text("1"),
    "the types made of the contract": lambda web: (web / "src" / "schema.d.ts").write_text(""),
    "a library": lambda web: (web / "node_modules").mkdir(),
    "a built file": lambda web: (web / "dist" / "more.js").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_pages_are_not_those_of_their_sources_any_more(web: Path, change: Callable[[Path], object]) -> None:
    assert build.Pages(web).are_built()
    change(web)
    assert not build.Pages(web).are_built()


@pytest.mark.parametrize("change", NONE.values(), ids=NONE.keys())
def test_pages_are_still_those_of_their_sources(web: Path, change: Callable[[Path], object]) -> None:
    change(web)
    assert build.Pages(web).are_built()


def test_what_is_built_is_not_built_again(web: Path) -> None:
    # There is nothing here that npm could build, nor a lock that it could install.
    assert not build.Pages(web).build()


def test_what_fails_leaves_the_pages_that_there_are(web: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (web / "package.json").write_text('{"scripts": {"build": "echo cannot; exit 3"}}')
    (web / "node_modules").mkdir()
    for lock in ("package-lock.json", "node_modules/.package-lock.json"):
        (web / lock).write_text('{"packages": {}}')
    with pytest.raises(subprocess.CalledProcessError):
        build.Pages(web).build()
    assert "cannot" in capfd.readouterr().err
    assert (web / "dist" / "index.html").exists()
    assert [path.name for path in (web / "node_modules").iterdir()] == [".package-lock.json"]


LOCKED = {"node_modules/a": {"integrity": "1"}, "node_modules/mac": {"integrity": "2", "optional": True}}


@pytest.mark.parametrize(
    ("installed", "as_locked"),
    [
        ({"node_modules/a": {"integrity": "1"}}, True),
        (LOCKED, True),
        ({"node_modules/mac": {"integrity": "2"}}, False),
        ({"node_modules/a": {"integrity": "0"}}, False),
        ({"node_modules/a": {"integrity": "1"}, "node_modules/b": {}}, False),
    ],
)
def test_libraries_are_installed_again_only_if_they_are_not_those_of_the_lock(
    installed: dict[str, dict[str, str]], as_locked: bool
) -> None:
    assert build._as_locked(installed, LOCKED) is as_locked


def the_hook(root: Path) -> BuildHookInterface[Any]:
    return build.PagesHook(str(root), {}, None, None, "", "")


def test_a_wheel_is_given_the_pages_and_needs_no_node_if_they_are_built(
    web: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "HERE", web)
    hook, wheel, editable = the_hook(web), {"force_include": {}}, {"force_include": {}}
    assert hook.dependencies() == []
    hook.initialize("standard", wheel)
    hook.initialize("editable", editable)
    assert wheel["force_include"] == {str(web / "dist"): "api/web/dist"}
    assert editable["force_include"] == {}


def test_node_is_asked_for_if_there_is_something_to_build(web: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "HERE", web)
    (web / "src" / "main.ts").write_text("2")
    assert the_hook(web).dependencies() == [build.NODE]
    monkeypatch.setenv("ONRECORD_PAGES", "without")
    assert the_hook(web).dependencies() == []
    wheel = {"force_include": {}}
    the_hook(web).initialize("standard", wheel)
    assert wheel["force_include"] == {}


def test_node_is_the_same_wherever_it_is_asked_for() -> None:
    assert f'"{build.NODE}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_no_library_of_the_pages_names_the_host_it_came_from() -> None:
    lock = json.loads((ROOT / "api" / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert {place for place, package in lock.items() if "resolved" in package} == set()
    assert {place for place, package in lock.items() if place and "integrity" not in package} == set()


@pytest.fixture
def checkout(web: Path) -> Path:
    """A checkout that is set up, in which Python only writes down what it was asked to run."""
    root = web.parents[1]
    shutil.copy(ROOT / "onrecord", root)
    (root / ".venv" / "bin").mkdir(parents=True)
    python = root / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || echo "$@" >&2\n[ "$1" != api/web/build.py ] || exit "${BUILT:-0}"\n')
    python.chmod(0o755)
    for stamp, file in {"runtime": "requirements.lock", "checkout": "pyproject.toml"}.items():
        (root / file).write_text("")
        empty = subprocess.run(["cksum"], input=b"", capture_output=True, check=True).stdout.decode()
        (root / ".venv" / f"{stamp}.stamp").write_text(f"{root}\n{empty}")
    return root


def ran(checkout: Path, *words: str, built: int = 0) -> list[str]:
    """What `./onrecord` ran, by the last words of each line that was said."""
    given = {**os.environ, "BUILT": str(built)}
    done = subprocess.run([checkout / "onrecord", *words], env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


BUILDS = ["Building the pages …", "api/web/build.py"]


def test_whoever_serves_gets_the_pages_of_what_was_pulled(checkout: Path) -> None:
    serves = ["-m services.cli serve --port 1"]
    assert ran(checkout, "serve", "--port", "1") == [*BUILDS, *serves]
    assert ran(checkout, "serve", "--port", "1") == serves
    (checkout / "api" / "web" / "src" / "main.ts").write_text("pulled")
    assert ran(checkout, "serve", "--port", "1") == [*BUILDS, *serves]
    shutil.rmtree(checkout / "api" / "web" / "dist")
    assert ran(checkout, "serve", "--port", "1") == [*BUILDS, *serves]


def test_whoever_only_asks_does_not_wait_for_pages(checkout: Path) -> None:
    assert ran(checkout, "ask", "minian") == ["-m services.cli ask minian"]


def test_pages_that_cannot_be_built_keep_nobody_from_serving(checkout: Path) -> None:
    said = ran(checkout, "serve", built=1)
    assert said[:2] == BUILDS
    assert "could not be built" in said[2]
    assert said[3] == "-m services.cli serve"
    assert ran(checkout, "serve")[:2] == BUILDS


def test_npm_of_the_lock_is_there_for_whoever_works_on_the_pages(checkout: Path) -> None:
    assert ran(checkout, "npm", "run", "dev") == [f"{checkout}/api/web/build.py npm run dev"]


def test_the_notices_of_all_that_the_pages_are_made_of_are_shipped(built: None) -> None:
    notices = (ROOT / "api" / "web" / "dist" / ".vite" / "license.md").read_text(encoding="utf-8")
    shipped = {line.split()[1] for line in notices.splitlines() if line.startswith("## ")}
    assert {"ol", "openapi-fetch", "svelte", "world-atlas"} <= shipped
