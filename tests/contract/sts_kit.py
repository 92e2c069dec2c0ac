"""An SLS and an STS that share their keys, with a role in the source account and a caller's key."""

from __future__ import annotations

from typing import Any, Self

from bot.credentials import Provider, fixed
from bot.secret import Secret
from bot.settings_credentials import AccessKey, Role, Session
from bot.sls import SlsProject, sls_client
from sandbox.sls import Account, Key, Policy, SlsServer
from sandbox.sts import Instance, Issuer, StsServer, TrustedRole, Vault
from sandbox.sts.actions import Actions
from tests.contract.ram_files import filled
from tests.contract.sls.world import ENDPOINT, Shifted

BOT, SOURCE = "1000000000000009", "1000000000000002"  # who asks, and whose project it is
ROLE = f"acs:ram::{SOURCE}:role/logmigrate"
PROVIDER = f"acs:ram::{SOURCE}:oidc-provider/cluster"
POD = "system:serviceaccount:ops:logmigrate"
NAMES = {
    "bot account": BOT,
    "source account": SOURCE,
    "source project": "web",
    "source logstore": "app",
    "region": "cn-hangzhou",
    "role": "logmigrate",
    "external id": "shop",
    "provider": "cluster",
    "issuer": "https://cluster.example",
    "namespace": "ops",
    "service account": "logmigrate",
}
MAY = Policy.of(filled("assume-role.json", NAMES))
CALLER = Key("LTAI5tCaller", "caller-secret", policies=(MAY,))
OWNER = Key("LTAI5tOwner", "owner-secret")
BY_ID, BY_POD, BY_ECS = (filled(f"trust-{kind}.json", NAMES) for kind in ("role", "oidc", "ecs"))


class StsWorld:
    """Enter it; project `web` holds logstore `app` of the source account."""

    def __init__(self, trusts: dict[str, Any] = BY_ID, longest: int = 3600) -> None:
        self.clock = Shifted()
        accounts = (
            Account(SOURCE, "cn-hangzhou", (OWNER,)),
            Account(BOT, "cn-hangzhou", (CALLER,)),
        )
        self.sls = SlsServer(accounts, self.clock)
        self.vault = Vault(self.sls.state, accounts)
        policy = filled("source.json", NAMES)
        self.role = TrustedRole.of(ROLE, trusts, policy, longest=longest)
        self.vault.add(self.role)
        self.pods = Issuer(PROVIDER, "https://cluster.example", "sts.aliyuncs.com")
        self.sts = StsServer(Actions(self.vault, {PROVIDER: self.pods}))
        self._clients: list[Any] = []

    def __enter__(self) -> Self:
        self.sls.start()
        self.sts.__enter__()
        owner = sls_client(f"http://{ENDPOINT}", fixed(OWNER.id, OWNER.secret), self.sls.proxy)
        owner.create_project("web", "")
        self._clients.append(owner)
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client._session.close()
        self.sts.__exit__()
        self.sls.stop()

    def session(self, *, duration: int = 3600, **more: Any) -> Session:
        said: dict[str, Any] = {
            "arn": ROLE,
            "name": "logmigrate",
            "duration": duration,
            "sts": self.sts.url,
        }
        return Session(**(said | more))

    def assuming(self, key: Key = CALLER, external_id: str = "shop", **more: Any) -> Role:
        return Role(
            self.session(**more), AccessKey(Secret(key.id), Secret(key.secret)), external_id
        )

    def instance(self, *, hardened: bool = False) -> None:
        """Let the machine be an ECS instance with the role."""
        self.sts.instance = Instance(self.vault, self.role, hardened)

    def project(self, provider: Provider) -> SlsProject:
        client = sls_client(f"http://{ENDPOINT}", provider, self.sls.proxy)
        self._clients.append(client)
        return SlsProject(client, "web", "source")

    def asked(self) -> list[str]:
        """What STS was asked, and with which success."""
        return [f"{entry.what} {entry.code or entry.status}" for entry in self.sts.journal]
