"""What a projection keeps can be asked for as of any position, whoever wrote the projection."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import cast

from services.cuts import Answer, Cuts, Page, Query
from services.errors import UnknownThing
from services.shown import Json
from services.store.rows import RowReader, ViewRow


class Rows:
    """Answers with the rows of the views in use."""

    def __init__(self, reader: RowReader, cuts: Cuts, names: Collection[str]) -> None:
        """Answer for the views of these names."""
        self._reader = reader
        self._cuts = cuts
        self._names = frozenset(names)

    def rows(self, name: str, query: Query, *, key: str | None = None, after: str = "", limit: int) -> Answer[Page]:
        """Return the states in force at the cut, by key; with `key` that of one key alone.

        Raises UnknownThing, and NotCaughtUp if the view does not reach the position in time.
        """
        if name not in self._names:
            raise UnknownThing("projection", name)
        cutting = self._cuts.cut(query, reading=(name,))
        if key is not None:
            found, following = self._reader.row(name, cutting.position, key), None
        else:
            found = self._reader.rows(name, cutting.position, after, limit + 1)
            following = found[limit - 1].key if len(found) > limit else None
        # Another version of the projection may have other rows of the same past, so none of it is for ever.
        return Answer(Page([_shown(row) for row in found[:limit]], following), cutting.position, immutable=False)


def _shown(row: ViewRow) -> Json:
    return {"key": row.key, "since": row.since, "state": cast("object", json.loads(row.state))}
