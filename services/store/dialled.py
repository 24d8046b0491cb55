"""A connection that could not be made leaves no open file behind, however long the database is away."""

from __future__ import annotations

import traceback
from typing import Any, Self

import psycopg
from psycopg.rows import DictRow


class Dialled(psycopg.Connection[DictRow]):
    """The driver's connection, which knows how long a statement may take on it, and whom it has reached.

    Its `connect` fails with an error that holds itself by the frames of its trace, and with them the socket of the last
    server that did not answer. Only a sweep for circles would close that, and a service makes few circles.
    """

    most_milliseconds = 0
    server = ""
    """Whom it has reached, where somebody wants to know."""

    @classmethod
    def connect(cls, conninfo: str = "", **given: Any) -> Self:  # noqa: ANN401 (the driver's own keywords)
        """Connect as the driver does."""
        try:
            return super().connect(conninfo, **given)
        except psycopg.Error as error:
            traceback.clear_frames(error.__traceback__)
            raise
