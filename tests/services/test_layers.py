"""The map's own layers are files that the newsroom names; what is no such file is told before anybody is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.layers import layers_of
from services.settings import BadSetting, environment_for, read_settings

WORLD = json.dumps({"type": "FeatureCollection", "features": []})


def test_without_a_file_there_is_no_layer() -> None:
    assert layers_of(read_settings({})) == ()


def test_a_file_is_handed_on_as_it_is_with_what_is_said_of_it(tmp_path: Path) -> None:
    file = tmp_path / "own.geojson"
    file.write_text(WORLD, encoding="utf-8")
    given = {"ONRECORD_MAP_BOUNDARIES": str(file), "ONRECORD_MAP_ATTRIBUTION": "Our own desk"}
    (layer,) = layers_of(read_settings(environment_for(read_settings(given))))
    assert (layer.name, layer.attribution, layer.content.decode()) == ("boundaries", "Our own desk", WORLD)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"type": "Topology"}', None])
def test_what_is_no_such_file_is_a_bad_setting(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "own.geojson"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(BadSetting, match="ONRECORD_MAP_BOUNDARIES"):
        layers_of(read_settings({"ONRECORD_MAP_BOUNDARIES": str(file)}))
