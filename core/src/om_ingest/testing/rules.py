"""What the contract wants of a source: one rule per check, and the page that explains it.

The reference page is generated from `RULES`; each check of `SourceSuite` has its docstring
and the end of its failure message from here.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE = "reference/contract.md"
"""The page of the documentation that holds one section per rule."""


@dataclass(frozen=True)
class Rule:
    """One thing that the contract wants of a source."""

    key: str
    """Its name: `SourceSuite.test_<key>` checks it, with `_` for `-`."""

    wants: str
    """What the contract wants, as one or two sentences."""

    why: str
    """What goes wrong for users otherwise."""

    how: str
    """How `SourceSuite` finds out."""

    @property
    def check(self) -> str:
        """Name of the check."""
        return "test_" + self.key.replace("-", "_")

    @property
    def place(self) -> str:
        """Where the rule is explained."""
        return f"{PAGE}#{self.key}"


INSTALLATION = (
    Rule(
        "entry-point",
        "An entry point of the group metadata.ingestion.source leads to the class.",
        "Users list and run a source by that name; nothing else has to be configured.",
        "Looks for an entry point that leads to the class, and imports the class by its name.",
    ),
    Rule(
        "shared-levels",
        "The distribution ships no file in metadata, metadata/ingestion, "
        "metadata/ingestion/source or metadata/ingestion/source/<service type>.",
        "These folders belong to all connectors: an __init__.py there hides the others.",
        "Reads the distribution's RECORD, or the project folder of an editable installation.",
    ),
    Rule(
        "quiet-import",
        "Importing the connector's module prints nothing, connects to nothing, sets up no "
        "logging and leaves the working directory alone.",
        "Looking at a connector must not have effects; output and logging are the user's.",
        "Imports the class in a child process in an empty folder, and watches it there.",
    ),
    Rule(
        "quick-import",
        "Importing the connector's module takes less than a second.",
        "Every command that needs the class waits for it: import heavy libraries in `prepare`.",
        "Times the import in a child process, less its waits for a processor; the best of three.",
    ),
    Rule(
        "runs-by-name",
        "`om-ingest run NAME` delivers every record into a catalog.",
        "That is how users run it: in a process of its own, found by its entry point.",
        "Runs the real command in a child process into a temporary catalog.",
    ),
)

CONFIG = (
    Rule(
        "config-documented",
        "Every field of the config model has a docstring, those of nested models too.",
        "It is what `om-ingest show`, editors and the connector's page tell about the key.",
        "Reads the descriptions of the model's fields.",
    ),
    Rule(
        "unknown-key-refused",
        "`create` refuses a key that it does not know with a WorkflowError naming the key.",
        "A typing error that is ignored runs with a default that nobody wanted.",
        "Creates the source with one key too many.",
    ),
    Rule(
        "wrong-value-refused",
        "`create` refuses a required key that is missing, and a value of a wrong type, with a "
        "WorkflowError naming the key.",
        "The owner of the file learns line and key before anything is touched.",
        "Leaves out each required key, and gives each key a value that its type excludes.",
    ),
    Rule(
        "config-left-alone",
        "`create` does not change the dictionary that holds its config.",
        "The host creates a source more than once from one config.",
        "Compares the dictionary before and after.",
    ),
    Rule(
        "secrets-hidden",
        "The value of a SecretStr field appears in no repr, status, log line, print, error or "
        "record.",
        "All of these are stored and passed on by people who must not know it.",
        "Looks for the secrets of `config` in everything that a run left behind.",
    ),
)

LIFE_CYCLE = (
    Rule(
        "creates",
        "`create` returns a source, without reading or writing entities.",
        "`om-ingest check` creates a source to check its config, and touches nothing.",
        "Creates the source from `config`, with a `ctx.metadata` that cannot be used yet.",
    ),
    Rule(
        "create-stays-local",
        "`create` opens no connection; `prepare` does.",
        "`om-ingest check` and editors create sources where there is no network.",
        "Creates the source in a child process, and watches its sockets there.",
    ),
    Rule(
        "prepared-once",
        "`prepare` is called by the host, once, and not by the source itself.",
        "A second connection is never closed.",
        "Counts the calls in a whole run.",
    ),
    Rule(
        "closed-once",
        "`close` is called by the host, once, and not by the source itself; it does not raise.",
        "A run whose data all arrived would be reported as failed.",
        "Counts the calls in a whole run.",
    ),
    Rule(
        "closed-after-failure",
        "`close` works whatever happened before: no `prepare`, no record, a failure midway, an "
        "interrupt.",
        "Otherwise its error hides the one that matters, and connections stay open.",
        "Ends the source's life at each of these points, and closes it.",
    ),
    Rule(
        "stops-at-limit",
        "The generator ends when it is closed after some records, without yielding again or "
        "raising.",
        "`--limit` and a sink that takes no more end a run so.",
        "Closes the generator after the first, the middle and the last record.",
    ),
    Rule(
        "stops-when-cancelled",
        "The source comes to an end soon after `ctx.cancelled` is set.",
        "A source that waits or polls must look at it, or the run cannot be stopped.",
        "Sets it after the first record, and reads on.",
    ),
    Rule(
        "lets-interrupts-through",
        "An interrupt that is raised inside the source comes out of it.",
        "Ctrl-C arrives so; `except BaseException` and a bare `except` swallow it.",
        "Raises one where the source waits after a record: the first, the middle and the last.",
    ),
    Rule(
        "status-makes-sense",
        "`get_status` returns a SourceStatus whose counts are whole numbers from 0 on, also if "
        "the source was never prepared.",
        "The exit code and the report of a run are computed from it.",
        "Asks for it after a whole run, and after `create` alone.",
    ),
    Rule(
        "status-stays-small",
        "The status keeps at most `sample_count` notes of each sort.",
        "Nothing that grows with the data stays in memory; the counts are exact anyway.",
        "Counts the notes after a whole run. Use the methods of the status to add notes.",
    ),
    Rule(
        "prints-nothing",
        "The source prints nothing to standard output.",
        "Standard output belongs to the records of a sink; log with `ctx.logger`.",
        "Keeps what is printed during a whole run.",
    ),
)

RECORDS = (
    Rule(
        "returns-iterator",
        "`next_record` is a generator, or returns another iterator; never None, a list or a "
        "single value.",
        "A finished list has to fit into memory, and delays the first record to the end.",
        "Looks at what `next_record` returns.",
    ),
    Rule(
        "reads-to-the-end",
        "With the config given, `prepare` and `next_record` come to an end without an error.",
        "The other checks of records see only what comes before.",
        "Reads every record. What cannot be read belongs into `status.failure`.",
    ),
    Rule(
        "lazy",
        "The first record comes before the last one is built.",
        "Progress, memory and what is saved after an error all depend on it.",
        "Counts the records in memory when the first one arrives.",
    ),
    Rule(
        "memory-flat",
        "The source does not keep the records that it has yielded.",
        "A run of a million tables has to fit into the memory of a run of a thousand.",
        "Counts the earlier records that are still in memory when the last one arrives.",
    ),
    Rule(
        "bare-records",
        "Each thing yielded is a create request of om_ingest.model, an Add…Request such as "
        "AddLineageRequest, or a ScopeComplete; no wrapper, tuple, None or dict.",
        "The host counts everything else as a failed record.",
        "Looks at the type of everything that is yielded.",
    ),
    Rule(
        "records-valid",
        "Each record is valid by the rules of OpenMetadata.",
        "A server refuses it, and the run is failed.",
        "Checks each record once more, and writes it into a catalog that knows the rules.",
    ),
    Rule(
        "names-legal",
        "Names have 1 to 256 characters, no '::' and no line break; those of columns are not "
        "empty.",
        "OpenMetadata stores no others. Rewrite the name, or report it with `status.failure`.",
        "Looks at each name, and at what the models say while they are built.",
    ),
    Rule(
        "parents-first",
        "What a record refers to - parent, owner, tag, end of lineage - is yielded before it.",
        "A sink cannot store a child without its parent: it is set aside as failed.",
        "Writes each record as it comes into an empty catalog.",
    ),
    Rule(
        "records-left-alone",
        "A record is not changed, and not yielded again, after it was yielded.",
        "It may be delivered later: what it said at first would be lost.",
        "Compares each record at the end with what it was when it came.",
    ),
    Rule(
        "scopes-own",
        "ScopeComplete names a scope that was yielded in this run, after everything in it.",
        "A sink may treat what did not come as deleted: somebody else's, or what comes late.",
        "Compares each scope with the records before and after it.",
    ),
    Rule(
        "same-twice",
        "Two sources with the same config, over the same data, yield the same records in the "
        "same order.",
        "What differs looks like a change: every run would make new versions of everything.",
        "Reads with two fresh instances, and compares what would be sent.",
    ),
    Rule(
        "golden",
        "The records are those in the golden file.",
        "A change of what the connector delivers is seen in review, not by its users.",
        "Compares line by line; `pytest --update-golden` writes the file.",
    ),
)

DELIVERY = (
    Rule(
        "counts-add-up",
        "A run delivers as many records as the source yields: yielded = written + unchanged + "
        "filtered + failed, in each run.",
        "A record that is lost without a word is the worst of all failures.",
        "Runs the real pipeline, and compares its counts with a reading before.",
    ),
    Rule(
        "survives-slow-sink",
        "A sink that takes its time does not disturb the source.",
        "Servers pause; what was open before has to be open after.",
        "Pauses between two records of a run.",
    ),
    Rule(
        "survives-refusals",
        "A sink that refuses records does not break the source: at most it raises an "
        "OmIngestError.",
        "`ctx.metadata.get_by_name` is None for what was refused: a traceback explains nothing.",
        "Runs it against a sink that refuses every record.",
    ),
    Rule(
        "survives-stopped-sink",
        "When the sink takes no more, the source ends, and does not try again or hide the error.",
        "The run would hang, or be reported as something else.",
        "Runs it against a sink that fails for good.",
    ),
)

RULES: dict[str, Rule] = {
    rule.key: rule for rule in (*INSTALLATION, *CONFIG, *LIFE_CYCLE, *RECORDS, *DELIVERY)
}
"""Every rule by its key, in the order of the reference page."""
