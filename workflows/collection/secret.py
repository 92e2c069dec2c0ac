"""What of a config is told to nobody: passwords and keys of inputs, and sample lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
_KEY = re.compile(
    r"(?i:pass(w|phrase)|\bpwd|secret|credential|community|cookie|authorization|access_?key"
    r"|private_?key|log_?sample|\bdsn)|Token|\A(Key|IV)\Z"
)
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)|(?<=:)[^\s/@:]+(?=@tcp\()")


def is_secret(key: str) -> bool:
    """Told by the name of a field."""
    return bool(_KEY.search(key))


def hidden(value: Any, key: str = "") -> Any:
    """The JSON with what is secret in it replaced; `key` is the name of the field that holds it."""
    if isinstance(value, Mapping):
        return {name: hidden(one, name) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(one, key) for one in value]
    if is_secret(key):
        return HIDDEN if value not in ("", None) else value
    return _IN_ADDRESS.sub(HIDDEN, value) if isinstance(value, str) else value
