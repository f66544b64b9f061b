"""What `pg_dump --schema-only` says of a database, taken apart: a source beside the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.databases.ddl import Words
from tests.databases.facts import Column, Facts, ForeignKey, Relation, Routine

_ENTRY = re.compile(
    r"^--\n-- Name: (?P<name>.*?); Type: (?P<type>[A-Z ]+); Schema: .*?; Owner: .*?\n--\n\n"
    r"(?P<sql>.*?)\s*(?=^--\n-- |\Z)",
    re.DOTALL | re.MULTILINE,
)
_KINDS = {
    "TABLE": "Regular",
    "FOREIGN TABLE": "Foreign",
    "VIEW": "View",
    "MATERIALIZED VIEW": "MaterializedView",
}


class Dump(Facts):
    """The schemas, relations and routines of a dump, and the types of the owner."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.schemas["public"] = None
        self.types: dict[str, tuple[str, list[str]]] = {}
        """What types of the owner's are: `enum` and labels, `domain` and base, `composite`."""
        self._routine_texts: dict[str, Routine] = {}
        for entry in _ENTRY.finditer(text):
            # Settings may follow the statements.
            sql, _, _ = entry["sql"].partition("\n\n\nSET ")
            self._read(entry["name"], entry["type"], Words(sql))

    def _read(self, name: str, kind: str, words: Words) -> None:
        if kind == "SCHEMA":
            words.skip("CREATE SCHEMA ")
            self.schemas[words.name()] = None
        elif kind in ("FUNCTION", "PROCEDURE"):
            words.skip(f"CREATE {kind} ")
            schema, routine = words.place()
            signature = words.until(" RETURNS ", "\n    LANGUAGE ")
            found = Routine(kind.capitalize(), words.text)
            arguments = name[len(routine) + 1 : -1]
            self.routines[schema, routine, arguments] = found
            self._routine_texts[_without_defaults(f"{schema}.{routine}{signature}")] = found
        elif kind in ("TYPE", "DOMAIN"):
            self._read_type(kind, words)
        elif kind in _KINDS:
            self._read_relation(kind, words)
        elif kind in ("CONSTRAINT", "FK CONSTRAINT"):
            self._read_constraint(words)
        elif kind == "INDEX" and words.text.startswith("CREATE UNIQUE INDEX"):
            self._read_index(words)
        elif kind == "DEFAULT":
            words.skip("ALTER TABLE ONLY ")
            relation = self.relations[words.place()]
            words.skip(" ALTER COLUMN ")
            column = _named(relation, words.name())
            words.skip(" SET DEFAULT ")
            column.default = words.rest()
        elif kind == "SEQUENCE" and words.text.startswith("ALTER TABLE"):
            words.skip("ALTER TABLE ")
            relation = self.relations[words.place()]
            words.skip(" ALTER COLUMN ")
            _named(relation, words.name()).generation = "identity"
        elif kind == "TABLE ATTACH":
            words.until(" ATTACH PARTITION ")
            words.skip(" ATTACH PARTITION ")
            self.relations.pop(words.place())
        elif kind == "COMMENT":
            self._read_comment(words)

    def _read_type(self, kind: str, words: Words) -> None:
        words.skip(f"CREATE {kind} ")
        name = words.until(" AS ")
        words.skip(" AS ")
        if kind == "DOMAIN":
            base = words.until(" DEFAULT ", "\n\t", " NOT NULL", " COLLATE ", ";")
            self.types[name] = ("domain", [base])
        elif words.text[words.at :].startswith("ENUM"):
            words.skip("ENUM ")
            self.types[name] = ("enum", [_string(label) for label in words.list()])
        elif words.text[words.at] == "(":
            self.types[name] = ("composite", words.list())
        else:
            self.types[name] = ("range", [])

    def _read_relation(self, kind: str, words: Words) -> None:
        words.skip("CREATE ")
        if words.text[words.at :].startswith("UNLOGGED "):
            words.skip("UNLOGGED ")
        words.skip(f"{kind} ")
        place = words.place()
        relation = self.relations[place] = Relation(_KINDS[kind])
        if "VIEW" in kind:
            relation.definition = words.text.removesuffix(";").removesuffix("\n  WITH NO DATA")
            return
        words.skip(" ")
        own = [self._column(text) for text in words.list() if not _is_check(text)]
        rest = words.rest()
        if inherited := re.search(r"INHERITS \((.*)\)", rest):
            parent = self.relations[Words(inherited[1]).place()]
            columns = [Column(**vars(column)) for column in parent.columns]
            for column in columns:
                column.comment = None
            relation.columns += columns
        relation.columns += own
        if partition := re.search(r"PARTITION BY (\w+) (\(.*\))", rest, re.DOTALL):
            relation.kind = "Partitioned"
            relation.partition = partition[1].lower(), Words(partition[2]).list()

    def _column(self, text: str) -> Column:
        words = Words(text)
        name = words.name()
        words.skip(" ")
        kind = words.until(" COLLATE ", " DEFAULT ", " GENERATED ", " NOT NULL", " CONSTRAINT ")
        rest = words.rest()
        strict = re.search(r'( CONSTRAINT (?:"(?:[^"]|"")*"|\w+))? NOT NULL$', rest)
        rest = rest[: strict.start()] if strict else rest
        column = Column(name, kind, strict is None)
        if made := re.search(r" GENERATED ALWAYS AS \((.*)\)( STORED)?$", rest, re.DOTALL):
            column.default, column.generation = made[1], "stored" if made[2] else "virtual"
        elif default := re.search(r" DEFAULT (.*)$", rest, re.DOTALL):
            column.default = default[1]
        return column

    def _read_constraint(self, words: Words) -> None:
        words.skip("ALTER TABLE ")
        if words.text[words.at :].startswith("ONLY "):
            words.skip("ONLY ")
        relation = self.relations.get(words.place())
        words.skip("\n    ADD CONSTRAINT ")
        words.name()
        kind = words.until(" (")
        words.skip(" ")
        if relation is None or "EXCLUDE" in kind:
            return
        columns = [Words(text).name() for text in words.list()]
        if "PRIMARY" in kind:
            relation.primary = columns
        elif "UNIQUE" in kind:
            relation.unique.append(columns)
        else:
            words.skip(" REFERENCES ")
            place = words.place()
            referred = [Words(text).name() for text in words.list()]
            relation.foreign.append(ForeignKey(columns, place, referred))

    def _read_index(self, words: Words) -> None:
        words.until(" ON ")
        words.skip(" ON ")
        relation = self.relations.get(words.place())
        words.until(" (")
        words.skip(" ")
        keys = words.list()
        # An expression, or a part of the rows, is no key.
        plain = all(re.fullmatch(r'\w+|"(?:[^"]|"")*"', key) for key in keys)
        if relation is not None and plain and " WHERE " not in words.rest():
            relation.unique.append([Words(key).name() for key in keys])

    def _read_comment(self, words: Words) -> None:
        words.skip("COMMENT ON ")
        kind = re.match(r"[A-Z ]+(?= )", words.text[words.at :])
        assert kind is not None, words.text
        words.skip(f"{kind[0]} ")
        subject = words.until(" IS '")
        words.skip(" IS ")
        comment = _string(words.rest())
        names = Words(subject)
        if kind[0] == "SCHEMA":
            self.schemas[names.name()] = comment
        elif kind[0] in _KINDS:
            self.relations[names.place()].comment = comment
        elif kind[0] == "COLUMN":
            relation = self.relations[names.place()]
            names.skip(".")
            name = names.name()
            known = [column for column in relation.columns if column.name == name]
            if not known:  # of a view, whose columns are not in the dump
                known = [Column(name, "", True)]
                relation.columns += known
            known[0].comment = comment
        elif kind[0] in ("FUNCTION", "PROCEDURE"):
            self._routine_texts[subject].comment = comment


def _named(relation: Relation, name: str) -> Column:
    return next(column for column in relation.columns if column.name == name)


def _is_check(text: str) -> bool:
    return re.match(r'CONSTRAINT ("(?:[^"]|"")*"|\w+) (CHECK|NOT NULL)', text) is not None


def _string(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _without_defaults(signature: str) -> str:
    """The arguments of a routine as COMMENT gives them."""

    def arguments() -> Iterator[str]:
        words = Words(signature[signature.index("(") :])
        for text in words.list():
            argument = Words(text).until(" DEFAULT ")
            if not argument.startswith("TABLE "):
                yield argument

    return f"{signature[: signature.index('(')]}({', '.join(arguments())})"
