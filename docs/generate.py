"""Fills the parts of pages that the product itself tells; mkdocs calls it as a hook.

A line of a page that is only a link to a file of the repository stays a link for those who read
the repository. On the site, what the link leads to stands in its place: a file of `examples/`,
the documentation of a class or function, or the table or list that the link's title names, as in
[`om-ingest --help`](../../core/src/om_ingest/cli/__init__.py "generated: commands"). Links between
pages are right in the repository, too; on the site they follow the pages of plugins.
"""

from __future__ import annotations

import inspect
import posixpath
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import compat
import om_ingest_testing as testing
import servers
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from om_ingest import cli, errors
from om_ingest.config.validation import models_in
from om_ingest.kinds import EDGE_POLICIES, KINDS, NOT_STORED, TWO_SIDED, Policy, policies
from om_ingest.manual import describe
from om_ingest.manual.model_schema import attribute_docstrings
from om_ingest.workflow import config
from pydantic import BaseModel
from tables import codes, meanings_in, prose, table
from typer.main import get_command

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
MANY_KINDS_COUNT = 8
COMPANION_COMMANDS = ("catalog", "lineage", "new", "serve")
LANGUAGES = {
    ".py": "python",
    ".sh": "sh",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".service": "ini",
    ".timer": "ini",
}
LINK = re.compile(r'^\[`([^`]+)`\]\((\.\./[^ )]+)(?: "([^"]+)")?\)$', re.MULTILINE)
PAGE_LINK = re.compile(r"(?<=\]\()(\.\./[^)#\s]+\.md)(?=[)#])")


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put into a page what its lines that are only links lead to.

    A file that does not exist, or an unknown name of a part, ends the build.
    """
    here = Path(page.file.abs_src_path or "")
    folder, place = here.parent, posixpath.dirname(_place(here))

    def shown(link: re.Match[str]) -> str:
        text, target, title = link.groups()
        path = (folder / target).resolve(strict=True)
        kind, _, name = (title or "").partition("generated: ")
        if name and not kind:
            return "\n".join(PARTS[name]())
        if path.is_relative_to(ROOT / "examples"):
            language = LANGUAGES.get(path.suffix, "text")
            content = path.read_text("utf-8").rstrip("\n")
            return f'```{language} title="{title or path.name}"\n{content}\n```'
        return f"::: {text}"

    def moved(link: re.Match[str]) -> str:
        target = _place((folder / link[0]).resolve(strict=True))
        return posixpath.relpath(target, place or ".")

    return PAGE_LINK.sub(moved, LINK.sub(shown, markdown))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of plugins: `plugins/NAME/docs` becomes `plugins/NAME` of the site."""
    for page in sorted(ROOT.glob("plugins/*/docs/**/*.md")):
        files.append(File.generated(config, _place(page), abs_src_path=str(page)))
    return files


def _place(page: Path) -> str:
    """Where a page of the repository stands on the site."""
    parts = page.relative_to(ROOT).parts
    return "/".join(part for part in parts if part != "docs")


def commands() -> Iterator[str]:
    """Every command of `om-ingest` with its arguments and options, and those of its companions."""
    whole: Any = get_command(cli.build(list(cli.COMMANDS)))
    found = {name: whole.commands[name] for name in cli.COMMANDS}
    for name in COMPANION_COMMANDS:
        contributed: Any = get_command(cli.build([name]))
        found[name] = contributed.commands[name]
    for name, command in found.items():
        yield from _command(command, f"om-ingest {name}")


