"""The contract lies beside the code, so that every change of it is a change somebody sees.

`python -m api.contract` writes `api/openapi.json` anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SNAPSHOT = Path(__file__).with_name("openapi.json")


def written(document: Mapping[str, Any]) -> str:
    """Return an OpenAPI document as it is written down: one order, one line a member."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write the contract of this code."""
    from api.app import describe

    SNAPSHOT.write_text(written(describe()), encoding="utf-8")


if __name__ == "__main__":
    main()
