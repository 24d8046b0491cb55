"""Who a protected source is gets told to those who may know, one source at a time, and the log says to whom."""

from __future__ import annotations

import logging

from services.cuts import Answer, Cuts, Query
from services.errors import UnknownThing
from services.facts import Facts
from services.shown import Json
from services.store.event_log import EventLog
from services.texts import Texts

_LOG = logging.getLogger(__name__)


class Identities:
    """Answers who a source is that is recorded as confidential."""

    def __init__(self, log: EventLog, facts: Facts, cuts: Cuts, texts: Texts) -> None:
        self._log = log
        self._facts = facts
        self._cuts = cuts
        self._texts = texts

    def identity(self, slug: str, query: Query, by: str) -> Answer[Json]:
        """Return the name and the note, null where they are not held here or were erased; `by` is who is told.

        Whether they may be told is asked before. Raises UnknownThing for a source that is not registered by then, or
        not protected.
        """
        cutting = self._cuts.cut(query)
        registry = self._facts.registry(cutting.position)
        source = registry.sources[slug].at(cutting.position) if slug in registry.sources else None
        if source is None or source.commitment is None:
            raise UnknownThing("source" if source is None else "identity", slug)
        commitment = source.commitment
        held = self._log.identity(commitment)
        # A slug names nobody, so it may stand where a name must not.
        told = {"message": "who a protected source is was told", "source": slug, "by": by, "held": held is not None}
        _LOG.info("who the protected source %s is was told to %s", slug, by, extra={"request": told})
        body: Json = {
            "source": slug,
            "name": held.identity.name if held else None,
            "note": held.identity.note if held else None,
            "commitment": commitment,
            "since": min(
                at for at, one in registry.sources[slug].history if one is not None and one.commitment == commitment
            ),
            "erased": next(iter(self._texts.erased([commitment])), None),
        }
        return Answer(body, cutting.position, immutable=False)
