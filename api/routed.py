"""Every route lets its caller in, and refuses what it does not know, before anything else of a call is looked at."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.access import RIGHT_OF, admit, operation_of
from api.lanes import LISTS, MANY, Lane
from api.parameters import refuse_unknown_parameters

Answer = Callable[[Request], Coroutine[Any, Any, Response]]
_JUDGING = (
    "get_story_picture", "compare_pictures", "list_contradictions", "list_editions",
    "get_timeline", "get_timeline_of_location", "get_timeline_of_source",
    "get_difference", "get_difference_of_location", "get_difference_of_source",
)  # fmt: skip
_LANES = {**dict.fromkeys(_JUDGING, MANY), "list_beliefs": LISTS, "list_belief_histories": LISTS}
"""Where the operations wait for their turn that may judge as many questions as a story follows."""


class NoRow(Exception):
    """The table and the routes do not name the same operations: nothing is open because somebody forgot it."""


class AdmittedRoute(APIRoute):
    """A route of the API. Dependencies of the app would do the same, but solving one costs more than it does."""

    def get_route_handler(self) -> Answer:
        """Return what answers a request."""
        answer = super().get_route_handler()
        lane = _LANES.get(operation_of(self))
        if lane is not None:
            answer = _in_turn(answer, lane)

        async def answer_admitted(request: Request) -> Response:
            # In this order: to whoever is not let in, nothing else is told.
            await admit(request)
            await refuse_unknown_parameters(request)
            return await answer(request)

        return answer_admitted


def _in_turn(answer: Answer, lane: Lane) -> Answer:
    async def answer_in_turn(request: Request) -> Response:
        async with lane.turn():
            return await answer(request)

    return answer_in_turn


def refuse_unlisted(routes: Sequence[APIRoute]) -> None:
    """Raise NoRow for an operation that asks nobody who they are, or is not in the table, and for a row without one."""
    named = {operation_of(route) for route in routes}
    bare = {operation_of(route) for route in routes if not isinstance(route, AdmittedRoute)}
    if apart := sorted((named ^ RIGHT_OF.keys()) | bare):
        raise NoRow(f"the table of rights and the routes do not agree on {', '.join(apart)}")
