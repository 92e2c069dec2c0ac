"""The service's errors: HTTP status, code and text, each in one place."""

from __future__ import annotations


class SlsError(Exception):
    """A refusal as the service words it; `status` is the HTTP status, `code` the errorCode."""

    def __init__(self, status: int, code: str, text: str) -> None:
        """Keep the three parts of the refusal."""
        super().__init__(f"{status} {code}: {text}")
        self.status = status
        self.code = code
        self.text = text


def not_implemented(what: str) -> SlsError:
    """The sandbox has no such thing yet; never an empty success."""
    text = f"the sandbox has no {what}; sandbox/sls/COVERAGE.md lists what it has"
    return SlsError(501, "NotImplemented", text)


def parameter(text: str) -> SlsError:
    """A parameter that the service does not accept."""
    return SlsError(400, "ParameterInvalid", text)


def unauthorized(text: str) -> SlsError:
    """An unknown key, a foreign project, or a RAM denial."""
    return SlsError(401, "Unauthorized", text)


def denied(action: str, resource: str) -> SlsError:
    """RAM says no."""
    return unauthorized(f"denied by sts or ram, action: {action}, resource: {resource}")


def project_missing(name: str) -> SlsError:
    """No such project, or not in the region of the endpoint."""
    return SlsError(404, "ProjectNotExist", f"The Project does not exist : {name}")


def project_exists(name: str) -> SlsError:
    """Project names are taken across all accounts."""
    return SlsError(400, "ProjectAlreadyExist", f"Project {name} already exist")


def logstore_missing(name: str) -> SlsError:
    """No such logstore, or not ready yet."""
    return SlsError(404, "LogStoreNotExist", f"logstore {name} does not exist")


def logstore_exists(name: str) -> SlsError:
    """The name is taken."""
    return SlsError(400, "LogStoreAlreadyExist", f"logstore {name} already exists")


def logstore_invalid(text: str) -> SlsError:
    """A logstore body that the service does not accept."""
    return SlsError(400, "LogStoreInfoInvalid", text)


def logstore_mode() -> SlsError:
    """A mode that the logstore cannot change to."""
    text = "The logstore mode or telemetryType is not supported for current metering mode."
    return SlsError(400, "NotSupported", text)


def index_missing(text: str = "index config doesn't exist.") -> SlsError:
    """Reading or searching a logstore that has no index: 400, not 404."""
    return SlsError(400, "IndexConfigNotExist", text)


def index_exists() -> SlsError:
    """A second POST of an index."""
    return SlsError(400, "IndexAlreadyExist", "Logstore index is already created.")


def index_invalid(text: str) -> SlsError:
    """An index body that the service does not accept."""
    return SlsError(400, "IndexInfoInvalid", text)


def config_missing(name: str) -> SlsError:
    """No such collection config."""
    return SlsError(404, "ConfigNotExist", f"Config {name} not exist")


def config_exists(name: str, status: int) -> SlsError:
    """The name is taken; which HTTP status goes with it is printed two ways."""
    return SlsError(status, "ConfigAlreadyExist", f"config {name} already exists")


def config_form(name: str, path: str) -> SlsError:
    """A config asked for by the calls of the other form, where the server says so."""
    return SlsError(400, "BadRequest", f"Config {name} is not of this form: use {path}")


def config_invalid(why: str) -> SlsError:
    """A config body that the service does not accept."""
    return SlsError(400, "InvalidParameter", f"Invalid config resource json. {why}")


def group_missing(name: str) -> SlsError:
    """No such machine group."""
    return SlsError(404, "MachineGroupNotExist", f"MachineGroup {name} not exist")


def group_exists(name: str) -> SlsError:
    """The name is taken."""
    return SlsError(400, "MachineGroupAlreadyExist", f"group {name} already exists")


def group_invalid(why: str) -> SlsError:
    """A machine group body that the service does not accept."""
    return SlsError(400, "InvalidParameter", f"invalid group resource json. {why}")


def consumer_group_missing() -> SlsError:
    """No such consumer group."""
    return SlsError(404, "ConsumerGroupNotExist", "consumer group not exist")


