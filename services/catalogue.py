"""Every projection there is, ours and those of installed packages, is found with its table, and no two share a name."""

from __future__ import annotations

from importlib.metadata import entry_points
from importlib.resources import files
from importlib.util import find_spec
from typing import cast

import domain.projections
from domain.projection import AnyProjection, Projection
from services.folding import FoldStep

GROUP = "onrecord.projections"
"""The entry points that name a module-level `projection` of another package: `rumours = "desk.rumours:projection"`."""


class TwoProjections(ValueError):
    """Two projections have one name, and so would share a table."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(f"the projection {name!r} is in {first} and in {second}; one of them needs another name")
        self.name = name


class UnfitPlugin(TypeError):
    """An entry point does not lead to a projection."""


def found_projections() -> dict[str, FoldStep]:
    """Return how each projection is carried forward, by name.

    Raises TwoProjections, and UnfitPlugin for an entry point that leads to something else.
    """
    ours = domain.projections.__name__
    homes = {name: (projection, f"{ours}.{name}") for name, projection in domain.projections.found().items()}
    for point in entry_points(group=GROUP):
        held: object = point.load()
        if not isinstance(held, Projection):
            raise UnfitPlugin(
                f"the entry point {point.name!r} of {GROUP} leads to {point.value}, which is no projection"
            )
        projection = cast("AnyProjection", held)
        if projection.name in homes:
            raise TwoProjections(projection.name, homes[projection.name][1], point.module)
        homes[projection.name] = (projection, point.module)
    return {name: FoldStep(projection, table_beside(module, name)) for name, (projection, module) in homes.items()}


def table_beside(module: str, name: str) -> str | None:
    """Return the SQL of the file `<name>.sql` beside the module, None if there is none."""
    spec = find_spec(module)
    if spec is None or not spec.parent:
        return None
    beside = files(spec.parent).joinpath(f"{name}.sql")
    return beside.read_text(encoding="utf-8") if beside.is_file() else None
