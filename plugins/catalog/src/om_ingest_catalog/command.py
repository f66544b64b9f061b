"""`om-ingest catalog`: list, show and search what was ingested."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from om_ingest import terminal

from om_ingest_catalog import DEFAULT_CATALOG
from om_ingest_catalog.browsing import offers
from om_ingest_catalog.upgrade_command import upgrade

if TYPE_CHECKING:
    from om_ingest.kinds import EntityKind

    from om_ingest_catalog import Catalog

app = typer.Typer(
    name="catalog",
    help="Show what was ingested into the embedded catalog.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command()(upgrade)

File = Annotated[Path, typer.Option("--catalog", help="The catalog file.", metavar="FILE")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NAME: dict[str, Any] = {"metavar": "NAME", "autocompletion": offers.names}
_TYPE: dict[str, Any] = {"metavar": "TYPE", "autocompletion": offers.entity_types}
_FULL_NAME = "Its fully qualified name, e.g. shop.db.public.orders, or the end of it."
Name = Annotated[str, typer.Argument(help=_FULL_NAME, **_NAME)]
Kind = Annotated[
    str | None, typer.Option("--type", help="Only entities of this type, e.g. table.", **_TYPE)
]
_DEFAULT = Path(DEFAULT_CATALOG)
_FQN = "FULLY QUALIFIED NAME"
_NEIGHBOURS_SHOWN = 20


@app.command()
def tables(catalog: File = _DEFAULT, as_json: Json = False) -> None:
    """List every table with its number of columns.

    `list tables` shows them by pages. The exit code is 1 if a table cannot be read: it is named,
    and the others are listed.
    """
    from om_ingest.model import Table

    from om_ingest_catalog import Catalog  # imports pydantic and sqlite3, for this command

    with Catalog(catalog, read_only=True) as store:
        rows = [
            (
                table.fullyQualifiedName,
                table.tableType.value if table.tableType else None,
                len(table.columns),
                table.description,
            )
            for table in store.list_entities(Table)
        ]
        unreadable_count = store.unreadable_count
    if as_json:
        keys = ("fullyQualifiedName", "tableType", "columnCount", "description")
        terminal.as_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        terminal.table(
            ("TABLE", "TYPE", "COLUMNS", "DESCRIPTION"),
            [
                (name, kind or "-", str(count), _short(text or ""))
                for name, kind, count, text in rows
            ],
        )
    if unreadable_count:  # each was logged
        raise typer.Exit(1)


@app.command(name="list")
def list_(
    entity_type: Annotated[
        str | None,
        typer.Argument(help="E.g. table or dashboards; without it, what there is.", **_TYPE),
    ] = None,
    catalog: File = _DEFAULT,
    as_json: Json = False,
    below: Annotated[
        str | None, typer.Option("--in", help="Only what lies below this entity.", metavar="NAME")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most results.", metavar="N")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on behind this FQN.", metavar="FQN")] = None,
    every: Annotated[bool, typer.Option("--all", help="List all of them.")] = False,
) -> None:
    """List the entities of a type, or the types with their numbers.

    The exit code is 1 if one cannot be read: it is named, and the others are listed.
    """
    from om_ingest_catalog import Catalog  # see tables
    from om_ingest_catalog.browsing import listing, naming

    kind = None if entity_type is None else naming.kind_named(entity_type)
    with Catalog(catalog, read_only=True) as store:
        if kind is None:
            counts = store.counts()
            if as_json:
                terminal.as_json(counts)
            else:
                numbers = [(name, str(count)) for name, count in counts.items()]
                terminal.table(("ENTITY TYPE", "COUNT"), numbers)
            return
        scope = naming.entities_named(store.file, below)[0].fqn if below else None
        found = listing.Listing(store, kind, scope, after, None if every else limit)
        if as_json:
            terminal.json_array(found.shown(listing.document))
        elif rows := list(found.shown(listing.row)):
            terminal.table(listing.headers(kind), rows)
        else:
            where = f" below {naming.as_argument(scope)}" if scope else ""
            where += f" behind {naming.as_argument(after)}" if after else ""
            terminal.line(f"There are no {naming.plural(kind)}{where}.", err=True)
    if last := found.last:
        # A name with control characters is not shown as it has to be typed.
        go_on = f"go on with --after {naming.as_argument(last)}, or list --all"
        said = go_on if terminal.printable(last) == last else "list --all, or --limit more"
        terminal.line(f"{found.count:,} of {found.total:,}: {said}.", err=True)
    for error in found.errors:
        terminal.message(f"error: {error}")
    if found.errors:
        raise typer.Exit(1)


@app.command()
def tree(
    name: Annotated[
        str | None, typer.Argument(help="Where to begin; without it, all.", **_NAME)
    ] = None,
    catalog: File = _DEFAULT,
    as_json: Json = False,
    kind: Kind = None,
    depth: Annotated[int, typer.Option(min=1, help="Number of levels.", metavar="N")] = 3,
    limit: Annotated[
        int, typer.Option(min=1, help="Most entities of a type below one other.", metavar="N")
    ] = 50,
) -> None:
    """Show services and what lies below them as a tree, with numbers."""
    from om_ingest_catalog import Catalog  # see tables
    from om_ingest_catalog.browsing import tree as trees

    extent = trees.Extent(depth, limit)
    with Catalog(catalog, read_only=True) as store:
        if name is None:
            places, left_out = trees.roots(store.file, extent), trees.roots_left_out
            more = left_out(store.file, extent)
        else:
            rows = _named(store, name, kind)
            places = (trees.place(store.file, row.entity_type, row.fqn, extent) for row in rows)
            more = {}
        if as_json:
            terminal.as_json([trees.as_dict(place) for place in places])
        else:
            terminal.tree(trees.node(place, place.fqn) for place in places)
    if more:
        terminal.line(f"Not shown: {trees.counted(more)}; see --limit.", err=True)


@app.command()
def lineage(
    name: Name,
    catalog: File = _DEFAULT,
    as_json: Json = False,
    kind: Kind = None,
    depth: Annotated[
        int, typer.Option(min=1, help="Number of edges from the entity on.", metavar="N")
    ] = 3,
    limit: Annotated[
        int, typer.Option(min=1, help="Most neighbours of one entity.", metavar="N")
    ] = 100,
    columns: Annotated[bool, typer.Option("--columns", help="Show columns, too.")] = False,
    up: Annotated[bool, typer.Option("--up", help="Only what it is made from.")] = False,
    down: Annotated[bool, typer.Option("--down", help="Only what is made from it.")] = False,
) -> None:
    """Show what an entity is made from, and what from it, as a tree.

    --json prints the graph, as OpenMetadata's REST interface answers it: with its columns, and
    whatever the --limit.
    """
    from om_ingest_catalog import Catalog, Edges  # see tables
    from om_ingest_catalog.browsing import flow

    directions = [
        direction
        for direction, wanted in zip(flow.DIRECTIONS, (up or not down, down or not up), strict=True)
        if wanted
    ]
    with Catalog(catalog, read_only=True) as store:
        rows = _named(store, name, kind)
        if as_json:
            depths = {f"{one}_depth": depth * (one in directions) for one in flow.DIRECTIONS}
            graphs = [Edges(store).graph(row.entity_type, row.fqn, **depths) for row in rows]
            terminal.as_json(graphs[0] if len(graphs) == 1 else graphs)
            return
        view = flow.View(directions, depth, limit, columns)
        terminal.tree(flow.tree(store.file, row, view) for row in rows)


@app.command()
def show(
    name: Name,
    catalog: File = _DEFAULT,
    as_json: Json = False,
    kind: Kind = None,
) -> None:
    """Show one entity with its lineage; secrets are masked.

    Times are in UTC. --json prints the document, as OpenMetadata's REST interface answers it.
    """
    from om_ingest.kinds import KINDS

    from om_ingest_catalog import Catalog, Collection, mask_secrets  # see tables
    from om_ingest_catalog.browsing import flow, page, tree

    with Catalog(catalog, read_only=True) as store:
        documents: list[dict[str, Any]] = []
        for row in _named(store, name, kind):
            of_kind = KINDS[row.entity_type]
            store.get_by_name(of_kind.entity, row.fqn)  # raises if it is not what its kind needs
            documents.append(Collection(store, of_kind).whole(row.fqn))
            mask_secrets(of_kind, documents[-1])
            if as_json:
                continue
            contains = tree.counted(tree.counts_below(store.file, row))
            shown = page.page({**documents[-1], "contains": contains})
            terminal.line(f"{row.entity_type} {row.fqn}")
            for line in shown.lines:
                terminal.line(line)
            for title, headers, rows in shown.tables:
                _title(title)
                terminal.table(headers, rows)
            for direction in flow.DIRECTIONS:
                near = flow.next_to(store.file, row, direction, _NEIGHBOURS_SHOWN + 1)
                if near:
                    _title(direction)
                    headers = (_FQN, "ENTITY TYPE", "ORIGIN")
                    terminal.table(headers, near[:_NEIGHBOURS_SHOWN])
                if len(near) > _NEIGHBOURS_SHOWN:
                    terminal.line("… and more: `om-ingest catalog lineage` shows them.")
    if as_json:
        terminal.as_json(documents[0] if len(documents) == 1 else documents)


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help="All must occur; beginnings of words count.")],
    catalog: File = _DEFAULT,
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, help="Most results.", metavar="N")] = 20,
) -> None:
    """Search names, descriptions and columns."""
    from om_ingest_catalog import Catalog  # see tables

    with Catalog(catalog, read_only=True) as store:
        hits = store.search(" ".join(words), limit=limit)
    if as_json:
        keys = ("entityType", "fullyQualifiedName", "name", "description", "snippet")
        values = (
            (hit.entity_type, hit.fqn, hit.name, hit.description, hit.snippet) for hit in hits
        )
        terminal.as_json([dict(zip(keys, one, strict=True)) for one in values])
        return
    if not hits:
        terminal.line("Nothing found.", err=True)
        return
    terminal.table(
        ("ENTITY TYPE", _FQN, "DESCRIPTION"),
        [(hit.entity_type, hit.fqn, _short(hit.description or "")) for hit in hits],
        whole=(_FQN,),
    )


def _title(text: str) -> None:
    terminal.line()
    terminal.line(text)


def _named(store: Catalog, name: str, kind: str | None) -> list[Any]:
    """The rows of the entities that people call so, of one type if it is given."""
    from om_ingest_catalog.browsing import naming

    kinds: list[EntityKind] = [naming.kind_named(kind)] if kind else []
    return naming.entities_named(store.file, name, kinds)


def _short(text: str, width: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"