def layers() -> Iterator[str]:
    """The layers of core, drawn from import-linter's configuration, the highest on top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (rows,) = (c["layers"] for c in contracts if c.get("containers") == ["om_ingest"])
    names = [re.findall(r"\w+", row) for row in rows]
    width, height, step = 720, 28, 38
    yield (
        f'<svg viewBox="0 0 {width} {step * len(names)}" role="img" style="max-width: 45rem"'
        ' aria-label="Layers of om_ingest" font-family="monospace" font-size="13">'
    )
    for row, boxes in enumerate(names):
        each = width / len(boxes)
        for column, name in enumerate(boxes):
            x, y = column * each + 2, row * step + 2
            yield (
                f'<rect x="{x:.0f}" y="{y}" width="{each - 4:.0f}" height="{height}" rx="4"'
                ' fill="none" stroke="currentColor"/>'
                f'<text x="{x + each / 2 - 2:.0f}" y="{y + 19}" fill="currentColor"'
                f' text-anchor="middle">{name}</text>'
            )
    yield "</svg>"


def _command(command: Any, path: str) -> Iterator[str]:
    context = command.make_context(path, [], resilient_parsing=True)
    yield from (f"## `{path}`", "", inspect.cleandoc(command.help or ""), "")
    if hasattr(command, "commands"):
        if command.invoke_without_command:
            yield from _usage(command, context, path)
        for name, inner in command.commands.items():
            yield from (line.replace("## `", "### `") for line in _command(inner, f"{path} {name}"))
        return
    yield from _usage(command, context, path)


def _usage(command: Any, context: Any, path: str) -> Iterator[str]:
    """How a command is called, with the meaning of each argument and option."""
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("```text", f"{path} {usage}", "```", "")
    records = [param.get_help_record(context) for param in command.params]
    rows = [(declared, meaning) for declared, meaning in filter(None, records)]
    yield from table(("argument or option", "meaning"), [(f"`{d}`", m) for d, m in rows])
    yield ""


def error_tree() -> Iterator[str]:
    """The tree at the top of `om_ingest.errors`."""
    _, _, tree = inspect.getdoc(errors).partition("\n\n")  # type: ignore[union-attr]  # it has one
    yield from ("```text", tree, "```")


def error_classes() -> Iterator[str]:
    """A section for each error."""
    for name, error in vars(errors).items():
        if isinstance(error, type) and issubclass(error, errors.OmIngestError):
            parent = error.__base__.__name__ if error.__base__ else ""
            yield from (
                f"### `{name}`",
                "",
                f"Exit code {error.exit_code}; derived from `{parent}`.",
                "",
            )
            yield from (inspect.getdoc(error) or "", "")


def vocabulary() -> Iterator[str]:
    """The table of entity kinds."""
    head = ("entity type", "request", "lies in", "REST collection", "bulk")
    rows = []
    for name, kind in KINDS.items():
        above = " or ".join(f"`{parent}`" for parent in sorted(kind.parent_types)) or "-"
        if kind.parent_choice:
            above = "a service of any type"
        bulk = "yes" if kind.bulk else "no"
        request = f"`{kind.request.__name__}`"
        rows.append((f"`{name}`", request, above, f"`/v1/{kind.collection}`", bulk))
    yield from table(head, rows)


def policies_of_all() -> Iterator[str]:
    """Each policy with its meaning, and the fields that have it in most kinds."""
    meanings, common = meanings_in(Policy), _common_fields()
    rows = []
    for policy in Policy:
        fields = [field for field, of_all in common.items() if of_all is policy]
        meaning = re.sub("`([A-Z]+)`", lambda f: f"`{Policy[f[1]].value}`", meanings[policy.name])
        rows.append((f"`{policy.value}`", meaning, codes(fields)))
    yield from table(("policy", "what becomes of the field", "fields that many kinds have"), rows)


def policies_of_kinds() -> Iterator[str]:
    """The other fields of each kind, by their policies; kinds with the same ones share a row."""
    common, kinds = _common_fields(), dict[tuple[str, str], list[str]]()
    fields_of = {
        name: [(field, given) for field, given in policies(kind) if field not in common]
        for name, kind in KINDS.items()
    }
    fields_of["lineage"] = list(EDGE_POLICIES.items())
    for name, fields in fields_of.items():
        cells = {
            policy: codes([field for field, given in fields if given is policy])
            for policy in Policy
            if policy is not Policy.PLACE
        }
        source = cells.pop(Policy.SOURCE)
        others = (f"`{policy.value}`: {cell}" for policy, cell in cells.items() if cell)
        kinds.setdefault((source, "; ".join(others)), []).append(name)
    rows = [(codes(names), *cells) for cells, names in kinds.items() if any(cells)]
    yield from table(("kind", "`source`", "others"), rows)


def two_sided() -> Iterator[str]:
    """The fields of relations that both sides say."""
    yield from (f"- `{entity_type}.{field}`" for entity_type, field in sorted(TWO_SIDED))


def not_stored() -> Iterator[str]:
    """The fields that servers take and do not store."""
    kinds: dict[str, list[str]] = {}
    for name, paths in NOT_STORED.items():
        kinds.setdefault(codes([".".join(path) for path in paths]), []).append(name)
    yield from table(("kinds", "fields"), [(codes(names), given) for given, names in kinds.items()])


def _common_fields() -> dict[str, Policy]:
    """Fields of many kinds, which have one policy in all of them."""
    found: dict[str, list[Policy]] = {}
    for kind in KINDS.values():
        for field, policy in policies(kind):
            found.setdefault(field, []).append(policy)
    return {
        field: given[0]
        for field, given in found.items()
        if len(given) > MANY_KINDS_COUNT and len(set(given)) == 1
    }


def workflow_keys() -> Iterator[str]:
    """The keys of every block of a workflow file."""
    waiting: list[tuple[str, type[BaseModel]]] = [("The file", config.Workflow)]
    seen: set[type[BaseModel]] = {config.Workflow}
    for title, block in waiting:
        yield from (f"## {title}", "", inspect.getdoc(block) or "", "")
        rows, meanings = [], attribute_docstrings(block)
        for field in describe.fields(block):
            required = "required" if field.required else f"`{field.default}`"
            meaning = meanings.get(field.name, "")
            rows.append((f"`{field.name}`", f"`{field.type}`", required, meaning))
        yield from table(("key", "type", "default", "meaning"), rows)
        yield ""
        for name, info in block.model_fields.items():
            for inner in models_in(info.annotation):
                if inner not in seen:
                    seen.add(inner)
                    waiting.append((f"`{describe.key_of(name, info)}`: {inner.__name__}", inner))


def _rule(rule: testing.Rule) -> Iterator[str]:
    """What the contract wants, why, and how it is checked; the page has the heading."""
    yield from (prose(rule.wants), "", prose(rule.why), "", f"`{rule.check}`: {prose(rule.how)}")


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "commands": commands,
    "layers": layers,
    "error-tree": error_tree,
    "error-classes": error_classes,
    "vocabulary": vocabulary,
    "policies-of-all": policies_of_all,
    "policies-of-kinds": policies_of_kinds,
    "two-sided": two_sided,
    "not-stored": not_stored,
    "workflow-keys": workflow_keys,
    **{
        f"{Path(rule.page).stem}#{rule.key}": partial(_rule, rule)
        for rules in (testing.RULES, testing.SINK_RULES)
        for rule in rules.values()
    },
    **servers.PARTS,
    **compat.PARTS,
}
