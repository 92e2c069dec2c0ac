"""From a request to an answer: route, headers, signature, ownership, RAM, handler, journal."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from email.utils import formatdate

from sandbox.sls import errors, etl_run, headers, routes, signing
from sandbox.sls.accounts import Account, Key
from sandbox.sls.call import Call, Reply
from sandbox.sls.errors import SlsError
from sandbox.sls.faults import Fault, Faults, Kind
from sandbox.sls.journal import Entry, Journal
from sandbox.sls.requests import Request
from sandbox.sls.routes import Route
from sandbox.sls.state import State

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, whether it is a success or a refusal."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    content_type: str = "application/json"
    fault: Fault | None = None


@dataclass
class _Trail:
    """What became known of a request before it succeeded or failed."""

    request_id: str = field(default_factory=lambda: secrets.token_hex(12).upper())
    project: str = ""
    account: str = ""
    wrote: bool = False
    fault: Fault | None = None
    skew: Fault | None = None


def answer(state: State, journal: Journal, request: Request, faults: Faults) -> Answer:
    """Answer one request and write it down; every exception becomes an answer."""
    trail = _Trail()
    code = ""
    try:
        done = _success(state, trail, _handled(state, request, trail, faults))
    except SlsError as refusal:
        code, done = refusal.code, refused(state, refusal, trail.request_id)
    except Exception as error:  # noqa: BLE001 - our own bug: said aloud, and the server lives on
        _log.exception("answering %s %s", request.method, request.target)
        ours = SlsError(500, "InternalServerError", f"{type(error).__name__}: {error}")
        code, done = ours.code, refused(state, ours, trail.request_id)
    if trail.fault is not None and trail.fault.kind is Kind.ERROR_AFTER:
        code, done = trail.fault.error.code, refused(state, trail.fault.error, trail.request_id)
    done = _spoiled(state, done, trail)
    journal.add(_entry(state, request, trail, done.status, code))
    return done


def refused(state: State, refusal: SlsError, request_id: str) -> Answer:
    """A refusal in the service's envelope."""
    body = json.dumps({"errorCode": refusal.code, "errorMessage": refusal.text})
    return Answer(refusal.status, body.encode(), _common(state, request_id))


def _spoiled(state: State, done: Answer, trail: _Trail) -> Answer:
    if trail.skew is not None:
        now = state.clock.now() + trail.skew.seconds
        times = {"x-log-time": str(int(now)), "Date": formatdate(now, usegmt=True)}
        done = replace(done, headers={**done.headers, **times})
    if trail.fault is not None and trail.fault.kind is Kind.WRONG_JSON:
        done = replace(done, body=trail.fault.body)
    return replace(done, fault=trail.fault)


def _handled(state: State, request: Request, trail: _Trail, faults: Faults) -> Reply:
    if request.method == "CONNECT":
        raise errors.not_implemented("TLS through CONNECT: use an http:// endpoint")
    if request.cut:
        raise SlsError(413, "PostBodyTooLarge", "the body is larger than the server reads")
    trail.project = request.host.project
    route, names = routes.find(request)
    headers.check(request, route.body, route.optional)
    account, key = _caller(state, request, trail, faults)
    trail.account = account.id
    call = Call(request, state, account, names, key)
    etl_run.advance(state)
    with state.lock if route.locked else nullcontext():
        _permit(call, route, key)
        trail.fault = faults.met(request, account.id, key.id)
        if trail.fault is not None and trail.fault.refusal is not None:
            raise trail.fault.refusal
        reply = route.answer(call)
    trail.wrote = route.writes
    return reply


def _caller(state: State, request: Request, trail: _Trail, faults: Faults) -> tuple[Account, Key]:
    key_id, signature = signing.credentials(request)
    if key_id not in state.keys:
        raise errors.unauthorized(f"AccessKeyId not found: {key_id}")
    account, key = state.keys[key_id]
    key.check_token(request.headers.get("x-acs-security-token", ""), state.clock.now())
    trail.skew = faults.skew(request, account.id, key.id)
    skew = trail.skew.seconds if trail.skew is not None else 0.0
    signing.check_time(request, state.clock.now() + skew)
    signing.check_signature(request, key.secret, signature)
    return account, key


def _permit(call: Call, route: Route, key: Key) -> None:
    """Refuse a project that is missing or foreign, and an action that RAM denies the key."""
    host = call.request.host
    region = host.region or call.account.region
    if route.scope == "project":
        with call.state.lock:
            project = call.project
        region = project.region
        if project.account.id != call.account.id:
            raise errors.unauthorized("The project does not belong to you.")
    for end in route.resources(call.names):
        resource = f"acs:log:{region}:{call.account.id}:project/{_project_name(call, route)}{end}"
        if not key.permits(route.action, resource, whole=route.whole):
            raise errors.denied(route.action, resource)


def _project_name(call: Call, route: Route) -> str:
    if route.action == "log:CreateProject" and not call.request.host.project:
        return str(call.request.json_body().get("projectName"))
    return call.request.host.project or "*"


def _success(state: State, trail: _Trail, reply: Reply) -> Answer:
    common = _common(state, trail.request_id)
    return Answer(200, reply.body, {**reply.headers, **common}, reply.content_type)


def _common(state: State, request_id: str) -> dict[str, str]:
    return {
        "Server": "AliyunSLS",
        "x-log-requestid": request_id,
        "x-log-time": str(int(state.clock.now())),
    }


def _entry(state: State, request: Request, trail: _Trail, status: int, error: str) -> Entry:
    met = trail.fault or trail.skew
    silent = met is not None and met.kind in {Kind.SILENT, Kind.RESET}
    return Entry(
        at=state.clock.now(),
        method=request.method,
        path=request.path,
        query=request.query_string,
        project=trail.project,
        account=trail.account,
        status=0 if silent else status,
        error=error,
        request_id=trail.request_id,
        wrote=trail.wrote,
        fault=met.kind if met is not None else "",
    )
