"""Every projection there is, ours and those of installed packages, is found with its table, and no two share a name."""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from typing import cast

import domain.projections
from domain.installed import UnfitPlugin, added
from domain.projection import AnyProjection, Projection
from services.folding import FoldStep
from services.whatif import PICTURE

__all__ = ["GROUP", "TwoProjections", "UnfitPlugin", "found_projections", "table_beside"]

GROUP = "onrecord.projections"
"""The entry points that name a `projection` of another package: `tallies = "desk_tallies.tallies:projection"`."""


class TwoProjections(ValueError):
    """Two projections have one name, and so would share a table."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(f"the projection {name!r} is in {first} and in {second}; one of them needs another name")
        self.name = name


def found_projections() -> dict[str, FoldStep]:
    """Return how each projection is carried forward, by name.

    Raises TwoProjections, and UnfitPlugin for an entry point that leads to something else.
    """
    ours = domain.projections.__name__
    homes = {name: f"{ours}.{name}" for name in domain.projections.found()} | {PICTURE: "services.picture"}
    steps = {name: FoldStep(one, table_beside(homes[name], name)) for name, one in domain.projections.found().items()}
    for one in added(GROUP, cast("type[AnyProjection]", Projection)):
        name = one.what.name
        if name in homes:
            raise TwoProjections(name, homes[name], f"{one.module} of the package {one.package}")
        homes[name] = f"{one.module} of the package {one.package}"
        steps[name] = FoldStep(one.what, table_beside(one.module, name))
    return steps


def table_beside(module: str, name: str) -> str | None:
    """Return the SQL of the file `<name>.sql` beside the module, None if there is none."""
    spec = find_spec(module)
    if spec is None or not spec.parent:
        return None
    beside = files(spec.parent).joinpath(f"{name}.sql")
    return beside.read_text(encoding="utf-8") if beside.is_file() else None
