"""A Slack on loopback: the Web API, Socket Mode, signed HTTP and the control interface on one port."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Self

from aiohttp import web

from sandbox.slack import files, web_api
from sandbox.slack.answers import apply_answer
from sandbox.slack.arguments import json_object
from sandbox.slack.control_api import Control
from sandbox.slack.delivery import Delivery
from sandbox.slack.errors import SlackError
from sandbox.slack.events import SignedPosts, checked_url
from sandbox.slack.gestures import Gestures
from sandbox.slack.limits import Limits
from sandbox.slack.people import CHANNELS, SCOPES, USERS, Channel, User
from sandbox.slack.socket import Sockets
from sandbox.slack.state import Workspace

MORE = 1 << 20  # bytes of a request beside a file


class SlackServer:
    """One workspace with one app in it, served from a thread of its own."""

    def __init__(
        self,
        users: Sequence[User] = USERS,
        channels: Sequence[Channel] = CHANNELS,
        scopes: Sequence[str] = SCOPES,
        request_url: str | None = None,
        port: int = 0,
        *,
        commands: Sequence[str] = ("/logmigrate",),
        limits: Limits | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.workspace = Workspace(users, channels, scopes, limits or Limits(), now)
        self.channel = channels[0].id
        self.users = {user.name: user.id for user in users}
        self.bot_token = self.workspace.bot_token
        self.app_token = self.workspace.app_token
        self.signing_secret = self.workspace.signing_secret
        self._port = port
        self._sockets = Sockets(self.workspace)
        self._gestures = Gestures(self.workspace, self._way, tuple(commands))
        self._control = Control(self.workspace, self._gestures, self._sockets)
        self._control.request_url = checked_url(request_url)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def api_base_url(self) -> str:
        """The address for WebClient(base_url=…)."""
        return f"{self.workspace.base_url}/api/"

    @property
    def control_url(self) -> str:
        """The address for control.Control."""
        return f"{self.workspace.base_url}/control"

    def start(self, timeout: float = 10.0) -> Self:
        """Serve, and return once the port is open; raises what stopped it from opening."""
        self._thread = threading.Thread(target=self._run, name="slack", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout):
            raise TimeoutError("starting the Slack server: no port open in time")
        if self._failure:
            raise self._failure
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Close every connection and end the thread."""
        if self._loop and self._stop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread:
            self._thread.join(timeout)

    def reset(self) -> None:
        """Forget everything said and counted; people, tokens and connections stay."""
        if self._loop is None:
            raise RuntimeError("resetting the Slack server: start it first")
        asyncio.run_coroutine_threadsafe(self._control.reset({}), self._loop).result(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _way(self) -> Delivery:
        # With a Request URL the app is in HTTP mode and Slack sends nothing down a socket.
        url = self._control.request_url
        return SignedPosts(self.workspace, url) if url else self._sockets

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to who called start()
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
            self.workspace.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._ready.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=self.workspace.limits.file_bytes + MORE)
        app.add_routes(self._control.routes())
        app.router.add_route("*", "/api/{method}", self._web_api)
        app.router.add_post("/upload/v1/{key}", self._upload)
        app.router.add_get("/link/", self._sockets.link)
        app.router.add_post("/{kind:commands|actions}/{key}", self._response_url)
        app.on_shutdown.append(self._hang_up)
        return app

    async def _web_api(self, request: web.Request) -> web.Response:
        return await web_api.answer(self.workspace, request)

    async def _upload(self, request: web.Request) -> web.Response:
        return await files.take_bytes(self.workspace, request)

    async def _response_url(self, request: web.Request) -> web.Response:
        """Take an answer to a gesture; a refused one is 404 for the address, 400 for the content."""
        try:
            gesture = self.workspace.response_urls.use(request.match_info["key"])
        except SlackError as error:
            return web.json_response(error.body(), status=404)
        try:
            apply_answer(self.workspace, gesture, await json_object(request))
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        return web.Response(text="ok")

    async def _hang_up(self, app: web.Application) -> None:
        del app
        self.workspace.changes.end()
        await self._sockets.close()
