"""Signs on the host: agent, process, ids. Each answers with its evidence, "" where there is none."""

from __future__ import annotations

from workflows.steps.silence.case import Case, listed
from workflows.steps.silence.signs_world import overloads
from workflows.steps.silence.state import Process

DAEMON_AND_WORKER = 2
ENV_ACCOUNT = "ALIYUN_LOGTAIL_USER_ID"
ENV_CUSTOM = ("LOONG_USER_DEFINED_ID", "ALIYUN_LOGTAIL_USER_DEFINED_ID")  # the first one counts
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def not_permitted(case: Case) -> str:
    state, host = case.state, case.host
    kinds = {
        host.conf_dir: state.conf,
        host.agent_dir: state.agent,
        case.id_file: state.ids.kind,
        case.users: state.users.kind,
        case.own_config: state.config.kind,
        f"{host.agent_dir}/app_info.json": state.app.kind,
    }
    denied = tuple(path for path, kind in kinds.items() if kind == "denied")
    return f"reading {listed(denied)}: permission denied" if denied else ""


def absent(case: Case) -> str:
    state, host = case.state, case.host
    kinds = {host.agent_dir: state.agent, host.conf_dir: state.conf}
    gone = tuple(path for path, kind in kinds.items() if kind == "absent")
    if not gone:
        return ""
    running = tuple(process.called.split(" ")[0] for process in state.processes or ())
    return f"no {' and no '.join(gone)}" + (f", though {running[0]} runs" if running else "")


def stopped(case: Case) -> str:
    state = case.state
    running = any("is running" in service.text for service in state.services)
    if running or state.processes or not _may_tell(case):
        return ""
    scripts = (f"{service.where} says “{_words(service.text)}”" for service in state.services)
    seen = ("no process of ilogtail or loongcollector",) if state.processes == () else ()
    return "; ".join((*scripts, *seen))


def _may_tell(case: Case) -> bool:
    return case.state.processes is not None or bool(case.state.services)


def _words(text: str) -> str:
    return " ".join(text.split())[:80] or "nothing"


def alone(case: Case) -> str:
    """Where the worker ends itself for a limit, the daemon is alone for a while after it.

    In a container one process is all there is; there the ids come by the environment.
    """
    processes = case.state.processes or ()
    if len(processes) != 1 or case.state.env or overloads(case):
        return ""
    return f"one process, pid {processes[0].pid}, where daemon and worker are two"


def doubled(case: Case) -> str:
    processes = case.state.processes or ()
    if len(processes) <= DAEMON_AND_WORKER:
        return ""
    first = ", ".join(str(process.pid) for process in daemons(processes)[:5])
    return f"{len(processes)} processes where one agent has two; daemons: {first}"


def daemons(processes: tuple[Process, ...]) -> tuple[Process, ...]:
    """Those that no other of them started."""
    known = {process.pid for process in processes}
    return tuple(process for process in processes if process.parent not in known)


def no_address(case: Case) -> str:
    app = case.state.app
    path = f"{case.host.agent_dir}/app_info.json"
    if app.kind == "absent":
        return f"no {path}, which an agent writes when it starts"
    return "" if case.state.ip or app.kind != "file" else f"{path} names no ip"


def account_missing(case: Case) -> str:
    if case.state.users.kind == "denied" or _account_there(case) or account_misnamed(case):
        return ""
    return f"{case.users} has {listed(case.state.names)}, and no {case.wanted.account_id}"


def account_misnamed(case: Case) -> str:
    """What an editor or a copy makes of it: `<id>.txt`, `<id>~`, `<id> `; only the name counts."""
    if _account_there(case):
        return ""
    account = case.wanted.account_id
    near = tuple(repr(name)[1:-1] for name in case.state.names if account in name)
    return f"{case.users} has {listed(near)} where the name has to be {account}" if near else ""


def _account_there(case: Case) -> bool:
    wanted = case.wanted.account_id
    return wanted in case.state.names or wanted in _env(case, ENV_ACCOUNT).split(",")


def custom_missing(case: Case) -> str:
    if case.state.ids.kind == "denied" or _custom_there(case) or custom_garbled(case):
        return ""
    if case.state.ids.kind == "absent":
        return f"no {case.id_file}"
    lines = tuple(_shown(line) for line in case.state.lines)
    return f"{case.id_file} has {listed(lines)}, and no {case.wanted.custom_id}"


def custom_garbled(case: Case) -> str:
    """A carriage return, a blank or a byte order mark is part of the id that the agent tells."""
    if _custom_there(case):
        return ""
    wanted = case.wanted.custom_id.encode()
    near = (_shown(line) for line in case.state.lines if _clean(line) == wanted)
    first = next(near, "")
    text = f"{case.id_file} has “{first}” where the line has to be {wanted.decode()}"
    return text if first else ""


def _custom_there(case: Case) -> bool:
    wanted = case.wanted.custom_id
    return wanted.encode() in case.state.lines or wanted in _env_ids(case)


def _clean(line: bytes) -> bytes:
    return line.removeprefix(BYTE_ORDER_MARK).strip().strip(b"\xc2\xa0")


def _shown(line: bytes) -> str:
    return line.decode(errors="backslashreplace").encode("unicode_escape").decode()[:80]


def overridden(case: Case) -> str:
    """Whoever has a heartbeat tells the right ids, whatever stands there.

    LoongCollector takes the variable instead of the file, Logtail 1.8 beside it; how those between
    them do is not public.
    """
    if not case.silent:
        return ""
    ids = _env_ids(case)
    name = next((name for name in ENV_CUSTOM if _env(case, name)), "")
    if ids and case.wanted.custom_id not in ids:
        has = f"{name}={_env(case, name)}"
        return f"the agent's process has {has}, which may replace {case.id_file}"
    account = _env(case, ENV_ACCOUNT)
    if account and case.wanted.account_id not in account.split(","):
        return f"the agent's process has {ENV_ACCOUNT}={account}, and may know no other account"
    return ""


def _env(case: Case, name: str) -> str:
    pairs = (pair.partition("=") for pair in case.state.env)
    return next((value for key, _, value in pairs if key == name), "")


def _env_ids(case: Case) -> tuple[str, ...]:
    named = next((value for name in ENV_CUSTOM if (value := _env(case, name))), "")
    return tuple(one.strip() for one in named.split(",") if one.strip())
