"""Phase 0: look at everything, keep it, and say what would be done. Nothing is changed."""

from __future__ import annotations

from workflows.operations.operation import Operation

LOOKED = "it only looks"

DISCOVER = (
    Operation(
        number="0.1",
        title="Find every config of both forms that feeds the logstore",
        call="list_logtail_config, get_logtail_config; list_/get_logtail_pipeline_config",
        row="source",
        does=("workflows.steps.discovery.discover", "bot.sls.SlsProject.configs"),
        verify="workflows.steps.source.told",
        no_undo=LOOKED,
        acts="configs {source_configs} of project {source_project}, logstore {source_logstore}",
        body="source.found.configs",
    ),
    Operation(
        number="0.2",
        title="Find the machine groups, their hosts and the agents' versions",
        call="get_config_applied_machine_groups, get_machine_group, list_machines; a look over SSH",
        row="hosts",
        does=("workflows.steps.discovery.discover", "workflows.steps.roster.look"),
        verify="workflows.steps.roster.told",
        no_undo=LOOKED,
        acts="machine groups {source_groups}, hosts {hosts}",
        body="source.found.groups",
    ),
    Operation(
        number="0.3",
        title="Read logstore, shards and index on both sides",
        call="get_logstore, list_shards, get_index_config, as raw JSON",
        row="source",
        does=("workflows.steps.discovery.discover", "workflows.steps.discovery.there"),
        verify="workflows.steps.source.told",
        no_undo=LOOKED,
        acts="logstore {source_logstore} of {source_project}, {target_logstore} of {target_project}",
        body="source.found.logstore",
    ),
    Operation(
        number="0.4",
        title="Look for conflicts and limits",
        call="list_machine_group, list_logstore, both config lists; no call of its own for the rest",
        row="source",
        does=("workflows.lint.everything.lint", "workflows.collection.compare.differences"),
        verify="workflows.steps.source.told",
        no_undo=LOOKED,
        acts="names and paths of {target_project}",
        body="source.findings",
    ),
    Operation(
        number="0.5",
        title="Keep what was before, encrypted, with the job",
        call="one write to Redis per step, before the step changes anything",
        row="every row",
        does=("workflows.engine.Engine.advance", "bot.wire.pack_job"),
        verify="bot.wire.unpack_job",
        no_undo="the snapshots are what a roll back works from; they go with the job",
        acts="job of {app}",
    ),
    Operation(
        number="0.6",
        title="Draw the plan and name it by a digest",
        call="none that writes",
        row="plan",
        does=("workflows.planning.draw",),
        verify="workflows.planning.Drawn.digest",
        no_undo="it changes nothing",
        acts="{app}",
    ),
)
