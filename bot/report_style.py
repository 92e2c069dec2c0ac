"""How a report looks: on a screen by day and night, and on paper."""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5b6675;--line:#d8dee6;--page:#fff;
--band:#f5f7fa;--source:#c77700;--target:#0b6bcb;--good:#1a7f37;--bad:#c62828}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa6b4;--line:#343c47;--page:#14181d;
--band:#1c2229;--source:#f0a53a;--target:#5aa9f7;--good:#4cc36b;--bad:#ff6b6b}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:2rem 1.25rem 4rem;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.15rem;margin:2.25rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .4rem}
p{margin:.4rem 0}
.soft,figcaption{color:var(--soft)}
.good{color:var(--good);font-weight:600}
.bad{color:var(--bad);font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
code{font:.92em ui-monospace,"SF Mono",Consolas,monospace;overflow-wrap:anywhere}
ol{margin:.4rem 0;padding-left:1.5rem}
.wide{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;width:100%;font-size:.92em}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);
overflow-wrap:break-word;white-space:pre-line}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td .good,td .bad,.word{white-space:nowrap}
.card p,.card li{white-space:pre-line}
.number{text-align:right;font-variant-numeric:tabular-nums}
.events td:nth-child(2),.events code{white-space:nowrap}
.card{background:var(--band);border:1px solid var(--line);border-radius:8px;padding:.4rem 1.1rem 1rem;margin:1rem 0}
figure{margin:1rem 0}svg{width:100%;height:auto;display:block}
svg text{font-size:12px;fill:var(--soft)}
.grid{stroke:var(--line);stroke-width:1}
.source{fill:none;stroke:var(--source);stroke-width:6;stroke-opacity:.45;stroke-linejoin:round;stroke-linecap:round}
.target{fill:none;stroke:var(--target);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.differs{fill:var(--bad);stroke:none}
details summary{cursor:pointer}
@media print{body{max-width:none;padding:0;font-size:11px}h2,h3{break-after:avoid}
details::details-content{content-visibility:visible}
tr,figure,.card dl{break-inside:avoid}.wide{overflow:visible}
:root{--ink:#000;--soft:#444;--line:#bbb;--page:#fff;--band:#fff;--source:#c77700;--target:#0b6bcb;
--good:#1a7f37;--bad:#c62828}}
"""
