"""Containers in classic configs: files inside of them, and what they print."""

from __future__ import annotations

from tests.shapes.kit import Body, file, plugin

PODS = {
    "K8sNamespaceRegex": "^(default|订单)$",
    "K8sPodRegex": "^cart-.*$",
    "K8sContainerRegex": "app",
}
SHAPES: dict[str, Body] = {
    "files in containers, by labels": file(
        "json_log", "/app/logs", "*.log", dockerFile=True,
        dockerIncludeLabel={"io.kubernetes.container.name": "cart", "any": ""},
        dockerExcludeLabel={"io.kubernetes.pod.namespace": "^(kube-system|istio-system)$"},
    ),
    "files in containers, by environment": file(
        "common_reg_log", "/app/logs", "*.log", regex="(.*)", key=["content"], dockerFile=True,
        dockerIncludeEnv={"NGINX_SERVICE_PORT": "80", "机房": ""},
        dockerExcludeEnv={"POD_NAMESPACE": "kube-system"},
        advanced={"collect_containers_flag": True},
    ),
    "files in pods, with their labels as tags": file(
        "json_log", "/app/logs", "*.log", dockerFile=True,
        advanced={"k8s": PODS | {
            "IncludeK8sLabel": {"app": "cart"}, "ExcludeK8sLabel": {"canary": ""},
            "ExternalK8sLabelTag": {"app": "k8s_app"}, "ExternalEnvTag": {"VERSION": "version"},
        }},
    ),
    "what containers print": plugin(
        "service_docker_stdout",
        {"Stdout": True, "Stderr": True, "IncludeEnv": None, "ExcludeEnv": None,
         "IncludeLabel": None, "ExcludeLabel": None},
    ),
    "errors of one container, over many lines": plugin(
        "service_docker_stdout",
        {"Stdout": False, "Stderr": True, "BeginLineRegex": r"\d{4}-\d\d-\d\d .*",
         "BeginLineCheckLength": 10240, "BeginLineTimeoutMs": 3000, "MaxLogSize": 524288,
         "IncludeLabel": {"io.kubernetes.container.name": "^cart-.+$"}},
    ),
    "what pods print, as json with a time": plugin(
        "service_docker_stdout", {"Stdout": True, "Stderr": False, **PODS},
        ("processor_json", {"SourceKey": "content", "KeepSource": False, "ExpandDepth": 1,
                            "ExpandConnector": ""}),
        ("processor_strptime", {"SourceKey": "time", "Format": "%Y-%m-%dT%H:%M:%S.%f"}),
    ),
    "what pods print, parsed by a regex and trimmed": plugin(
        "service_docker_stdout",
        {"ExternalK8sLabelTag": {"app": "k8s_app"}, "ExternalEnvTag": {"VERSION": "版本"}},
        ("processor_regex", {"SourceKey": "content", "Regex": r"(\S+)\s\[(\w+)\]\s([\s\S]*)",
                             "Keys": ["time", "level", "msg"], "NoMatchError": True}),
        ("processor_gotime", {"SourceKey": "time", "SourceFormat": "2006-01-02T15:04:05Z07:00",
                              "DestKey": "when", "DestFormat": "2006/01/02", "SetTime": True}),
        ("processor_drop", {"DropKeys": ["_image_name_", "_container_ip_"]}),
        enableTag=True,
    ),
    "what containers print, under its other name": plugin(
        "input_docker_stdout", {"Stdout": True, "StartLogMaxOffset": 131072},
    ),
}  # fmt: skip
