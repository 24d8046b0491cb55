"""The shape of the code is what CONTRIBUTING promises, in the ways no linter can say."""

import ast
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from domain.events import EVENTS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "services", "api")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
STORED_NAME = re.compile(r"[a-z]+(-[a-z]+)*\.v[1-9][0-9]*")
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|WITH\s+\S+\s+AS|TRUNCATE|GRANT|REVOKE|LOCK\s+TABLE"
    r"|(CREATE|ALTER|DROP)\s+(OR\s+REPLACE\s+)?(TABLE|SCHEMA|INDEX|VIEW|FUNCTION|TRIGGER|ROLE|DATABASE))\b"
)
# The escapes keep this file from naming what it forbids.
MACHINE_TALK = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|yarnpkg\.com|deb\.debian\.org|static\.crates\.io"
    r"|\bfile:///|(?<![\w.])/(home|Users|root|workspace|work)/[\w.-]+"
)


def modules(*packages: str) -> list[str]:
    """Every module of these packages, as a path below the checkout."""
    found = (folder for package in packages for folder, _, _ in os.walk(ROOT / package))
    ours = (Path(folder) for folder in found if "node_modules" not in folder)
    return sorted(str(path.relative_to(ROOT)) for folder in ours for path in folder.glob("*.py"))


@cache
def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree_of(path: str) -> ast.Module:
    return ast.parse(text_of(path), filename=path)


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level name of everything a module imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield "domain" if node.level else (node.module or "").partition(".")[0]


def tracked() -> list[str]:
    """Every file that a clone would bring."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing tells which files are ours")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def locked(lock: str) -> dict[str, str]:
    """The version that a lock pins for each distribution."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text_of(lock), flags=re.MULTILINE))


# One test for all modules: a test for each of them costs more than looking at it.


def test_the_domain_imports_only_the_standard_library_and_pydantic() -> None:
    # Pydantic documents its errors as types of pydantic_core, its own engine.
    allowed = {"domain", "pydantic", "pydantic_core", *sys.stdlib_module_names}
    others = {path: set(imported(tree_of(path))) - allowed for path in modules("domain")}
    assert {path: names for path, names in others.items() if names} == {}


def test_the_domain_names_every_case_so_a_new_event_is_never_overlooked() -> None:
    catch_alls = [
        f"{path}:{case.pattern.lineno}"
        for path in modules("domain")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Match)
        for case in node.cases
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
    ]
    assert catch_alls == []


def test_a_module_is_read_in_one_sitting() -> None:
    lines = {path: len(text_of(path).splitlines()) for path in modules(*PACKAGES)}
    assert {path: count for path, count in lines.items() if count > 300} == {}


def test_a_module_opens_by_saying_what_is_true_because_of_it() -> None:
    assert [path for path in modules(*PACKAGES) if not ast.get_docstring(tree_of(path))] == []


def test_sql_lives_in_sql_files() -> None:
    statements = [
        f"{path}:{node.lineno}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value)
    ]
    assert statements == []


def test_sql_becomes_a_trusted_literal_in_at_most_one_place() -> None:
    casts = [
        f"{path}:{node.lineno}"
        for path in modules(*PACKAGES)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "cast"
        and node.args
        and "LiteralString" in ast.unparse(node.args[0])
    ]
    assert len(casts) <= 1, casts


def test_no_test_folder_is_a_package_that_could_shadow_ours() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_one_owner(package: str) -> None:
    owners = importlib.metadata.packages_distributions().get(package, ["onrecord"])
    assert set(owners) == {"onrecord"}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_comes_from_this_checkout(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert [Path(place).resolve() for place in found.submodule_search_locations or ()] == [ROOT / package]


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    told = [
        f"{name}:{number}: {hit.group()}"
        for name in tracked()
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (hit := MACHINE_TALK.search(line))
    ]
    assert told == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_holds_only_pins_and_their_hashes(lock: str) -> None:
    lines = text_of(lock).splitlines()
    pin = re.compile(r"[\w.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", PROJECT["dependencies"]),
        ("requirements-test.lock", PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, wanted: list[str]) -> None:
    pins = locked(lock)
    asked = {canonicalize_name(need.name): need.specifier for need in map(Requirement, wanted)}
    assert {name: str(spec) for name, spec in asked.items() if not spec.contains(pins.get(name, "0"))} == {}


def test_the_test_lock_runs_the_tests_on_what_users_run() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-test.lock").items()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_stored_name_says_what_happened_and_in_which_shape(name: str) -> None:
    assert STORED_NAME.fullmatch(name)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_stored_name_is_the_literal_its_event_is_written_with(name: str) -> None:
    assert EVENTS[name].model_fields["type"].default == name


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_stored_name_has_a_fossil(name: str) -> None:
    assert (ROOT / "tests" / "fossils" / f"{name}.json").is_file()


def test_a_stored_name_belongs_to_one_event() -> None:
    assert len(set(EVENTS.values())) == len(EVENTS)
