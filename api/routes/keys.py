"""Keys are made and revoked by whoever has one of an admin; none is ever shown again, and none goes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.access import Asker
from api.answers import JSON, plain
from api.forms import JsonBody, model_of
from api.parameters import Room, SlugPath
from api.routed import AdmittedRoute
from api.told_settings import acts, makes, shows
from services.access.keys import NewKey

router = APIRouter(prefix="/v1/keys", route_class=AdmittedRoute)


@router.get("", **shows("list_keys", "Who has a key", "KeyList", fails=(422, 503)))
def list_keys(request: Request, room: Room) -> Response:
    """Every key that ever was: its role, who made it, until when it stands, when it was last used. Not the keys."""
    return plain(request, {"keys": room.keys.all()})


@router.post("", **makes("make_key", "Make a key", "KeyShown", "NewKey"))
def make_key(room: Room, asker: Asker, body: JsonBody) -> Response:
    """Make a key for somebody, or for a program, with a name that is kept with whatever it records.

    The answer shows the `key`, this once. The name stands for this key for ever, also when it is revoked.
    """
    shown = room.keys.make(model_of(NewKey, body), asker.by)
    headers = {"Cache-Control": "no-store", "Location": f"/v1/keys/{shown['name']}"}
    return Response(to_json(shown), 201, headers, JSON)


@router.get("/{key}", **shows("get_key", "A key", "KeyShown"))
def get_key(request: Request, room: Room, key: SlugPath) -> Response:
    """What is known of a key by its name, revoked or not."""
    return plain(request, room.keys.one(key))


@router.delete("/{key}", **acts("revoke_key", "Revoke a key", "KeyShown"))
def revoke_key(request: Request, room: Room, asker: Asker, key: SlugPath) -> Response:
    """Nobody is let in by it any more, two seconds from now at the latest. What it recorded stays under its name."""
    return plain(request, room.keys.revoke(key, asker.by))
