"""A whole move whose source is opened by a role, and whose credential ends again and again."""

from __future__ import annotations

from bot.credentials import provider_of
from bot.secret import Secret
from bot.settings_accounts import AccountSettings
from bot.settings_credentials import AccessKey, Role, Session
from bot.sls import SlsProject
from sandbox.sls import Account, Key
from sandbox.sts import StsServer, TrustedRole, Vault
from sandbox.sts.actions import Actions
from tests.contract.ram_files import filled
from tests.contract.rights_world import ENDPOINT, FILES, PLACES, REGION, B, RightsWorld
from tests.contract.sts_kit import BOT, BY_ID
from tests.contract.test_exact_rights import moved_and_taken_back
from workflows.model import JobState

ARN = f"acs:ram::{B}:role/logmigrate"
CALLER = Key("LTAI5tMover", "mover-secret")
EACH = 15  # seconds that a credential really counts, whatever it says


def test_a_move_ends_although_its_credential_does_again_and_again() -> None:
    world = RightsWorld()
    world.server.state.keys[CALLER.id] = (Account(BOT, REGION, (CALLER,)), CALLER)
    policies = (filled(name, PLACES) for name in FILES["source"])
    vault = Vault(world.server.state, world.accounts)
    vault.add(TrustedRole.of(ARN, BY_ID, *policies))
    ended = [world.clock.now()]

    def ends(_world: RightsWorld) -> bool:
        if vault.issued and world.clock.now() > ended[0] + EACH:
            vault.revoke(vault.issued[-1])
            ended[0] = world.clock.now()
        return False

    with StsServer(Actions(vault)) as sts:
        key = AccessKey(Secret(CALLER.id), Secret(CALLER.secret))
        asked = Role(Session(ARN, "logmigrate", 3600, sts.url), key, "shop")
        opened = provider_of("source", AccountSettings(ENDPOINT, REGION, "", asked))
        world.source = SlsProject(world.client_of(opened), "shop-b", "source")
        moved_and_taken_back(world, ends)

    assert world.job.state is JobState.UNDONE, world.said()
    assert len(vault.issued) > 3
    told = f"{world.said()} {world.job}"
    assert [one.key.id for one in vault.issued if one.key.id in told] == []
    assert [one.key.token for one in vault.issued if one.key.token in told] == []
