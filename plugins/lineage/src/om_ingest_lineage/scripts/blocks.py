"""Walks over texts whose statements end with semicolons, in blocks or not."""

from __future__ import annotations

from sqlglot import TokenType

from om_ingest_lineage.scripts.found import Statement
from om_ingest_lineage.scripts.routines import anonymous, is_routine, routine
from om_ingest_lineage.scripts.walking import DATA, Walk

_SECTIONS = frozenset({"postgres", "oracle", "snowflake", "redshift", "materialize", "risingwave"})
"""Dialects whose DECLARE opens a section that ends with BEGIN."""


class Blocks(Walk):
    """Finds the statements of one text of any dialect but T-SQL."""

    declares = False
    """Whether declarations come, up to the next BEGIN."""

    def walk(self) -> None:
        """Read all of the text."""
        reading = self.reading
        is_label = reading.type(0) is TokenType.LT and reading.type(1) is TokenType.LT
        if reading.word(0) == "DECLARE" or is_label:
            self.is_body = True
        super().walk()

    def step(self) -> None:
        """Read one statement, or what stands around statements."""
        reading, at, word = self.reading, self.at, self.reading.word(self.at)
        if reading.type(at) is TokenType.SEMICOLON or (word == "/" and reading.alone(at)):
            self.at += 1
        elif reading.type(at) is TokenType.LT and reading.type(at + 1) is TokenType.LT:
            while self.at < reading.end and reading.type(self.at) is not TokenType.GT:
                self.at += 1
            self.at += 2
        elif reading.type(at) is TokenType.HASH and self.is_body:
            self.at += 3  # PL/pgSQL: `#variable_conflict use_column`
        elif reading.is_name(at) and reading.type(at + 1) is TokenType.COLON:
            self.at += 2
        elif word == "BEGIN":
            self._begin()
        elif word == "END":
            self.at = self._end_of_statement(at)
        elif word == "EXCEPTION" and not self.declares:
            self.at += 1
        elif is_routine(reading, at):
            self._routine()
        elif self.declares:
            self._declaration(self._end_of_statement(at))
        elif word == "DECLARE":
            self._declare()
        elif word in ("IF", "ELSIF", "ELSEIF", "WHEN"):
            self._condition({"THEN"})
        elif word == "CASE":
            self._condition({"WHEN"})
        elif word == "WHILE":
            self._condition({"LOOP", "DO"})
        elif word == "UNTIL":
            self._condition({"END"})
        elif word in ("ELSE", "LOOP", "REPEAT"):
            self.at += 1
        elif word in ("FOR", "FOREACH"):
            self._loop()
        elif word == "FORALL":
            self.variable(at + 1)
            self.at = reading.find(at, DATA | {"EXECUTE"}, self._end_of_statement(at))
        else:
            end = self._end_of_statement(at)
            if word != "DO" or not anonymous(reading, at, end, self.found):
                self.statement(at, end)
            self.at = end

    def _end_of_statement(self, first: int) -> int:
        reading = self.reading
        for at in reading.level(first):
            if reading.type(at) is TokenType.SEMICOLON:
                return at
            if at > first and reading.word(at) == "/" and reading.alone(at):
                return at
        # A bracket that is closed too often, or never.
        rest = range(first, reading.end)
        return next((n for n in rest if reading.type(n) is TokenType.SEMICOLON), reading.end)

    def _begin(self) -> None:
        reading, following = self.reading, self.reading.word(self.at + 1)
        is_transaction = following in ("TRANSACTION", "WORK", "TRAN", "ISOLATION", "READ") or (
            reading.type(self.at + 1) is TokenType.SEMICOLON
        )
        if is_transaction:
            self.at = self._end_of_statement(self.at)
            return
        self.at += 1 + (following == "ATOMIC") + 2 * (following == "NOT")
        self.declares = False
        self.is_body = self.is_body or following != "ATOMIC"

    def _declare(self) -> None:
        reading = self.reading
        self.at += 1
        if reading.dialect in _SECTIONS:
            self.declares = True
            return
        end = self._end_of_statement(self.at)
        if reading.word(self.at) in ("CONTINUE", "EXIT", "UNDO"):  # a handler: a statement follows
            self.at = reading.find(self.at, DATA | {"SET", "BEGIN", "CALL", "LEAVE"}, end)
            return
        self._declaration(end)
        self.at = end

    def _declaration(self, end: int) -> None:
        """One item of a section: a variable, a cursor, a type; an own routine was seen before."""
        reading, first = self.reading, self.at
        self.at = end
        if reading.word(first) in ("PRAGMA", "TYPE", "SUBTYPE"):
            return
        is_cursor = reading.word(first) == "CURSOR" or (
            reading.has({"CURSOR"}, first, min(first + 4, end))
        )
        name = first + (reading.word(first) == "CURSOR")
        self.assigned(self.variable(name), name, end)
        at = name + 1
        while reading.type(at) is TokenType.COMMA:  # DECLARE a, b INT
            self.variable(at + 1)
            at += 2
        if is_cursor:
            query = reading.find(name + 1, {"FOR", "IS"}, end) + 1
            if query < end and reading.word(query) in DATA | {"("}:
                self.cursor(name, query, end)
        else:
            self.expression(name, end)

    def _condition(self, ends: set[str]) -> None:
        """An expression up to one of some words; the word itself is left if it opens a branch."""
        reading, first = self.reading, self.at + 1
        end = reading.find(first, ends, self._end_of_statement(first))
        self.expression(first, end)
        self.at = end + (reading.word(end) not in ("WHEN", "END", ""))

    def _loop(self) -> None:
        """`FOR x IN query LOOP`, `FOR x IN 1 .. 3 LOOP`, `FOR x AS c CURSOR FOR query DO`."""
        reading, first = self.reading, self.at + 1
        end = reading.find(first, {"LOOP", "DO"}, self._end_of_statement(first))
        start = reading.find(first, {"IN", "AS"}, end)
        names = [at for at in range(first, start) if reading.is_name(at)]
        for at in names:
            self.variable(at)
        record = reading.tokens[names[0]].text.lower() if len(names) == 1 else ""
        query = start + 1
        if reading.has({"CURSOR"}, query, min(query + 3, end)):
            query = reading.find(query, {"FOR"}, end) + 1
        if reading.word(query) == "EXECUTE":
            self.dynamic(query + 1, end)
        elif reading.word(query) in DATA:
            self.emit(query, end, record=record)
        elif reading.type(query) is TokenType.L_PAREN and reading.word(query + 1) in DATA:
            self.emit(query + 1, reading.past_bracket(query) - 1, record=record)
        elif reading.is_name(query) and (found := self._cursor(query, end)) is not None:
            self.found.add(found.sql, reading.line_of(query), record=record)
        else:
            self.expression(query, end)
        self.at = end + (reading.word(end) in ("LOOP", "DO"))

    def _cursor(self, at: int, end: int) -> Statement | None:
        """The query of the cursor that a token names, with arguments or not."""
        reading = self.reading
        is_alone = at + 1 == end or reading.past_bracket(at + 1) == end
        return self.found.cursors.get(reading.tokens[at].text.lower()) if is_alone else None

    def _routine(self) -> None:
        """The head of a routine: what follows is its body, unless the body was a text."""
        head = routine(self.reading, self.at, self.found)
        self.at = head.body
        self.declares = head.declares
        self.is_body = self.is_body or head.is_body
