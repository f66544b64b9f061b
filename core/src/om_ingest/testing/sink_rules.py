"""What the contract wants of a sink: one rule per check of `SinkSuite`."""

from __future__ import annotations

from om_ingest.testing.rules import Rule

PAGE = "reference/sinks.md"
"""The page of the documentation that holds one section per rule."""

SINK_RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule(
            "entry-point",
            "An entry point of the group om_ingest.sink leads to the class.",
            "Users name the sink in `--sink` and in workflow files; nothing else is configured.",
            "Looks for an entry point that leads to the class, and loads it by its name.",
            PAGE,
        ),
        Rule(
            "creates",
            "`create` returns a sink and touches nothing: no file, and not its own config.",
            "`om-ingest check` and dry runs create a sink that must not change its target.",
            "Creates the sink in an empty folder; compares folder and config before and after.",
            PAGE,
        ),
        Rule(
            "unknown-key-refused",
            "`create` refuses a key that it does not know with a WorkflowError naming the key.",
            "A typing error that is ignored runs with a default that nobody wanted.",
            "Creates the sink with one key too many.",
            PAGE,
        ),
        Rule(
            "check-changes-nothing",
            "`check` succeeds where `prepare` would, and changes nothing.",
            "`om-ingest check` runs it against targets that are in use.",
            "Calls it in an empty folder and after a run; compares the files before and after.",
            PAGE,
        ),
        Rule(
            "opens",
            "`prepare` opens the target, and opens it again after an earlier run.",
            "Every run but the first meets the target that an earlier run has left.",
            "Prepares and closes two sinks with the same config, one after the other.",
            PAGE,
        ),
        Rule(
            "target-is-one-line",
            "`target` is one line of text, known after `create`, without a secret of the config.",
            "It is printed, reported and kept in the journal.",
            "Reads it before and after `prepare`, and looks for the secrets of `config` in it and "
            "in the sink's repr.",
            PAGE,
        ),
        Rule(
            "settles-once",
            "`write` and `flush` return exactly one WriteResult for each record, which holds the "
            "very object that was handed over.",
            "Counts of a run add up only so; a record without a result is reported as lost.",
            "Writes two batches, flushes, and compares results and records by identity.",
            PAGE,
        ),
        Rule(
            "flush-settles-all",
            "After `flush` no result is outstanding.",
            "A source reads back what it has yielded; at the end of a run nobody asks again.",
            "Flushes once more after a run, and expects no further result.",
            PAGE,
        ),
        Rule(
            "failed-is-a-result",
            "A record that the target refuses is Outcome.FAILED with a reason in one line; `write` "
            "does not raise, and the other records arrive.",
            "One bad record must not end a run of a million.",
            "Writes a table whose schema is missing, among records that are valid.",
            PAGE,
        ),
        Rule(
            "records-left-alone",
            "The sink does not change the records.",
            "A record may be needed again: for the dead-letter file, or by the source.",
            "Compares each record before and after the run.",
            PAGE,
        ),
        Rule(
            "reads-back",
            "`store` returns what was written, after `flush_for` of that entity.",
            "Sources look up parents that they have just yielded.",
            "Reads a table back by its name after `flush_for`.",
            PAGE,
        ),
        Rule(
            "latest-version-wins",
            "Of two records for one entity, the later one is what is read back.",
            "Batches that overtake each other would leave the older content in the target.",
            "Writes a table twice before it flushes, the second time with one more column.",
            PAGE,
        ),
        Rule(
            "same-again-is-unchanged",
            "In a target that keeps what earlier runs delivered, writing the same records again "
            "creates and updates nothing.",
            "Every run would otherwise make a new version of everything.",
            "Writes the same records in a second run. Skipped where `existing` is None: such a "
            "target is written anew by each run.",
            PAGE,
        ),
        Rule(
            "finishes",
            "`finish` accepts a run that succeeded, failed or was interrupted.",
            "It is called however the run ended; an error in it hides the one that matters.",
            "Ends a run in each state.",
            PAGE,
        ),
        Rule(
            "closes-whatever-happened",
            "`close` does not raise: without `prepare`, after a `prepare` that failed, and with "
            "records that were never flushed.",
            "Otherwise its error hides the one that matters, and connections stay open.",
            "Closes a sink at each of these points; `broken_config` is what makes `prepare` fail.",
            PAGE,
        ),
        Rule(
            "survives-abort",
            "After a run that was cut off in the middle, the next run delivers everything.",
            "Runs are interrupted, and are repeated with the same target.",
            "Stops reading the results of `write`, closes the sink, and runs again.",
            PAGE,
        ),
    )
}
"""Every rule by its key, in the order of the reference page."""
