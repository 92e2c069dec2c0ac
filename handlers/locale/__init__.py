"""What people read, in their language: English stands in the code, other languages beside it."""

from __future__ import annotations

from collections.abc import Callable

from handlers.locale.zh import ZH

LANGUAGES = {"en": {}, "zh": ZH}

Tongue = Callable[[str], str]


def tongue(language: str) -> Tongue:
    """Says a sentence of the code in that language; in English where it does not know it."""
    known: dict[str, str] = LANGUAGES[language]
    return lambda text: known.get(text, text)
