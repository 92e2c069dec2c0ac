"""Phase 7: the lines from before the move."""

from __future__ import annotations

from workflows.operations.operation import Operation

BY_PEOPLE = "the role is the account's own; whoever made it deletes it with its policy"
STORES = "logstores {source_logstore} and {target_logstore}"

HISTORY = (
    Operation(
        number="7.1",
        title="Let a job read the source",
        call="a RAM role in the source's account, made by its people from docs/ram; named in the job",
        row="copy?, copy",
        does=("workflows.steps.history.by_service.body", "workflows.steps.history.question.green"),
        verify="workflows.steps.history.by_service.copied",
        no_undo=BY_PEOPLE,
        acts="logstore {source_logstore}",
    ),
    Operation(
        number="7.2",
        title="Let that job write the target",
        call="a RAM role in the target's account, made by its people from docs/ram; named in the job",
        row="copy?, copy",
        does=("workflows.steps.history.by_service.body", "workflows.steps.history.question.green"),
        verify="workflows.steps.history.by_service.copied",
        no_undo=BY_PEOPLE,
        acts="logstore {target_logstore}",
    ),
    Operation(
        number="7.3",
        title="Or let it write by an access key",
        call="keys in the job's own configuration",
        missing="the keys would lie readable in the job; without roles the copier of 7.7 copies all, "
        "with the accounts that the bot has anyhow",
        unverified="nothing does it",
        no_undo="nothing does it",
        acts="logstore {target_logstore}",
    ),
    Operation(
        number="7.4",
        title="Create the copying job",
        call="create_etl: no script, one sink, from and to by receive time",
        row="copy",
        does=("workflows.steps.history.by_service.copy",),
        verify="workflows.steps.history.by_service.copied",
        undo="workflows.steps.history.by_service.delete",
        acts=STORES,
    ),
    Operation(
        number="7.5",
        title="Watch it run",
        call="get_etl",
        row="copy",
        does=("workflows.steps.history.by_service.copied",),
        verify="workflows.steps.history.by_service.copied",
        no_undo="it only looks",
        acts="logstore {source_logstore}",
    ),
    Operation(
        number="7.6",
        title="Compare the copied minutes",
        call="pull_logs on both sides",
        row="compare",
        does=("workflows.steps.history.compare.equal",),
        verify="workflows.proof.verdict.judged",
        no_undo="it only looks",
        acts=STORES,
    ),
    Operation(
        number="7.7",
        title="Find the seam between old and new lines",
        call="pull_logs around the target's first lines; put_logs of what the target lacks behind it",
        row="past, seam",
        does=("workflows.steps.history.past.look", "workflows.steps.history.seam.copy"),
        verify="workflows.steps.history.seam.copied",
        no_undo="a line that is written cannot be taken out of a logstore",
        acts=STORES,
    ),
)
