"""
The way that the credentials' library takes: the proxy of the settings, or none.

Left alone it takes HTTP_PROXY and HTTPS_PROXY of the environment where no proxy is given, the
metadata service's answers too, and follows redirects with a token in the address.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from Tea.core import TeaCore

_proxy: ContextVar[str] = ContextVar("proxy", default="")


@contextmanager
def through(proxy: str) -> Iterator[None]:
    """What this thread asks within goes through `proxy`; "" for directly."""
    before = _proxy.set(proxy)
    try:
        yield
    finally:
        _proxy.reset(before)


class Plain(Session):
    """Asks once, by the way that `through` says, whatever the environment holds."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        proxy = _proxy.get()
        kwargs |= {"proxies": {"http": proxy, "https": proxy} if proxy else {}}
        # The library takes an http:// endpoint, and then writes all of it into this header.
        request.headers["host"] = urlsplit(str(request.url)).netloc
        return super().send(request, **kwargs, allow_redirects=False)


def prepare(protocol: str, host: str) -> None:
    """Have the library ask `host` this way; it keeps one session for each."""
    key = f"{protocol}://{host}:80"
    TeaCore._sessions.setdefault(key, Plain())  # noqa: SLF001 - it has no setting for it
