"""Pipelines that read something else than files of the host."""

from __future__ import annotations

from tests.shapes.kit import Body, files, pipeline

PODS = {"K8sNamespaceRegex": "^default$", "K8sPodRegex": "^(cart|订单)-.*$"}
FILTERS = PODS | {
    "IncludeK8sLabel": {"app": "cart", "tier": ""}, "ExcludeEnv": {"ID": "^1\\d+$"},
    "IncludeContainerLabel": {"io.kubernetes.container.name": "app"},
}  # fmt: skip
SHAPES: dict[str, Body] = {
    "files in containers, discovered": pipeline(
        files("/app/logs/**/*.log", MaxDirSearchDepth=5, EnableContainerDiscovery=True,
              ContainerFilters=FILTERS, CollectingContainersMeta=True,
              ExternalK8sLabelTag={"app": "k8s_app"}, ExternalEnvTag={"VERSION": "版本"}),
        {"Type": "processor_parse_json_native", "SourceKey": "content"},
    ),
    "what containers print, native": pipeline(
        {"Type": "input_container_stdio", "IgnoringStdout": False, "IgnoringStderr": True,
         "ContainerFilters": FILTERS, "TailSizeKB": 4096,
         "Multiline": {"StartPattern": r"\[\d+.*", "UnmatchedContentTreatment": "single_line"}},
        {"Type": "processor_parse_regex_native", "SourceKey": "content", "Regex": "(.*)",
         "Keys": ["msg"]},
    ),
    "what containers print, by the plugin": pipeline(
        {"Type": "service_docker_stdout", "Stdout": True, "Stderr": False, **PODS,
         "IncludeLabel": {"app": "^cart$"}},
        {"Type": "processor_json", "SourceKey": "content", "ExpandArray": True},
    ),
    "a command, each minute": pipeline(
        {"Type": "input_command", "ScriptType": "shell", "User": "nobody",
         "ScriptContent": "ZGYgLWg=", "ContentEncoding": "Base64", "IntervalMs": 60000,
         "Environments": ["LANG=zh_CN.GB18030"]},
    ),
    "figures of the host, native": pipeline(
        {"Type": "input_host_monitor", "Interval": 15, "EnableDisk": False},
    ) | {"flushers": [{"Type": "flusher_sls", "Logstore": "app", "TelemetryType": "metrics"}]},
    "a scrape of prometheus": pipeline(
        {"Type": "input_prometheus", "ScrapeConfig": {
            "job_name": "cart", "scrape_interval": "15s", "static_configs": [
                {"targets": ["localhost:9100"], "labels": {"机房": "杭州"}}]}},
    ),
    "old files, once": pipeline(
        {"Type": "input_static_file_onetime", "FilePaths": ["/archive/2025/*.log"],
         "ForceRerunWhenUpdate": False},
    ),
    "the journal, in a pipeline": pipeline(
        {"Type": "service_journal", "JournalPaths": ["/run/log/journal"], "Units": []},
        {"Type": "processor_add_fields", "Fields": {"kind": "journal"}},
    ),
}  # fmt: skip
