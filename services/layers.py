"""What else is drawn on the map is a file of the newsroom's own: nobody but the desk says whose borders they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from services.settings import BadSetting, Settings

MOST_BYTES = 50_000_000
"""Largest file: it is kept in memory, and every browser that shows it has to read it."""
_WANTED = "a file with a GeoJSON FeatureCollection (RFC 7946) of at most 50 MB"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the map: its name, what is said of where it comes from, and the file, read when the service began."""

    name: str
    attribution: str
    content: bytes


def layers_of(settings: Settings) -> tuple[Layer, ...]:
    """Return the layers that the settings name. Raises BadSetting for a file that is not there, or is none."""
    path = settings.map_boundaries
    if path is None:
        return ()
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        body: object = json.loads(content)
    except (OSError, ValueError):
        raise BadSetting("ONRECORD_MAP_BOUNDARIES", str(path), _WANTED) from None
    if not isinstance(body, dict) or cast("dict[str, object]", body).get("type") != "FeatureCollection":
        raise BadSetting("ONRECORD_MAP_BOUNDARIES", str(path), _WANTED)
    return (Layer("boundaries", settings.map_attribution, content),)
