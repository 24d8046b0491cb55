"""The newsroom's own layers of the map are listed, and handed on as they are."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import plain
from api.conditional import UNTIL_ASKED, answered
from api.operations import asks, content
from api.parameters import Room, SlugPath
from api.placed import base_path
from api.refused import NotThere
from api.routed import AdmittedRoute

router = APIRouter(prefix="/v1/map", route_class=AdmittedRoute)
GEOJSON = "application/geo+json"
LAYER = content(asks("get_map_layer", "A layer of the map", "MapLayer", fails=(404, 422)), 200, GEOJSON, "MapLayer")
del LAYER["responses"][200]["content"]["application/json"]


@router.get("", **asks("list_map_layers", "The newsroom's own layers of the map", "MapLayers", fails=()))
def list_map_layers(request: Request, room: Room) -> Response:
    """Which layers there are beside coastlines, each with its path and what has to be said of where it comes from."""
    base = f"{base_path(request.scope)}/v1/map"
    listed = [{"name": one.name, "attribution": one.attribution, "path": f"{base}/{one.name}"} for one in room.layers]
    return plain(request, {"layers": listed})


@router.get("/{layer}", **LAYER)
def get_map_layer(request: Request, room: Room, layer: SlugPath) -> Response:
    """The file that the service was given, as GeoJSON (RFC 7946)."""
    for one in room.layers:
        if one.name == layer:
            return answered(request, one.content, GEOJSON, {"Cache-Control": UNTIL_ASKED})
    raise NotThere("layer", f"the map has no layer {layer!r} here")
