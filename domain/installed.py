"""What installed packages add is found by their entry points; one that cannot be used is named with its package."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

T = TypeVar("T")


class UnfitPlugin(Exception):
    """An installed package promises something that it does not have; nothing starts until that is mended.

    `package` is what would have to be mended or uninstalled.
    """

    def __init__(self, point: EntryPoint, why: str) -> None:
        package = package_of(point)
        super().__init__(f"the package {package} names {point.value!r} as {point.name!r} of {point.group}, but {why}")
        self.package = package


@dataclass(frozen=True, slots=True)
class Added(Generic[T]):
    """What a package adds, the module that it stands in, and the package."""

    what: T
    module: str
    package: str


def added(group: str, kind: type[T]) -> Iterator[Added[T]]:
    """Yield what packages add under the entry points of a group; raises UnfitPlugin for what is not of the kind."""
    for point in entry_points(group=group):
        try:
            held: object = point.load()
        except Exception as error:  # noqa: BLE001 (somebody else's code: told with its name)
            raise UnfitPlugin(point, f"importing that raises {type(error).__name__}: {error}") from error
        if not isinstance(held, kind):
            raise UnfitPlugin(point, f"that is {_shown(held)} and no {kind.__name__}")
        yield Added(held, point.module, package_of(point))


def package_of(point: EntryPoint) -> str:
    """Return the name and version of the package that an entry point came with."""
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "of no name"


def _shown(held: object) -> str:
    return f"the class {held.__name__}" if isinstance(held, type) else f"a {type(held).__name__}"
