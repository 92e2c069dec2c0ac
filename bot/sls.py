"""One project of Log Service through aliyun-log-python-sdk, as workflows.ports.Sls."""

from __future__ import annotations

from typing import Any

from aliyun.log import LogClient

from bot.credentials import Provider
from bot.sls_configs import SlsConfigs
from bot.sls_copying import SlsCopying
from bot.sls_readers import SlsReaders
from bot.sls_scan import SlsScan
from bot.sls_sql import SlsSql
from bot.sls_things import SlsThings
from workflows.ports import Project

# Seconds for one answer. The SDK asks ten times at 5xx; where none came, over plain HTTP only.
TIMEOUT = 20.0


def sls_client(endpoint: str, provider: Provider, proxy: str = "") -> Any:
    """A client that goes through `proxy` and no other; https unless the endpoint says http://."""
    where = endpoint if "://" in endpoint else f"https://{endpoint}"
    client = LogClient(where, source="logmigrate", credentials_provider=provider)
    client.timeout = TIMEOUT
    client._session.trust_env = False  # noqa: SLF001 - the SDK has no setting for proxies
    client._session.proxies = {"http": proxy, "https": proxy} if proxy else {}  # noqa: SLF001
    client._session.hooks["response"].append(provider.heard)  # noqa: SLF001
    return client


class SlsProject(SlsThings, SlsConfigs, SlsScan, SlsCopying, SlsReaders, SlsSql):
    """All calls of the port; what they share is in `SlsCalls`."""

    def project(self) -> Project:
        with self._doing("reading", where="project"):
            found = self.client.get_project(self.name)
            return Project(owner=str(found.get_owner()), region=found.get_region())
