"""What the service's SQL says of lines."""

from __future__ import annotations

from collections.abc import Mapping

from bot.sls_calls import SlsCalls, safe
from workflows.errors import NotYet, StepFailed


class SlsSql(SlsCalls):
    """Questions of the form `<search> | <SQL>`; they need an index with analytics."""

    def ask(self, logstore: str, start: int, end: int, query: str) -> tuple[Mapping[str, str], ...]:
        """Of lines with start <= __time__ < end; every value is a text, `null` what is missing.

        Raises StepFailed for an answer that the service calls inaccurate.
        """
        with self._doing("asking about lines of logstore", logstore):
            found = self.client.get_log(self.name, safe(logstore), start, end, query=query)
            if found.get_meta().get_is_accurate() is False:
                raise StepFailed(
                    f"{self.side}: the service's SQL read only some of the lines of {logstore}",
                    'Set engine = "pull" in [proof].',
                )
            if found.is_completed():
                return tuple({str(k): str(v) for k, v in row.contents.items()}
                             for row in found.get_logs())  # fmt: skip
        raise NotYet(f"what was asked of logstore {logstore} is not complete yet")
