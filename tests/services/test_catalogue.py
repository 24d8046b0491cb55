"""Projections are found, ours and those of installed packages, each with its table; two of one name are refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from domain.projections import NotAProjection, found
from services.catalogue import TwoProjections, UnfitPlugin, found_projections, table_beside
from services.store.embedded import Addresses
from support.builders import says, small_world
from support.following import following

RUMOURS = '''"""How often each aspect was spoken of: an example of a projection in a package of somebody else's."""

from domain.events import ClaimRecorded
from domain.projection import Projection
from domain.values import Fact


class Tally(Fact):
    claims: int


def keys(event):
    return (event.claim.question.aspect,) if isinstance(event, ClaimRecorded) else ()


def evolve(tally, key, recorded):
    return Tally(claims=(tally.claims if tally else 0) + 1)


projection = Projection("NAME", 1, Tally, keys, evolve)
'''


class Package:
    """A package that is installed for one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, text: str, leads_to: str = "desk_rumours.tallies:projection") -> None:
        package = self._folder / "desk_rumours"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "tallies.py").write_text(text)
        told = self._folder / "desk_rumours-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: desk-rumours\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[onrecord.projections]\ntallies = {leads_to}\n")
        assert PathDistribution(told).entry_points


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Package(tmp_path)
    for name in [name for name in sys.modules if name.startswith("desk_rumours")]:
        del sys.modules[name]


def test_every_file_of_the_folder_is_found_with_its_table() -> None:
    steps = found_projections()
    assert {name for name, step in steps.items() if step.table} == set(found())
    assert {"registry", "claims", "stances", "stories", "editions", "assessments"} <= set(steps)


def test_a_projection_of_an_installed_package_is_carried_forward_like_ours(
    package: Package, addresses: Addresses
) -> None:
    package.holds(RUMOURS.replace("NAME", "tallies"))
    ledger = small_world()
    ledger.apply(says("sohr", "ongoing", claim="a"), says("sohr", "none", claim="b"))
    with following(addresses, ledger.history) as world:
        world.catch_up(found_projections()["tallies"])
        assert world.rows("tallies") == [
            ("fighting", 20, 21, '{"claims":1}'),
            ("fighting", 21, None, '{"claims":2}'),
        ]


def test_two_projections_of_one_name_are_refused(package: Package) -> None:
    package.holds(RUMOURS.replace("NAME", "claims"))
    with pytest.raises(TwoProjections, match="'claims' is in domain.projections.claims and in desk_rumours.tallies"):
        found_projections()


def test_an_entry_point_that_leads_elsewhere_is_refused(package: Package) -> None:
    package.holds(RUMOURS.replace("NAME", "tallies"), "desk_rumours.tallies:Tally")
    with pytest.raises(UnfitPlugin, match="which is no projection"):
        found_projections()


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
