"""What stands beside the events must fit them: a key its event, a text its hash, a view's row its only copy."""

from __future__ import annotations

from psycopg import sql

from services.store.places import LIVE
from services.store.queries import Statements
from services.store.views import ViewWriter

_SQL = Statements("checking.sql")


def has_table(writer: ViewWriter, view: str) -> bool:
    """Tell whether the table of a view in use is there."""
    return bool(writer.fetch(_SQL["is_there"], {"table": f'"{LIVE}"."{view}"'})[0][0])


def doubled_rows(writer: ViewWriter, view: str, limit: int) -> list[tuple[str, int, int]]:
    """Return rows (key, since) of a view in use that are there several times, and how often."""
    with writer.transaction(LIVE):
        query = sql.SQL(_SQL["doubled_rows"]).format(stored=sql.Identifier(LIVE, view))
        found = writer.connection.execute(query, {"limit": limit}).fetchall()
    return [(str(row["key"]), int(row["since"]), int(row["count"])) for row in found]


def keys_without_event(writer: ViewWriter, limit: int) -> list[tuple[str, int]]:
    """Return keys whose event is not in the log, and the position where it was."""
    return [(str(key), int(at)) for key, at in writer.fetch(_SQL["keys_without_event"], {"limit": limit})]


def identities_changed(writer: ViewWriter, limit: int) -> list[str]:
    """Return the commitments of identities that say another name."""
    return [str(commitment) for (commitment,) in writer.fetch(_SQL["identities_changed"], {"limit": limit})]


def texts_changed(writer: ViewWriter, limit: int) -> list[str]:
    """Return the hashes of texts whose bytes are others."""
    return [str(sha256) for (sha256,) in writer.fetch(_SQL["texts_changed"], {"limit": limit})]
