"""The Aleppo story as a desk lived it: a morning and an evening edition, and the next day's, after an admission."""

from __future__ import annotations

import json

from domain.commands import parse_command
from services.bootstrap import Newsroom
from services.cuts import Query
from services.editions import Draft
from services.imports import import_lines
from services.scopes import About
from services.story import lines
from support.expectations import EXPECTED

STORY = About("story", "aleppo")
MORNING = 33
"""Claims of the report, in its order, that had come in by the morning edition: all before those on Minian."""
ADMITS_MINIAN = EXPECTED["later"][1]["events"][0]


def publish(room: Newsroom, title: str, corrects: int | None = None) -> None:
    """Publish an edition on what is believed of Tuesday by now."""
    query = Query(valid_at="2016-11-08", tz="+02:00", at_least=room.feed.head())
    draft = Draft(story="aleppo", title=title, tz="+02:00", corrects=corrects)
    room.ledger.record(room.editions.prepare(draft, query))


def morning_and_evening(room: Newsroom) -> None:
    """Record the report in two halves, and publish after each."""
    claims = lines("claims")
    list(import_lines(room.ledger, (*lines("registry"), *claims[:MORNING])))
    publish(room, "Army claims a district of Aleppo")
    list(import_lines(room.ledger, claims[MORNING:]))
    publish(room, "Minian contested")


def admission(room: Newsroom) -> None:
    """Record that Fastaqim admits the loss of Minian."""
    room.ledger.record(parse_command(json.dumps(ADMITS_MINIAN)))


def next_day(room: Newsroom) -> None:
    """Record the admission, and publish a third edition that corrects the second."""
    admission(room)
    publish(room, "Rebels admit the loss of Minian", corrects=2)


def asked(room: Newsroom, valid_at: str | None = None, as_of: str | None = None) -> Query:
    """Ask of all that is recorded."""
    return Query(as_of=as_of, valid_at=valid_at, at_least=room.feed.head())
