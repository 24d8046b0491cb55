"""What would be decided is found out at a position without holding the ledger: nobody waits, nothing is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.entries import Document
from domain.events import Recorded
from domain.identities import Sealed
from domain.registry_view import RegistryView
from services.sight import Sight
from services.store.event_log import EventLog, KeyRow

PLAIN_TEXT = "text/plain"


class Reading:
    """The log as it was at a position; `texts` are held beside those that it holds."""

    def __init__(self, log: EventLog, position: int, texts: Mapping[str, str]) -> None:
        self._log = log
        self._position = position
        self._texts = texts

    def stream(self, name: str) -> list[Recorded]:
        """Return the events of one stream, in order."""
        return [one for one in self._log.stream(name) if one.position <= self._position]

    def is_fresh(self, stream: str) -> bool:
        """Tell whether the stream was said to be named by an id made just now."""
        del stream
        return False

    def keys(self, keys: Collection[str]) -> dict[str, KeyRow]:
        """Return what each key stands for; keys never used are left out."""
        return {name: row for name, row in self._log.keys(keys).items() if row.position <= self._position}

    def texts(self, hashes: Collection[str]) -> dict[str, str | None]:
        """Return the bodies of texts that are held."""
        sent = {name: self._texts[name] for name in hashes if name in self._texts}
        return {**self._log.texts(hashes), **sent}

    def identity(self, commitment: str) -> Sealed | None:
        """Return nothing: no claim hangs on who a source is."""
        del commitment
        return None


class Glance(Sight):
    """What a decision would see at the view's position, had the texts sent along been archived."""

    def __init__(self, log: EventLog, view: RegistryView, texts: Mapping[str, str]) -> None:
        bare = Reading(log, view.position, {})
        # A text that was erased does not come back by sending it again.
        taken = {name: body for name, body in texts.items() if not bare.stream(f"text/{name}")}
        self.reading = Reading(log, view.position, taken)
        super().__init__(self.reading)
        self._view = _WithDocuments(view, texts)

    @property
    def registry(self) -> RegistryView:
        """The registry at the position, with the documents sent along."""
        return self._view

    @property
    def head(self) -> int:
        """The position that is looked at."""
        return self._view.position


class _WithDocuments(RegistryView):
    def __init__(self, view: RegistryView, texts: Mapping[str, str]) -> None:
        super().__init__(view.registry, view.position)
        self._sent = texts

    def document(self, sha256: str) -> Document | None:
        """Return the document as it was last archived, or as it was sent along."""
        known = super().document(sha256)
        if known is None and sha256 in self._sent:
            return Document(sha256=sha256, media_type=PLAIN_TEXT)
        return known
