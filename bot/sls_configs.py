"""Collection configs of both forms, and what is applied to which machine group."""

from __future__ import annotations

from typing import Any

from aliyun.log import LogException

from bot.sls_calls import Parts, SlsCalls, facts, safe, unless
from bot.sls_errors import MISSING
from workflows.collection.forms import Form, form_of
from workflows.model import Facts

PATHS = {Form.CLASSIC: "configs", Form.PIPELINE: "pipelineconfigs"}
OTHER = {Form.CLASSIC: Form.PIPELINE, Form.PIPELINE: Form.CLASSIC}
BAD_REQUEST = 400


class SlsConfigs(SlsCalls):
    """Configs; the two forms have calls of their own and share one space of names."""

    def config(self, name: str, form: Form = Form.CLASSIC) -> Facts | None:
        with self._doing("reading config", safe(name)):
            found = self._of_form(form, name, lambda path: facts(self._send("GET", path)))
        return found if found is None or form_of(found) is form else None

    def create_config(self, body: Facts) -> None:
        path = (PATHS[form_of(body)],)
        self._create("config", safe(body["configName"]), path, body)

    def delete_config(self, name: str, form: Form = Form.CLASSIC) -> None:
        with self._doing("deleting config", safe(name)):
            self._of_form(form, name, lambda path: self._send("DELETE", path))

    def configs(self, logstore: str = "") -> tuple[tuple[str, Form], ...]:
        asked = {"logstoreName": safe(logstore)} if logstore else {}
        forms: dict[str, Form] = {}
        for form, path in PATHS.items():  # one that both lists showed is a pipeline
            found = self._names(f"{form} configs", path, "configs", **asked)
            forms |= dict.fromkeys(found, form)
        return tuple(sorted(forms.items(), key=lambda item: (item[1], item[0])))

    def apply(self, config: str, group: str) -> None:
        where = (self.name, safe(config), safe(group))
        with self._doing(f"applying config {config} to", group):
            self.client.apply_config_to_machine_group(*where)

    def remove(self, config: str, group: str) -> None:
        where = (self.name, safe(config), safe(group))
        with self._doing(f"removing config {config} from", group):
            unless(MISSING, lambda: self.client.remove_config_to_machine_group(*where))

    def groups_of(self, config: str) -> tuple[str, ...]:
        def call() -> Any:
            return self.client.get_config_applied_machine_groups(self.name, safe(config))

        with self._doing("listing the machine groups of config", config):
            found = unless(MISSING, call)
            return tuple(found.get_machine_groups()) if found else ()

    def configs_of(self, group: str) -> tuple[str, ...]:
        def call() -> Any:
            return self.client.get_machine_group_applied_configs(self.name, safe(group))

        with self._doing("listing the configs of machine group", group):
            found = unless(MISSING, call)
            return tuple(found.get_configs()) if found else ()

    def _of_form(self, form: Form, name: str, call: Any) -> Any:
        """What the call answers, or None where there is no such config of that form.

        No source says what the calls of one form answer for a config of the other: whatever 400 it
        is, it means that if the other form's calls know the config.
        """
        try:
            return unless(MISSING, lambda: call((PATHS[form], name)))
        except LogException as error:
            if error.resp_status != BAD_REQUEST or not self._is_of(OTHER[form], name):
                raise
            return None

    def _is_of(self, form: Form, name: str) -> bool:
        path: Parts = (PATHS[form], name)
        found = unless(MISSING, lambda: facts(self._send("GET", path)))
        return found is not None and form_of(found) is form
