"""Fields that no documentation knows, at every place where the service takes them."""

from __future__ import annotations

from tests.shapes.kit import Body, classic, file, files, pipeline, plugin

NEW = {"Kind": "新", "List": [3, 1, 2], "Flag": False, "None": None, "Empty": {}}
SHAPES: dict[str, Body] = {
    "unknown in inputDetail": file("json_log", futureSwitch=True, futureDetail=NEW),
    "unknown in advanced, blacklist and k8s": file(
        "common_reg_log", key=["content"], advanced={
            "future": NEW, "blacklist": {"dir_blacklist": [], "host_blacklist": ["h1"]},
            "k8s": {"FutureRegex": "^x$"}},
    ),
    "unknown in masks": file(
        "common_reg_log", key=["content"], sensitive_keys=[
            {"key": "a", "type": "md5", "regex_begin": "", "regex_content": ".", "all": True,
             "futureSalt": "x"}],
    ),
    "unknown in outputDetail": classic(
        "file", file("json_log")["inputDetail"], futureRoute={"to": ["甲", "乙"]},
    ),
    "unknown in plugins and beside their detail": plugin(
        "service_docker_stdout", {"Stdout": True, "FutureOption": NEW},
        ("processor_json", {"SourceKey": "content", "FutureDepth": 0}),
        ("processor_of_tomorrow", {"A": 1}),
        futureDetail=[],
    ),
    "unknown in an input, its multiline and its filters": pipeline(
        files("/logs/app.log", FutureOption=NEW, Multiline={"Mode": "custom", "FutureMode": 1},
              EnableContainerDiscovery=True, ContainerFilters={"FutureRegex": "x"}),
    ),
    "unknown processors and options": pipeline(
        files("/logs/app.log"),
        {"Type": "processor_of_tomorrow_native", "Deep": [{"er": [None, 1.5]}]},
        {"Type": "processor_parse_json_native", "SourceKey": "content", "FutureFlag": False},
    ),
    "unknown in global, task and flusher": pipeline(
        files("/logs/app.log"), **{"global": {"FutureType": "x"}}, task={"Future": [1]},
    ) | {"flushers": [{"Type": "flusher_sls", "Logstore": "app", "FutureOption": {"a": []}}]},
}  # fmt: skip