def consumer_group_exists() -> SlsError:
    """The name is taken."""
    return SlsError(400, "ConsumerGroupAlreadyExist", "consumer group already exist")


def consumer_group_invalid(text: str) -> SlsError:
    """A body about a consumer group that the service does not accept."""
    return SlsError(400, "JsonInfoInvalid", text)


def consumer_missing() -> SlsError:
    """A checkpoint from a consumer that the group does not know, or no longer."""
    return SlsError(404, "ConsumerNotExist", "consumer not exist in the consumer group")


def consumer_mismatch(shard: int) -> SlsError:
    """A checkpoint from a consumer that does not hold the shard; only its code is known."""
    return SlsError(400, "ConsumerNotMatch", f"shard {shard} is not held by the consumer")


def consumer_unknown() -> SlsError:
    """A heartbeat that names shards, from a consumer that the group does not know."""
    text = "non-exist consumer with non-empty body of heartbeat message"
    return SlsError(400, "NotExistConsumerWithBody", text)


def checkpoint_invalid() -> SlsError:
    """A checkpoint that is no cursor by its looks."""
    return SlsError(400, "InvalidShardCheckPoint", "shard checkpoint not encoded by base64")


def shard_missing(text: str) -> SlsError:
    """No such shard, or no longer."""
    return SlsError(404, "ShardNotExist", text)


def name_mismatch(path_name: str, body_name: object) -> SlsError:
    """A PUT whose body names something else than its path."""
    text = f"the path names {path_name} and the body {body_name}: names cannot be changed"
    return SlsError(400, "BadRequest", text)


def quota(what: str, limit: int) -> SlsError:
    """One more of these than a project may have."""
    return SlsError(400, "ProjectQuotaExceed", f"project has {limit} {what} already, its quota")


def project_quota(limit: int) -> SlsError:
    """One more project than an account may have."""
    return SlsError(400, "ProjectQuotaExceed", f"the account has {limit} projects, its quota")


def job_missing(name: str, status: int) -> SlsError:
    """No such job; which HTTP status goes with it is not published."""
    return SlsError(status, "JobNotExist", f"job {name} does not exist")


def job_exists(name: str) -> SlsError:
    """The name is taken."""
    return SlsError(400, "JobAlreadyExist", f"Job {name} already exists")


def dashboard_missing() -> SlsError:
    """No such dashboard; which HTTP status goes with it is inferred."""
    return SlsError(404, "DashboardNotExist", "specified dashboard does not exist")


def dashboard_exists() -> SlsError:
    """The name is taken; there is no code of its own for it."""
    return parameter("specified dashboard already exists")


def dashboard_name(text: str) -> SlsError:
    """A name that no dashboard may have."""
    return SlsError(400, "InvalidDashboardName", text)


def saved_search_missing() -> SlsError:
    """No such saved search; which HTTP status goes with it is inferred."""
    return SlsError(404, "SavedSearchNotExist", "specified savedsearch does not exist")


def saved_search_exists() -> SlsError:
    """The name is taken; code and text are inferred from those of dashboards."""
    return parameter("specified savedsearch already exists")


def exceeded(text: str) -> SlsError:
    """One more than a project may have of what people look at."""
    return SlsError(400, "ExceedQuota", text)


def write_quota() -> SlsError:
    """More written than a project may, for the moment."""
    return SlsError(403, "WriteQuotaExceed", "Project write quota exceed.")


def meta_qps() -> SlsError:
    """More calls about resources than a project may make, for the moment."""
    text = "Project meta operation qps limit exceeded."
    return SlsError(403, "MetaOperationQpsLimitExceeded", text)


def post_body(text: str) -> SlsError:
    """Logs or a JSON body that cannot be taken as sent."""
    return SlsError(400, "PostBodyInvalid", text)


def post_too_large(most_bytes: int, most_lines: int) -> SlsError:
    """More than one PutLogs may carry."""
    text = f"at most {most_bytes} bytes and {most_lines} lines may be put at once"
    return SlsError(400, "PostBodyTooLarge", text)


def cursor_invalid(cursor: str) -> SlsError:
    """A cursor of another shard, a former logstore, or of lines no longer kept."""
    return SlsError(400, "InvalidCursor", f"cursor {cursor} is invalid")
