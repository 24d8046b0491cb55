"""Whoever runs the service asks it whether it lives, whether it can answer, and how it fares."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.metrics import CONTENT_TYPE
from api.operations import asks, content
from api.parameters import Room
from api.routed import AdmittedRoute

router = APIRouter(route_class=AdmittedRoute)
BEHIND_MOST = 10_000
"""Positions that a view may be behind the head while the service counts as ready."""
READY = content(
    asks("get_readiness", "Whether it can answer", "Health", fails=(422, 503), tag="Running"),
    503,
    "application/json",
    "Health",
)


@router.get("/healthz", **asks("get_health", "Whether the process lives", "Health", fails=(422,), tag="Running"))
async def get_health() -> Response:
    """Answers as long as the process does; asks nobody."""
    return _told({"status": "ok"}, 200)


@router.get("/readyz", **READY)
def get_readiness(room: Room) -> Response:
    """The database answers, no view has stopped, and none is far behind; else 503, with their names.

    A process that only asks says in `replica` how far the server that it asks is behind, and is ready in any case: an
    answer names the position that it was made at, and waits for one that it is asked to include. A desk that follows
    another says in `followed` how far, and before which position it stopped, if it did; it answers on.
    """
    lags = room.projections.lags()
    stopped = sorted(name for name, (_, state) in lags.items() if state == "stopped")
    behind = sorted(name for name, (lag, _) in lags.items() if lag > BEHIND_MOST)
    ready = not stopped and not behind
    body: dict[str, object] = {"status": "ready" if ready else "not-ready", "stopped": stopped, "behind": behind}
    if room.reading is not None:
        body["replica"] = {"position": room.feed.head(), **room.reading.told()}
    if (place := room.followed.place()) is not None:
        body["followed"] = {"desk": place.desk, "position": place.position, "refused": place.refused}
    return _told(body, 200 if ready else 503)


METRICS = asks("get_metrics", "Numbers for Prometheus", "Health", fails=(422,), tag="Running")
METRICS["responses"][200] = {
    "description": "Text form of Prometheus.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/metrics", **METRICS)
def get_metrics(request: Request) -> Response:
    """Requests by operation and status, seconds, the head of the ledger, and how far each view is behind."""
    return Response(request.app.state.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _told(body: dict[str, object], status: int) -> Response:
    return Response(to_json(body), status, {"Cache-Control": "no-store"}, "application/json")
