"""The monitors of a project as they are in other environments and with other variables, each built once."""

from collections.abc import Mapping

from ddguard.model import Json, Monitor, Scalar
from ddguard.spec.build import Built, build
from ddguard.spec.load import Specs
from ddguard.spec.project import Variables, chosen_environment


class Variants:
    """Builds the monitors that tests ask for, and keeps each for the next test that asks for the same."""

    def __init__(self, specs: Specs) -> None:
        self.specs = specs
        self._own = {monitor.id: monitor for monitor in specs.monitors}
        self._documents = {one.value.get("id"): one for one in specs.documents if _is_monitor(one.value)}
        self._variables: dict[str, Variables] = {}
        self._built: dict[tuple[str, str], Built] = {}

    def monitor(self, name: str, environment: str | None, variables: Mapping[str, Scalar]) -> Monitor | Built | None:
        """The monitor of that id; what came instead if it has mistakes with these variables, None if there is none.

        Without an environment it is the run's own. Variables that don't fit are a UsageError.
        """
        if environment is None and not variables and name in self._own:
            return self._own[name]
        document = self._documents.get(name)
        if document is None:
            return None
        chosen = repr((environment, sorted(variables.items())))
        if (name, chosen) not in self._built:
            if chosen not in self._variables:
                self._variables[chosen] = self._chosen(environment, variables)
            self._built[name, chosen] = build(document, self.specs.project, self._variables[chosen])
        built = self._built[name, chosen]
        return built.spec if isinstance(built.spec, Monitor) else built

    def _chosen(self, name: str | None, variables: Mapping[str, Scalar]) -> Variables:
        specs = self.specs
        environment = specs.environment if name is None else chosen_environment(specs.project, name)
        return Variables(specs.project, environment, specs.given, specs.from_process, variables)


def _is_monitor(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("id"), str) and value.get("kind", "monitor") == "monitor"
