"""Pipelines: their tasks, their runs, and tables that they fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.generated.schema.entity.data.pipeline import Pipeline, PipelineStatus, Task
from metadata.generated.schema.type.usageRequest import UsageRequest

from driver.kinds import fqn_of, make
from driver.scene import Scene

DAY = 86_400_000
FIRST = 1_700_000_000_000
"""When the first run was, in milliseconds."""


def plays(scene: Scene) -> dict[str, Callable[[], Pipelines]]:
    """One pipeline."""
    return {"pipelines": lambda: Pipelines(scene)}


def status(timestamp: int, outcome: str) -> PipelineStatus:
    """A run of the pipeline with one task."""
    return PipelineStatus.model_validate(
        {
            "timestamp": timestamp,
            "executionStatus": outcome,
            "taskStatus": [{"name": "extract", "executionStatus": outcome}],
        }
    )


class Pipelines:
    """The calls of the client that are about one pipeline."""

    def __init__(self, scene: Scene) -> None:
        self.client = scene.client
        self.pipeline: Pipeline = make(self.client, Pipeline, "pipe.lines")
        self.fqn = fqn_of(self.pipeline)

    def _now(self, *fields: str) -> Any:
        return self.client.get_by_name(Pipeline, self.fqn, fields=list(fields))

    def status_added(self) -> list[Any]:
        """The latest run in the answer: the later one, whichever was sent last."""
        latest = []
        for timestamp, outcome in ((FIRST + DAY, "Failed"), (FIRST, "Successful")):
            answer = self.client.add_pipeline_status(self.fqn, status(timestamp, outcome))
            latest.append(answer.pipelineStatus.executionStatus.value)
        return latest

    def statuses_added(self) -> Any:
        runs = [status(FIRST + day * DAY, "Successful") for day in (2, 3)]
        answer = self.client.add_bulk_pipeline_status(self.fqn, runs)
        return answer.pipelineStatus.timestamp.root

    def status_corrected(self) -> str:
        """A run that is sent again replaces itself."""
        self.client.add_pipeline_status(self.fqn, status(FIRST + DAY, "Successful"))
        (found,) = self.client.list_pipeline_statuses(self.fqn, FIRST + DAY, FIRST + DAY)
        return found.executionStatus.value

    def statuses_listed(self) -> dict[str, list[int]]:
        listed = self.client.list_pipeline_statuses
        every = listed(self.fqn, FIRST, FIRST + 9 * DAY)
        some = listed(self.fqn, FIRST + DAY, FIRST + 2 * DAY)
        one = listed(self.fqn, FIRST, FIRST + 9 * DAY, limit=1)
        named = {"every": every, "some": some, "one": one}
        return {
            name: sorted((each.timestamp.root - FIRST) // DAY for each in statuses)
            for name, statuses in named.items()
        }

    def status_read(self) -> Any:
        return self._now("pipelineStatus").pipelineStatus.timestamp.root

    def tasks(self) -> list[list[str]]:
        """With a task more, and with only that one."""
        added = Task(name="load", downstreamTasks=[])
        self.client.add_task_to_pipeline(self._now("tasks"), added)
        more = sorted(task.name for task in self._now("tasks").tasks)
        self.client.clean_pipeline_tasks(self._now("tasks"), ["load"])
        return [more, [task.name for task in self._now("tasks").tasks]]

    def usage(self) -> int:
        for count in (4, 6):
            request = UsageRequest(date="2024-05-01", count=count)
            self.client.publish_pipeline_usage(self.pipeline, request)
        return self._now("usageSummary").usageSummary.dailyStats.count
