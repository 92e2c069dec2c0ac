"""The documents of docs/ram/, with names in the place of their `<…>`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RAM = Path(__file__).parents[2] / "docs" / "ram"


def filled(document: str, names: Mapping[str, str]) -> Any:
    """The document as RAM would be given it; `names` by what stands between `<` and `>`."""
    text = (RAM / document).read_text(encoding="utf-8")
    for place, name in names.items():
        text = text.replace(f"<{place}>", name)
    return json.loads(text)
