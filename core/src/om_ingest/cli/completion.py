"""What a shell offers when TAB is pressed: commands, options, sources, sinks, keys, runs, files.

The shell starts `om-ingest` with variables that hold the words typed so far (typer's protocol).
A connector is imported only for the keys of its config, and only if it was named. Nothing but
the offers is ever printed, also by child processes of a connector, and nothing after 5 s.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import typer

from om_ingest.errors import WorkflowError

VARIABLE = "_OM_INGEST_COMPLETE"
"""Set by the shell; its value tells which shell asks."""

_FILES = (".yaml", ".yml", ".toml", ".json", ".jsonl")
"""What `run` takes: workflow files and recordings."""

_NAMES_SOURCE = rb"""(?m)(?:^|[{,]\s*)["']?source["']?\s*[:=.]|^\[source\b"""
"""What a workflow file has, at its top level or nearly so."""

_SCHEMA = ".schema.json"
_BEGINNING_BYTES = 65_536

_PATIENCE_S = 5
"""As long a shell waits for a connector whose keys are asked for."""

_BREAKS = ":="
"""Where bash divides words, among others: it replaces only what stands after them."""


def answer(build: Callable[[Sequence[str]], typer.Typer]) -> None:
    """Print what can come next, and end the process. An error is no answer, nor is a long wait."""
    shell, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    # Its thread needs no turn of Python's: also code in C that never returns is ended.
    faulthandler.dump_traceback_later(_PATIENCE_S, exit=True, file=nowhere)
    for number in (1, 2):
        os.dup2(nowhere, number)
    is_bash = os.environ[VARIABLE].endswith("_bash")
    replaced = _join_words() if is_bash else ""
    offers, code = io.StringIO(), 1
    try:
        with contextlib.redirect_stdout(offers):
            build(_typed())(prog_name="om-ingest")
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except Exception:  # noqa: BLE001  # whatever it is: nobody asked for it while typing
        offers = io.StringIO()
    lines = offers.getvalue().splitlines()
    if is_bash:
        lines = [line.removeprefix(replaced) for line in lines]
        if len(lines) == 1 and lines[0].endswith(tuple(_BREAKS)):
            lines.append(f"{lines[0]}VALUE")  # a single offer would get a space behind it
    with os.fdopen(shell, "w", encoding=sys.stdout.encoding, errors="replace") as out:
        out.writelines(f"{line}\n" for line in lines)
    sys.exit(code)


@contextlib.contextmanager
def installing(arguments: Sequence[str]) -> Iterator[None]:
    """Turn what typer raises for a file that it cannot write into a `WorkflowError`."""
    try:
        yield
    except OSError as error:
        if "--install-completion" not in arguments:
            raise
        raise WorkflowError(
            f"Cannot install completion: {error}",
            "Make its folder writable, or put there what --show-completion prints.",
        ) from None


def sources(incomplete: str) -> list[str]:
    """Names of installed sources, of their distribution too where two claim one."""
    from om_ingest import registry
    from om_ingest.host.hooks import Hooks

    with _folders_added():
        return [
            f"{source.distribution}:{source.name}"
            if source.status == registry.CONFLICT
            else source.name
            for source in Hooks().sources()
        ]


def service_types(incomplete: str) -> list[str]:
    """The families of services that sources may be of."""
    from om_ingest import namespace

    return list(namespace.SERVICE_TYPES)


def targets(incomplete: str) -> list[str]:
    """Sources, and the workflow files and recordings here; the shell knows those elsewhere."""
    if os.sep in incomplete:
        return []
    files = (entry for entry in os.scandir() if entry.name.startswith(incomplete))
    return sources(incomplete) + sorted(entry.name for entry in files if _is_target(entry))


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids of the last runs of a folder, as short as `om-ingest runs` prints them."""
    from om_ingest.workflow import journal, kept_run

    above = ctx.parent.params if ctx.parent else {}
    folder = Path(ctx.params.get("state") or above.get("state") or Path.cwd())
    return kept_run.shortened([run.run_id for run in journal.runs_in(folder)])


def sinks(incomplete: str) -> list[str]:
    """Names of sinks, with the colon before their value; what follows it are files."""
    from om_ingest import registry

    names = [plugin.name for plugin in registry.installed_plugins() if plugin.kind == "sink"]
    return [name if name == "console" else f"{name}:" for name in names]


def keys(incomplete: str) -> list[tuple[str, str]]:
    """The keys that the config of the named source has; what follows them may be files."""
    from om_ingest.host import loading
    from om_ingest.host.hooks import Hooks
    from om_ingest.manual import describe
    from om_ingest.masking import Redactor
    from om_ingest.run.printing import prints_to_stderr

    if "=" in incomplete:
        return []
    known = set(sources(""))
    named = [word for word in _typed() if word in known]
    if not named:
        return []
    with prints_to_stderr(Redactor()), _folders_added():
        hooks = Hooks()
        source = loading.source_class(hooks.find_source(named[0]), hooks)
        config = loading.config_class(source)
    if config is None:
        return []
    return [(f"{field.name}=", field.meaning) for field in describe.fields(config)]


def _folders_added() -> contextlib.AbstractContextManager[None]:
    """Find code in the folders of the options `--path` that have been typed."""
    from om_ingest.host import folders
    from om_ingest.registry import AllowList

    words = _typed()
    given = [word.removeprefix("--path=") for word in words if word.startswith("--path=")]
    given += [folder for word, folder in itertools.pairwise(words) if word == "--path"]
    return folders.added(filter(None, given), AllowList.from_environment())


def _is_target(entry: os.DirEntry[str]) -> bool:
    """Whether a file is a recording, or names a source near its beginning."""
    name = entry.name
    if name.startswith(".") or not name.endswith(_FILES) or name.endswith(_SCHEMA):
        return False
    with contextlib.suppress(OSError):
        if not entry.is_file():  # a pipe would be waited for
            return False
        with Path(entry.path).open("rb") as file:
            text = file.read(_BEGINNING_BYTES)
        return name.endswith(".jsonl") or bool(re.search(_NAMES_SOURCE, text))
    return False


def _typed() -> list[str]:
    """The words that have been typed so far, without the program."""
    line = os.environ.get("_TYPER_COMPLETE_ARGS")
    words = os.environ.get("COMP_WORDS", "").split("\n") if line is None else line.split()
    return words[1:]


def _join_words() -> str:
    """Put together the words that bash has divided; what of the last one it will not replace."""
    place = int(os.environ.get("COMP_CWORD", "0"))
    divided = os.environ.get("COMP_WORDS", "").split("\n")[: place + 1]
    words: list[str] = []
    for word in divided:
        is_break = bool(word) and not word.strip(_BREAKS)
        if words and (is_break or words[-1].endswith(tuple(_BREAKS))):
            words[-1] += word
        else:
            words.append(word)
    os.environ["COMP_WORDS"] = "\n".join(words)
    os.environ["COMP_CWORD"] = str(len(words) - 1)
    last, whole = divided[-1], words[-1]
    return whole if not last.strip(_BREAKS) else whole.removesuffix(last)
