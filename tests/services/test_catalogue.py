"""Projections and policies of installed packages are found like ours; one that is unfit is named with its package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from domain.policies import TwoPolicies, policies, policy_named
from domain.projections import NotAProjection, found
from services.catalogue import TwoProjections, UnfitPlugin, found_projections, table_beside
from services.store.embedded import Addresses
from support.builders import says, small_world
from support.following import following
from support.ledger import uuid7

EXAMPLE = Path(__file__).parents[1] / "example_package" / "desk_tallies"
TALLIES = (EXAMPLE / "tallies.py").read_text(encoding="utf-8")
WARY = (EXAMPLE / "wary.py").read_text(encoding="utf-8")


class Package:
    """A package that is installed for one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(
        self, text: str, leads_to: str = "desk_rumours.tallies:projection", group: str = "onrecord.projections"
    ) -> None:
        package = self._folder / "desk_rumours"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "tallies.py").write_text(text)
        (package / "tallies.sql").write_text((EXAMPLE / "tallies.sql").read_text())
        told = self._folder / "desk_rumours-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: desk-rumours\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[{group}]\nours = {leads_to}\n")
        assert PathDistribution(told).entry_points
        policies.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Package(tmp_path)
    policies.cache_clear()
    for name in [name for name in sys.modules if name.startswith("desk_rumours")]:
        del sys.modules[name]


def test_every_file_of_the_folder_is_found_with_its_table() -> None:
    steps = found_projections()
    assert {name for name, step in steps.items() if step.table} == set(found())
    assert {"registry", "claims", "stances", "stories", "editions", "assessments"} <= set(steps)


def test_a_projection_of_an_installed_package_is_carried_forward_like_ours(
    package: Package, addresses: Addresses
) -> None:
    package.holds(TALLIES)
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="a"), says("sohr", "none", claim="b"))
    with following(addresses, ledger.history) as world:
        world.catch_up(found_projections()["tallies"])
        assert world.rows("tallies") == [
            ("fighting", 20, 21, f'{{"claims":1,"last":"{uuid7("a")}"}}'),
            ("fighting", 21, None, f'{{"claims":2,"last":"{uuid7("b")}"}}'),
        ]


def test_a_policy_of_an_installed_package_is_asked_for_like_ours(package: Package) -> None:
    package.holds(WARY, "desk_rumours.tallies:policy", "onrecord.policies")
    assert policy_named("wary/1").summary == "As desk/1, without voices of unknown interest."


PACKAGE = "the package desk-rumours 1.0"
UNFIT = {
    "a name of ours": (
        (TALLIES.replace('"tallies"', '"claims"'),),
        TwoProjections,
        f"the projection 'claims' is in domain.projections.claims and in desk_rumours.tallies of {PACKAGE}",
    ),
    "the name of the picture": (
        (TALLIES.replace('"tallies"', '"picture"'),),
        TwoProjections,
        "the projection 'picture' is in services.picture and in desk_rumours.tallies",
    ),
    "a name that no table can have": (
        (TALLIES.replace('"tallies"', '"two words"'),),
        UnfitPlugin,
        f"{PACKAGE} names .* importing that raises ValueError: 'two words' cannot name a projection",
    ),
    "a class": (
        (TALLIES, "desk_rumours.tallies:Tally"),
        UnfitPlugin,
        f"{PACKAGE} names 'desk_rumours.tallies:Tally' as 'ours' of onrecord.projections, "
        "but that is the class Tally and no Projection",
    ),
    "a policy": ((WARY, "desk_rumours.tallies:policy"), UnfitPlugin, "but that is a Policy and no Projection"),
    "nothing": (
        (TALLIES, "desk_rumours.tallies:rumours"),
        UnfitPlugin,
        f"{PACKAGE} .* importing that raises AttributeError: .*'rumours'",
    ),
    "a module that is not there": (
        (TALLIES, "desk_rumours.gone:projection"),
        UnfitPlugin,
        f"{PACKAGE} .* importing that raises ModuleNotFoundError: No module named 'desk_rumours.gone'",
    ),
    "a module that is no Python": (("what?",), UnfitPlugin, f"{PACKAGE} .* importing that raises SyntaxError"),
}


@pytest.mark.parametrize(("holds", "error", "told"), UNFIT.values(), ids=UNFIT.keys())
def test_a_package_without_a_fit_projection_is_named(
    package: Package, holds: tuple[str, ...], error: type[Exception], told: str
) -> None:
    package.holds(*holds)
    with pytest.raises(error, match=told):
        found_projections()


def test_two_policies_of_one_name_are_refused(package: Package) -> None:
    package.holds(WARY.replace('"wary/1"', '"desk/1"'), "desk_rumours.tallies:policy", "onrecord.policies")
    with pytest.raises(TwoPolicies, match=f"the policy 'desk/1' is in onrecord and in {PACKAGE}"):
        policies()


def test_a_package_without_a_fit_policy_is_named(package: Package) -> None:
    package.holds(TALLIES, "desk_rumours.tallies:projection", "onrecord.policies")
    with pytest.raises(UnfitPlugin, match="but that is a Projection and no Policy"):
        policies()


def test_a_file_of_the_folder_without_a_projection_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import domain.projections

    (tmp_path / "strange.py").write_text('"""Nothing."""\n')
    monkeypatch.setattr(domain.projections, "__path__", [*domain.projections.__path__, str(tmp_path)])
    with pytest.raises(NotAProjection, match="strange holds no `projection`"):
        found()
    sys.modules.pop("domain.projections.strange")
    (tmp_path / "strange.py").write_text('"""Nothing."""\nfrom domain.projections.claims import projection\n')
    with pytest.raises(NotAProjection, match="its name must be that of its file"):
        found()
    sys.modules.pop("domain.projections.strange")


def test_a_module_outside_any_package_has_no_table_beside_it() -> None:
    assert table_beside("nowhere_at_all", "claims") is None
