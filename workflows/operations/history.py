"""Phase 7: the lines from before the move."""

from __future__ import annotations

from workflows.operations.operation import Operation

NOT_YET = "nothing does it yet"
MISSING = "old lines are not copied: they stay in the source until their time to live ends"


def _missing(number: str, title: str, call: str) -> Operation:
    return Operation(
        number=number,
        title=title,
        call=call,
        missing=MISSING,
        unverified=NOT_YET,
        no_undo=NOT_YET,
        acts="logstores {source_logstore} and {target_logstore}",
    )


HISTORY = (
    _missing("7.1", "Let a job read the source", "a RAM role in the source's account"),
    _missing("7.2", "Let that job write the target", "a RAM role in the target's account"),
    _missing("7.3", "Or let it write by an access key", "keys in the job's own configuration"),
    _missing("7.4", "Create the copying job", "create_etl"),
    _missing("7.5", "Watch it run", "get_etl, the source's diagnostic log"),
    _missing("7.6", "Compare the copied minutes", "5.3 over the past"),
    _missing("7.7", "Find the seam between old and new lines", "the first lines of the target"),
)
