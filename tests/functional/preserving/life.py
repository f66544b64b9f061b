"""The life of a catalog: a first run, a person, two unchanged runs, a changed one, an override."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from om_ingest.kinds import KINDS

from tests.functional.preserving.cases import Case, cases
from tests.functional.preserving.expecting import Run, covers, losses, may_return
from tests.functional.preserving.person import edits, own
from tests.functional.preserving.targets import Snapshot, Target
from tests.functional.preserving.values import Body, Values, neighbours

OVERRIDING = 4
"""The last run, with `overrideMetadata`."""


class Life:
    """All of it, on one target; what went wrong is in `wrongs`, one line for each."""

    def __init__(
        self, target: Target, *, by_field: bool, kinds: Collection[str] = KINDS.keys()
    ) -> None:
        """`kinds` are those that the connector yields, with all above them."""
        self.target = target
        self.wrongs: list[str] = []
        self.warned: set[str] = set()
        """What runs have warned of."""
        target.put([made for made in neighbours() if target.has(KINDS[made.entity_type])])
        self.values = Values(_references(target.snapshot()).__getitem__)
        self.cases = [
            case
            for case in cases(self.values, by_field=by_field)
            if case.kind.entity_type in kinds and target.has(case.kind) and self._is_seen(case)
        ]

    def _is_seen(self, case: Case) -> bool:
        """Whether a change of the source is one for the target: not of what that cannot hold."""
        said, changed = (self.target.held(case.kind, told) for told in (case.said, case.changed))
        return case.said == case.changed or said != changed

    def live(self) -> list[str]:
        """What went wrong."""
        self._run(0)
        self._edit()
        before = self.target.snapshot()
        for number in (1, 2, 3, OVERRIDING):
            report = self._run(number)
            after = self.target.snapshot()
            self._compare(number, before, after)
            if number == 2 and report["records"]["unchanged"] != len(self.cases):
                self._note(number, "report", f"not all unchanged: {report['records']}")
            before = after
        return self.wrongs

    def come_back(self) -> list[str]:
        """What went wrong where everything that runs have made is deleted, and comes again."""
        self._run(0)
        self._edit()
        before = self.target.snapshot()
        for case in reversed(self.cases):
            if case.kind.soft_delete:
                self.target.delete(case.kind.entity_type, case.fqn)
        self._run(1)
        after = self.target.snapshot()
        for case in self.cases:
            old, new = before[_key(case)], after.get(_key(case), {})
            said = self.target.held(case.kind, case.said)
            if case.kind.soft_delete and not may_return(case, old):
                for field, wrong in losses(case, old, new, said, Run(False, False)):
                    self._note(1, f"{case} {field}", wrong)
        return self.wrongs

    def change_clients(self) -> list[str]:
        """What went wrong where another client, with fingerprints of its own, wrote the same."""
        self._run(0)
        for case in self.cases:
            if "sourceHash" in case.kind.request.model_fields:
                hashed = [{"op": "add", "path": "/sourceHash", "value": "another client's"}]
                self.target.patch(case.kind, case.fqn, hashed)
        before = self.target.snapshot()
        report = self._run(1)
        after = self.target.snapshot()
        for case in self.cases:
            self._same(1, str(case), before[_key(case)], after.get(_key(case), {}))
        if report["records"]["unchanged"] != len(self.cases):
            self._note(1, "report", f"not all unchanged: {report['records']}")
        return self.wrongs

    def _run(self, number: int) -> Body:
        said = [
            (case.kind.entity_type, case.changed if number >= 3 else case.said)
            for case in self.cases
        ]
        report = self.target.run(said, override=number == OVERRIDING)
        for sample in report["failures"]["samples"]:
            self._note(number, sample["key"], sample["reason"])
        self.warned |= {sample["key"] for sample in report["deliveryWarnings"]["samples"]}
        for error in report["errors"]:
            self._note(number, "report", error)
        return report

    def _edit(self) -> None:
        """The person sets everything; what is not there then is no case of these tests."""
        before = self.target.snapshot()
        self.cases = [case for case in self.cases if _key(case) in before]
        edited = [case for case in self.cases if case.has_person]
        patches = {
            case: list(self._held(case, edits(case, before[_key(case)], self.values)))
            for case in edited
        }
        for case in edited:
            self.target.patch(case.kind, case.fqn, patches[case])
            if case.variant == "minimal":
                self.target.like(case.kind, case.fqn)
        after = self.target.snapshot()
        for case in edited:
            shown = after[_key(case)]
            for operation in patches[case]:
                field = operation["path"][1:]
                if not covers(own(shown.get(field)), operation.get("value")):
                    self._note("person", f"{case} {field}", f"{shown.get(field)}")

    def _held(self, case: Case, operations: list[Body]) -> Iterator[Body]:
        """The operations that the target takes."""
        for operation in operations:
            field = operation["path"][1:]
            if "value" not in operation:
                yield operation
                continue
            kept = self.target.held(case.kind, {field: operation["value"]})
            if field in kept:
                yield {**operation, "value": kept[field]}

    def _compare(self, number: int, before: Snapshot, after: Snapshot) -> None:
        known = {_key(case) for case in self.cases}
        for case in self.cases:
            override = number == OVERRIDING
            said = self.target.held(case.kind, case.changed if number >= 3 else case.said)
            is_new = number == 3 and case.changed != case.said
            old, new = before[_key(case)], after.get(_key(case), {})
            how = Run(is_new, override)
            for field, wrong in losses(case, old, new, said, how):
                self._note(number, f"{case} {field}", wrong)
            if not is_new and not override and not (number == 1 and may_return(case, old)):
                self._same(number, str(case), old, new)
        for key in before.keys() - known:
            self._same(number, " ".join(key), before[key], after.get(key, {}))

    def _same(self, number: int, what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for field in ("version", "updatedAt"):
            if old.get(field) != new.get(field):
                change = {
                    part: [entry["name"] for entry in entries]
                    for part, entries in new.get("changeDescription", {}).items()
                    if isinstance(entries, list) and entries
                }
                self._note(
                    number, f"{what} {field}", f"{old.get(field)} -> {new.get(field)} {change}"
                )
                return

    def _note(self, number: int | str, what: str, wrong: str) -> None:
        self.wrongs.append(f"run {number}: {what}: {wrong}")


def _key(case: Case) -> tuple[str, str]:
    return case.kind.entity_type, case.fqn


def _references(snapshot: Snapshot) -> Mapping[tuple[str, str], Body]:
    """References to the neighbours by entity type and flavour."""

    def all_of_them() -> Iterator[tuple[tuple[str, str], Body]]:
        for (entity_type, fqn), body in snapshot.items():
            reference = {"id": body["id"], "type": entity_type, "fullyQualifiedName": fqn}
            yield (entity_type, body["name"].partition("-")[0]), reference

    return dict(all_of_them())
