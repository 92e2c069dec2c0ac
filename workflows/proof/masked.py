"""Texts of logs without what should not be read in a channel. Pure.

Rather too much is hidden than too little: whoever needs the whole line looks it up where it is.
"""

from __future__ import annotations

import re

HIDDEN = "***"
LONGEST = 1000  # signs of a value that are looked at; patterns take the square of that
EDGE = 80  # signs before the cut, where a secret may be cut too
_WORDS = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|token|credential|cookie|session(?:[_-]?id)?|jwt"
    r"|authori[sz]ation|auth|api[_-]?key|access[_-]?key(?:[_-]?(?:id|secret))?|private[_-]?key"
    r"|signature|sign|密码|口令|密钥|令牌"
)
_NAMED = re.compile(rf"(?:{_WORDS})", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)[\"']?\s*[:=：]\s*")
_VALUE = re.compile(
    r"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?"
    r"|(?:(?:bearer|basic|digest|token)\s+)?[^\s\"',;&})\]]+",
    re.IGNORECASE | re.DOTALL,
)
_KEY = re.compile(r"-----BEGIN[\s\S]*?(?:-----END[^-]*-----|\Z)")
_USER = re.compile(r"(://)[^\s/@]+@")
_SIMPLE = (
    re.compile(r"(?:bearer|basic)\s+[\w.+/=~-]{6,}", re.IGNORECASE),
    re.compile(r"eyJ[\w-]+\.[\w.-]*"),  # JSON web tokens
    re.compile(r"(?:LTAI|STS\.|AKIA|ASIA|gh[opsu]_|github_pat_|xox[a-z]-|sk-)[\w.-]{6,}"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"),  # mail
    re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),  # phone
    re.compile(r"\d{11,}[Xx]?"),  # identity cards, bank cards
    re.compile(r"\d{4}(?:[ -]\d{4}){2,}(?:[ -]?\d{1,7})?"),  # the same in groups
    re.compile(r"[0-9A-Fa-f]{24,}"),
    re.compile(r"[A-Za-z0-9+/_-]{32,}={0,2}"),
)


def masked(text: str) -> str:
    """Without passwords, tokens, keys, and what tells people: mail, phone, identity, cards."""
    text = _KEY.sub(HIDDEN, text)
    text = _without_values(text)
    text = _USER.sub(rf"\1{HIDDEN}@", text)
    for pattern in _SIMPLE:
        text = pattern.sub(HIDDEN, text)
    return text


def _without_values(text: str) -> str:
    """What follows a name of a secret and a sign for "is"."""
    shown, at = list[str](), 0
    for pair in _PAIR.finditer(text):
        if pair.start() >= at and _NAMED.search(pair[1]) and (value := _VALUE.match(text, pair.end())):  # fmt: skip
            shown += [text[at : pair.end()], HIDDEN]
            at = value.end()
    return "".join([*shown, text[at:]])


def field(name: str, value: str) -> str:
    """`name=value`; of a field that is called a secret nothing is shown, nor the end of a long one."""
    if _NAMED.search(name):
        return f"{_beginning(name)}={HIDDEN}"
    return f"{_beginning(name)}={_beginning(value)}"


def _beginning(text: str) -> str:
    if len(text) <= LONGEST:
        return masked(text)
    return f"{masked(text[:LONGEST])[:-EDGE]}…"
