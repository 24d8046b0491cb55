"""Every module of this folder that holds a `projection` is one; nothing else has to be told of it."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from domain.projection import AnyProjection, Projection


class NotAProjection(TypeError):
    """A module stands among the projections and holds none under its own name."""


def found() -> dict[str, AnyProjection]:
    """Return the projections of this folder by name; raises NotAProjection for a module that holds none."""
    return {module.name: _held_by(f"{__name__}.{module.name}", module.name) for module in iter_modules(__path__)}


def _held_by(module: str, name: str) -> AnyProjection:
    held: object = getattr(import_module(module), "projection", None)
    if not isinstance(held, Projection):
        raise NotAProjection(f"{module} holds no `projection`")
    projection = cast("AnyProjection", held)
    if projection.name != name:
        raise NotAProjection(f"{module} holds the projection {projection.name!r}: its name must be that of its file")
    return projection
