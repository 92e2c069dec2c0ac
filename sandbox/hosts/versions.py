"""What differs from one version of the agent to another: one row a version, the last that fits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LISTED = "usr/local/ilogtail/user_log_config.json"
FOLDER = "etc/ilogtail/config/enterprise"
UPPER = "Resource used by program exceeds upper limit"  # Monitor.cpp of 1.8.8
LONGER = f"{UPPER} for some time"  # and since
HARD = "Resource used by program exceeds hard limit"


class EnvIds(StrEnum):
    """What the environment's ids do to those of the files."""

    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True)
class Traits:
    """One version's own ways. Paths are the host's; the commercial package keeps Logtail's.

    `key_refresh`: on 401 a refreshed access key is waited for at most 30 s; `patient_401`: a 401 is
    retried for six hours; `delivered`: a file that lists all configs, or a folder with a file each;
    `overload`: how its log begins to say that it restarts for using too much.
    """

    since: tuple[int, ...]
    name: str
    service: str
    log: str
    version_field: str
    config_servers: str
    env_names: tuple[str, ...]
    env_ids: EnvIds
    patient_401: bool
    key_refresh: bool
    hard_cpu_factor: float | None
    hard_memory_factor: float | None
    overload: str
    delivered: str

    @property
    def processes(self) -> tuple[str, str]:
        """Daemon and worker have one name. Source: help page on heartbeat errors, "2 processes"."""
        return (self.name, self.name)


def _logtail(since: tuple[int, ...], delivered: str, hard_factor: float | None) -> Traits:
    """Return a row of Logtail. Source: core/sender/Sender.cpp SendClosure::OnFail of 1.8.8, 2.0.7."""
    return Traits(
        since,
        name="ilogtail",
        service="ilogtaild",
        log="usr/local/ilogtail/ilogtail.LOG",
        version_field="logtail_version",
        config_servers="config_server_address",
        env_names=("ALIYUN_LOGTAIL_USER_DEFINED_ID",),
        env_ids=EnvIds.ADD,
        patient_401=False,
        key_refresh=True,
        hard_cpu_factor=hard_factor,
        hard_memory_factor=hard_factor,
        overload=UPPER if hard_factor is None else LONGER,
        delivered=delivered,
    )


def _loongcollector(since: tuple[int, ...], *, patient_401: bool) -> Traits:
    """Return a row of LoongCollector. Source: core/plugin/flusher/sls/FlusherSLS.cpp OnSendDone."""
    return Traits(
        since,
        name="loongcollector",
        service="loongcollectord",
        log="usr/local/ilogtail/loongcollector.LOG",
        version_field="loongcollector_version",
        config_servers="config_servers",
        env_names=("LOONG_USER_DEFINED_ID", "ALIYUN_LOGTAIL_USER_DEFINED_ID"),
        env_ids=EnvIds.REPLACE,
        patient_401=patient_401,
        key_refresh=not patient_401,
        hard_cpu_factor=None,
        hard_memory_factor=5.0,
        overload=LONGER,
        delivered=FOLDER,
    )


# Sources: core/config/provider/ConfigProvider.cpp (the folder, from 2.0 on; where the commercial
# package keeps it is not published: Machine.delivered_in says otherwise), core/monitor/Monitor.cpp
# (CheckHardCpuLimit is 2.0's alone), core/app_config/AppConfig.cpp (the two names of the
# environment; with logtail_mode the checkpoint stays where it was), help page
# loongcollector-management-linux (service, fields, log).
TABLE = (
    _logtail((1,), LISTED, None),
    _logtail((2,), FOLDER, 10.0),
    _loongcollector((3,), patient_401=False),
    _loongcollector((3, 0, 5), patient_401=True),
)


def traits(release: tuple[int, ...]) -> Traits:
    """Return the row of a release; ValueError for one older than the table."""
    fitting = [row for row in TABLE if row.since <= release]
    if not fitting:
        raise ValueError(f"agent version {release}: use 1.8, 2.0, 3.0 or 3.3")
    return fitting[-1]
