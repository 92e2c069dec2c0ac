"""What of a config is told to nobody: passwords and keys of inputs, and sample lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "***"
_KEY = re.compile(
    r"(?i:pass(w|phrase)|(?<!by)pass\Z|\bpwd|secret|credential|community|cookie|authorization"
    r"|auth\Z|(access|private|api)[-_]?key|log_?sample|\bdsn|data_?source|[a-z][-_]token)"
    r"|Token|\A(Key|IV)\Z"
)
_IN_ADDRESS = re.compile(
    r"(?<=://)[^\s/]{0,200}:[^\s/]{1,200}(?=@)"  # up to the last @: it may stand in a password, too
    r"|(?<=:)\S{1,200}(?=@(tcp|unix)?\()"  # as Go's MySQL driver writes it
    r"|(?P<query>(?i:[?&][\w-]*(token|secret|passw|pwd|key|sign)[\w-]*=))[^&\s]+"
)


def is_secret(key: str) -> bool:
    """Told by the name of a field."""
    return bool(_KEY.search(key))


def hidden(value: Any, key: str = "") -> Any:
    """The JSON with what is secret in it replaced; `key` is the name of the field that holds it."""
    if isinstance(value, Mapping):
        return {name: hidden(one, key if is_secret(key) else name) for name, one in value.items()}
    if isinstance(value, list | tuple):  # an index calls its list of separators `token`
        return [hidden(one, key if is_secret(key) else "") for one in value]
    if is_secret(key) or (isinstance(value, str) and key.lower() == "token"):
        return value if value in ("", None) or isinstance(value, bool) else HIDDEN
    return _said(value) if isinstance(value, str) else value


def _said(text: str) -> str:
    """Plugins' settings may be JSON within a string."""
    if text.lstrip().startswith("{"):
        try:
            return json.dumps(hidden(json.loads(text)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return _IN_ADDRESS.sub(rf"\g<query>{HIDDEN}", text)
