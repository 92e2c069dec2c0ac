"""Full regex mode, and simple mode as its smallest case."""

from __future__ import annotations

from tests.shapes.kit import Body, file

MASK = {"key": "content", "type": "const", "regex_begin": "'password':'"}
SHAPES: dict[str, Body] = {
    "an nginx access log": file(
        "common_reg_log", "/var/log/nginx", "access.log",
        regex=r'(\S+)\s-\s(\S+)\s\[([^]]+)]\s"(\w+)\s(\S+)\s[^"]+"\s(\d+)\s(\d+)\s"([^"]*)"\s"([^"]*)".*',
        key=["remote_addr", "user", "time", "method", "uri", "status", "bytes", "referer", "agent"],
        timeFormat="%d/%b/%Y:%H:%M:%S", timeKey="time",
    ) | {"logSample": '10.0.0.9 - - [22/Nov/2026:08:00:00 +0800] "GET /a HTTP/1.1" 200 5 "-" "curl"'},
    "a java log with stack traces": file(
        "common_reg_log", "/opt/shop/logs", "server*.log", maxDepth=3,
        logBeginRegex=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d{3}.*",
        regex=r"(\d+-\d+-\d+ \d+:\d+:\d+)[,.]\d+ \[([^\]]*)\] (\w+)\s+([\w.$]+) - ([\s\S]*)",
        key=["time", "thread", "level", "class", "message"], timeFormat="%Y-%m-%d %H:%M:%S",
    ) | {"logSample": "2026-11-22 08:00:00,123 [main] ERROR shop.Cart - boom\n\tat shop.Cart.add(1)"},
    "a regex with lookaheads and nested groups": file(
        "common_reg_log", regex=r"((?:(?!END)\w)+)\s(?=id=)(id=(\d{1,19}))(?!\d)(.*)",
        key=["word", "pair", "id", "rest"],
    ),
    "a regex with unicode, brackets and backslashes": file(
        "common_reg_log", regex=r"【([^】]+)】\\x\{(\p{Han}*)\}\t\"([\u4e00-\u9fa5]+)\"/\*(.*)\*/",
        key=["级别", "种类", "用户名", "正文"],
    ),
    "a regex with named groups, posix classes and possessive ends": file(
        "common_reg_log", regex=r"(?<when>[[:digit:]]++)\s([[:alpha:]_]*+)\|(.*?)$",
        key=["when", "name", "rest"],
    ),
    "chinese folders, file names and keys": file(
        "common_reg_log", "/数据/日志/订单服务", "订单*.日志",
        regex=r"(\S+)\s(.*)", key=["时间", "内容"], logTimezone="GMT+08:00",
    ) | {"logSample": "八点整 订单已创建"},
    "gbk with a begin of its own": file(
        "common_reg_log", "/home/admin/老系统", "*.txt", fileEncoding="gbk", discardNonUtf8=True,
        logBeginRegex=r"\[\d+\].*", regex=r"\[(\d+)\](.*)", key=["序号", "正文"],
    ),
    "epoch seconds as the time": file(
        "common_reg_log", regex=r"(\d{10})\d*\s(.*)", key=["time", "msg"], timeFormat="%s",
    ),
    "a time of the west, adjusted": file(
        "common_reg_log", regex=r"(\w+ +\d+ [\d:]+) (.*)", key=["time", "msg"],
        timeFormat="%b %d %H:%M:%S", adjustTimezone=True, logTimezone="GMT-05:00",
        advanced={"specified_year": 0},
    ),
    "a time with fractions in a key of another name": file(
        "common_reg_log", regex=r"([\dT:.-]+)Z (.*)", key=["at", "msg"], timeKey="at",
        timeFormat="%Y-%m-%dT%H:%M:%S.%f", advanced={"enable_timestamp_nanosecond": True},
    ),
    "two filters, whose order and pairs matter": file(
        "common_reg_log", regex=r"(\w+) (\d+) (.*)", key=["level", "code", "msg"],
        filterKey=["level", "code", "level"], filterRegex=["^(WARN|ERROR)$", "5\\d\\d", "^(?!DEBUG)"],
    ),
    "masks by constant and by checksum": file(
        "common_reg_log", regex="(.*)", key=["content"],
        sensitive_keys=[
            MASK | {"regex_content": "[^']*", "all": True, "const": "********"},
            {"key": "content", "type": "md5", "regex_begin": "手机号:", "regex_content": r"1\d{10}",
             "all": False},
        ],
    ),
    "a topic out of the path": file(
        "common_reg_log", regex="(.*)", key=["content"],
        topicFormat=r"/var/log/(?<shop>[^/]+)/(.*)\.log",
    ),
    "a topic of one's own": file(
        "common_reg_log", regex="(.*)", key=["content"], topicFormat="customized://订单-shop",
    ),
    "the topic of the machine group": file(
        "common_reg_log", regex="(.*)", key=["content"], topicFormat="group_topic",
    ),
    "blacklists of folders, names and paths": file(
        "common_reg_log", "/home/admin", "*.log", regex="(.*)", key=["content"], maxDepth=1000,
        advanced={"blacklist": {
            "dir_blacklist": ["/home/admin/dir1", "/home/admin/dir2*"],
            "filename_blacklist": ["app*.log", "密码"],
            "filepath_blacklist": ["/home/admin/private*.log"],
        }},
    ),
    "a small tail, a raw tag and a long queue": file(
        "common_reg_log", regex="(.*)", key=["content"], enableRawLog=True,
        advanced={"tail_size_kb": 0, "raw_log_tag": "__raw__", "max_rotate_queue_size": 64,
                  "batch_send_interval": 1, "close_unused_reader_interval": 600,
                  "search_checkpoint_dir_depth": 2},
    ),
    "exactly once with the place in the file": file(
        "common_reg_log", regex="(.*)", key=["content"], shardHashKey=["__source__"],
        advanced={"exactly_once_concurrency": 8, "enable_log_position_meta": True},
    ),
    "one that is forced in the source already": file(
        "common_reg_log", regex="(.*)", key=["content"], advanced={"force_multiconfig": True},
    ),
    "files that time out, in few folders": file(
        "common_reg_log", "/srv", "?pp-[0-9]*.log", regex="(.*)", key=["content"], preserve=False,
        preserveDepth=3, maxDepth=0, delaySkipBytes=104857600, delayAlarmBytes=209715200,
    ),
    "simple mode as the console makes it": file(
        "common_reg_log", regex="(.*)", key=["content"], timeFormat="", logBeginRegex=".*",
    ),
    "simple mode with nothing but the key": file("common_reg_log", key=["content"]),
    "simple mode over many lines, by a wildcard folder": file(
        "common_reg_log", "/data/*/logs", "*", key=["content"], regex="(.*)",
        logBeginRegex=r"^(?:[A-Z][a-z]{2}\s){2}.*", discardUnmatch=False, tailExisted=True,
    ),
    "a limit of speed, merged by logstore": file(
        "common_reg_log", key=["content"], maxSendRate=1048576, sendRateExpire=60, priority=2,
        mergeType="logstore", enableTag=True, localStorage=False,
    ),
    "reports that are switched off": file(
        "common_reg_log", key=["content"], customizedFields={
            "data_integrity": {"switch": False, "project_name": "ops", "logstore": "counts"},
            "check_ulogfs_env": True,
        },
    ),
    "windows paths": file("common_reg_log", "C:\\app\\logs", "*.log", key=["content"]),
}  # fmt: skip
