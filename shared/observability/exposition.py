"""Several registries as one text for Prometheus: each sample says whose it is."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.samples import Sample

# When each series began is one more series each, which nobody asks for.
NOISE = "_created"


class Together:
    """The registries of a process's services, merged by name; the nameless one is the process's own."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterable[Metric]:
        """Each family once, with the samples of all services."""
        families: dict[str, Metric] = {}
        for service, registry in self._registries.items():
            for found in registry.collect():
                family = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
                family.samples += [_owned(each, service) for each in found.samples if not each.name.endswith(NOISE)]
        return families.values()


def _owned(sample: Sample, service: str) -> Sample:
    return sample._replace(labels={"service": service, **sample.labels}) if service else sample


def exposition(registries: Mapping[str, CollectorRegistry]) -> bytes:
    """The text of a scrape."""
    return generate_latest(Together(registries))
