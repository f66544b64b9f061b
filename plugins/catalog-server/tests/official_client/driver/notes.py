"""What was seen, step by step; a step that fails does not hide the others."""

from __future__ import annotations

import enum
import traceback
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel


def jsonable(value: object) -> Any:
    """A value of the client's models as JSON."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True, by_alias=True)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


class NoteBook:
    """Plays scenarios: objects whose public methods are steps, taken in the order of the class."""

    def __init__(self) -> None:
        self.notes: dict[str, dict[str, dict[str, Any]]] = {}
        """Scenario -> step -> `{"value": ...}` or `{"error": traceback}`."""

    def play(self, name: str, begin: Callable[[], object]) -> None:
        """Take every step of a scenario; one that cannot begin leaves a note of that instead."""
        notes = self.notes[name] = {}
        try:
            scenario = begin()
        except Exception:  # noqa: BLE001  # whatever it is, a test shows it
            notes["begin"] = {"error": traceback.format_exc()}
            return
        for step, method in vars(type(scenario)).items():
            if callable(method) and not step.startswith("_"):
                try:
                    notes[step] = {"value": getattr(scenario, step)()}
                except Exception:  # noqa: BLE001  # whatever it is, a test shows it
                    notes[step] = {"error": traceback.format_exc()}
