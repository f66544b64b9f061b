"""What a walk over a text does with each statement, however statements are told apart."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from sqlglot import TokenType

from om_ingest_lineage.scripts.dynamic import constant_text
from om_ingest_lineage.scripts.found import Statements
from om_ingest_lineage.scripts.reading import Reading, words_of

DATA = words_of("SELECT WITH VALUES INSERT UPDATE DELETE MERGE REPLACE UPSERT")
"""Words that start a statement on rows."""

KEPT = DATA | {"CREATE", "DROP", "TRUNCATE", "ALTER", "COPY", "LOAD", "EXPORT", "RENAME", "("}
"""Words that start a statement which may make or read a table."""

_IGNORED = words_of(
    """RAISE NULL EXIT CONTINUE FETCH CLOSE COMMIT ROLLBACK SAVEPOINT RELEASE GRANT REVOKE
    COMMENT ANALYZE VACUUM LOCK UNLOCK SIGNAL RESIGNAL LEAVE ITERATE DEALLOCATE GET CALL
    ASSERT MOVE USE NOTIFY LISTEN UNLISTEN START REFRESH REINDEX CLUSTER EXPLAIN SHOW
    DESCRIBE DESC PRAGMA ABORT GOTO BREAK PIPE PRINT RESET DISCARD CHECKPOINT SECURITY
    FLUSH KILL OPTIMIZE HANDLER DENY SPOOL PROMPT WHENEVER EXEC AWAIT CANCEL UNSET LIST
    PUT REMOVE UNDROP BEGIN END SOURCE ATTACH DETACH INSTALL CHECK STOP PURGE CHANGE DO
    REASSIGN IMPORT ANALYSE RAISERROR THROW WAITFOR SAVE TRAN TRANSACTION DBCC BACKUP
    RESTORE RECONFIGURE"""
) | {"BEGIN TRANSACTION", "COMMIT TRANSACTION", "ROLLBACK TRANSACTION"}
_INTO_SETS_VARIABLES = frozenset({"oracle", "mysql", "snowflake", "singlestore", "doris"})
_AFTER_TEXT = words_of("INTO USING BULK")
_HINT = re.compile(r"/\*\+.*?\*/", re.DOTALL)
"""Hints of Oracle and others: sqlglot takes one of an INSERT for a part of it."""

_INTO = frozenset({"INTO", "BULK COLLECT INTO"})
_EXECUTES_PREPARED = frozenset({"mysql", "singlestore", "doris"})
_VARIABLE_MARKS = (TokenType.COLON, TokenType.PARAMETER, TokenType.SESSION_PARAMETER)


class Walk(ABC):
    """Finds the statements of one text."""

    def __init__(self, reading: Reading, found: Statements, *, is_body: bool = False) -> None:
        self.reading, self.found = reading, found
        self.at = 0
        self.is_body = is_body
        """Whether the text is that of a routine, not of a file."""

    def walk(self) -> None:
        """Read all of the text."""
        while self.at < self.reading.end:
            before = self.at
            self.step()
            self.at = max(self.at, before + 1)

    @abstractmethod
    def step(self) -> None:
        """Read one statement, or what stands around statements; moves `at` on."""

    def statement(self, first: int, end: int) -> None:
        """Note a statement, if it has to do with tables."""
        reading, word = self.reading, self.reading.word(first)
        if any(self._is_template(at, end) for at in range(first, end)):
            self.found.doubt("template", "holds {{ … }} or {% … %}", reading.line_of(first))
        elif word == "EXECUTE" and reading.dialect in _EXECUTES_PREPARED:
            return  # told at its PREPARE
        elif word in ("EXECUTE", "PREPARE"):
            self.dynamic(first + 1 + (reading.word(first + 1) == "IMMEDIATE"), end)
        elif word == "PERFORM":
            self.emit(first + 1, end, prefix="SELECT ")
        elif word == "RETURN":
            self._returned(first + 1, end)
        elif word == "OPEN":
            self._opened(first + 1, end)
        elif word == "FETCH":
            self._fetched(first + 1, end)
        elif word in ("SET", "LET"):
            self._set(first + 1, end)
        elif word in KEPT or not (word in _IGNORED or self._assigns(first, end)):
            self.emit(first, end)
        else:
            self.expression(first, end)

    def emit(self, first: int, end: int, *, prefix: str = "", record: str = "") -> None:
        """Note the statement between two tokens, without the variables that it is read into."""
        reading = self.reading
        into, past = self._variables_of_into(first, end)
        if reading.word(first) in ("", "SELECT") and not reading.has({"FROM", "INTO"}, first, end):
            return
        sql = reading.cut(first, into)
        if reading.word(first) == "CREATE":
            sql = self._without_commit(first, end)
        elif reading.word(first) == "INSERT" and reading.word(first + 1) in ("ALL", "FIRST"):
            other = reading.find(first, {"ELSE"}, end)
            if other < end:  # sqlglot knows no ELSE there
                sql = f"{reading.cut(first, other)} WHEN 1 = 1 THEN {reading.cut(other + 1, end)}"
        if past < end:
            sql += " " + reading.cut(past, end)
        sql = _HINT.sub(" ", sql)
        if sql.strip():
            self.found.add(prefix + sql, reading.line_of(first), record=record)

    def _without_commit(self, first: int, end: int) -> str:
        """A CREATE without `ON COMMIT DROP`, which sqlglot does not know."""
        reading = self.reading
        for at in reading.level(first, end):
            if reading.word(at) == "ON" and reading.word(at + 1) == "COMMIT":
                rows = {"DROP": 1, "DELETE": 2, "PRESERVE": 2}  # or REFRESH … ON COMMIT
                past = at + 2 + rows.get(reading.word(at + 2), 0)
                return f"{reading.cut(first, at)} {reading.cut(past, end)}"
        return reading.cut(first, end)

    def expression(self, first: int, end: int) -> None:
        """Note the queries in an expression: they only read."""
        reading = self.reading
        at = first
        while at < end:
            if reading.word(at) in ("SELECT", "WITH") and (
                at == first or reading.type(at - 1) is TokenType.L_PAREN
            ):
                past = end if at == first else reading.past_bracket(at - 1) - 1
                self.emit(at, past)
                at = past
            at += 1

    def cursor(self, name: int, first: int, end: int) -> None:
        """Note the query of a cursor, for the loops over it."""
        before = len(self.found.found)
        self.emit(first, end)
        if len(self.found.found) > before:
            self.found.cursors[self.reading.tokens[name].text.lower()] = self.found.found[-1]

    def dynamic(self, first: int, end: int) -> None:
        """Read SQL that is built while the routine runs, if its text is written there."""
        reading = self.reading
        if reading.is_name(first) and reading.word(first + 1) in ("FROM", "AS"):
            first += 2  # PREPARE name FROM text, PREPARE name AS statement
            if reading.word(first) in DATA:
                self.emit(first, end)
                return
        line = reading.line_of(first)
        text = constant_text(reading, first, end)
        if text is None and (name := self._lone_variable(first, end)):
            text = self.found.executed(name)
        if text is None:
            shown = " ".join(reading.cut(first, end).split())
            self.found.doubt("dynamic SQL", shown[:100], line)
        else:
            self.found.read(text, line)

    def variable(self, at: int) -> str:
        """Note the variable that a token names; its name.

        One that is marked, as `@x`, is no column in any case, and `x` may be one.
        """
        reading = self.reading
        is_marked = reading.type(at) in _VARIABLE_MARKS
        at += is_marked
        name = reading.tokens[at].text.lower() if at < reading.end else ""
        if not is_marked:
            self.found.variables.add(name)
        return name

    def assigned(self, name: str, first: int, end: int) -> None:
        """Note the text that an assignment, or a declaration, gives a variable."""
        reading = self.reading
        for at in reading.level(first, end):
            if reading.type(at) in (TokenType.COLON_EQ, TokenType.EQ) or (
                reading.word(at) == "DEFAULT"
            ):
                self.found.assign(name, constant_text(reading, at + 1, end))
                return

    def _lone_variable(self, first: int, end: int) -> str:
        """The name of the variable that is all that stands between two tokens; or empty."""
        reading = self.reading
        end = reading.find(first, _AFTER_TEXT, end)
        while reading.type(first) is TokenType.L_PAREN and reading.past_bracket(first) == end:
            first, end = first + 1, end - 1
        first += reading.type(first) in _VARIABLE_MARKS
        return reading.tokens[first].text.lower() if first + 1 == end else ""

    def _returned(self, first: int, end: int) -> None:
        reading = self.reading
        if reading.word(first) == "QUERY":
            if reading.word(first + 1) == "EXECUTE":
                self.dynamic(first + 2, end)
            else:
                self.emit(first + 1, end)
        else:
            self.expression(first + (reading.word(first) == "NEXT"), end)

    def _opened(self, first: int, end: int) -> None:
        """A cursor that is opened: `OPEN c`, `OPEN c FOR query`, `OPEN c FOR EXECUTE text`."""
        reading = self.reading
        query = reading.find(first, {"FOR"}, end) + 1
        if query >= end:
            return
        if reading.word(query) == "EXECUTE":
            self.dynamic(query + 1, end)
        elif reading.word(query) in DATA or reading.type(query) is TokenType.L_PAREN:
            self.emit(query, end)
        else:
            self.dynamic(query, end)

    def _fetched(self, first: int, end: int) -> None:
        """`FETCH c INTO record`: the record holds the rows of the cursor."""
        reading = self.reading
        into = reading.find(first, _INTO, end)
        cursor = self.found.cursors.get(reading.cut(into - 1, into).lower())
        if cursor is not None and into + 2 == end:
            record = reading.cut(into + 1, end).lower()
            self.found.add(cursor.sql, reading.line_of(first), record=record)

    def _set(self, first: int, end: int) -> None:
        """`SET x = …, y = …`, `LET x type := …`, `LET c CURSOR FOR query`."""
        reading = self.reading
        if reading.type(first) in _VARIABLE_MARKS or reading.word(first - 1) == "LET":
            self.assigned(self.variable(first), first, end)
        elif reading.is_name(first):
            self.assigned(reading.tokens[first].text.lower(), first, end)
        if (cursor := reading.find(first, {"FOR"}, end)) < end:
            self.cursor(first, cursor + 1, end)
        else:
            self.expression(first, end)

    def _variables_of_into(self, first: int, end: int) -> tuple[int, int]:
        """From where to where the variables of an INTO stand in a statement; its end if nowhere."""
        reading = self.reading
        word = reading.word(first)
        is_of_many = word == "INSERT" and reading.word(first + 1) in ("ALL", "FIRST")
        if word in ("CREATE", "MERGE", "COPY", "LOAD") or is_of_many:
            return end, end
        start = first
        if word in ("INSERT", "REPLACE"):  # a hint may stand before its INTO
            start = min(reading.find(first, {"INTO", "SELECT", "VALUES"}, end) + 1, end)
        while (into := reading.find(start, _INTO, end)) < end:
            if reading.word(into - 1) not in ("INSERT", "REPLACE", "IGNORE", "OVERWRITE", "MERGE"):
                break
            start = into + 1
        if into >= end or not self.sets_variables(into):
            return end, end
        at = into + 1 + (reading.word(into + 1) == "STRICT")
        while at < end:
            self.found.assign(self.variable(at), None)
            at += 1 + (reading.type(at) in _VARIABLE_MARKS)
            while reading.type(at) is TokenType.DOT:
                at += 2
            at = reading.past_bracket(at)
            if reading.type(at) is not TokenType.COMMA:
                break
            at += 1
        return into, min(at, end)

    def sets_variables(self, into: int) -> bool:
        """Whether what is read INTO something there is read into variables, not into a table."""
        reading = self.reading
        return (
            reading.dialect in _INTO_SETS_VARIABLES
            or self.is_body
            or reading.type(into + 1) in _VARIABLE_MARKS
        )

    def _is_template(self, at: int, end: int) -> bool:
        reading = self.reading
        kind = reading.type(at)
        if kind is TokenType.BLOCK_START:
            return True
        return (
            kind is TokenType.L_BRACE
            and at + 1 < end
            and reading.type(at + 1) is TokenType.L_BRACE
            and reading.tokens[at].end + 1 == reading.tokens[at + 1].start
        )

    def _assigns(self, first: int, end: int) -> bool:
        """Whether a statement is `x := …`, or the call of a procedure."""
        reading = self.reading
        at = first + (reading.type(first) in _VARIABLE_MARKS)
        if not reading.is_name(at):
            return False
        at += 1
        while at < end:
            if reading.type(at) is TokenType.DOT:
                at += 2
            elif reading.type(at) in (TokenType.L_BRACKET, TokenType.L_PAREN):
                at = reading.past_bracket(at)
            else:
                break
        if reading.type(at) in (TokenType.COLON_EQ, TokenType.EQ):
            self.found.assign(
                reading.tokens[at - 1].text.lower(), constant_text(reading, at + 1, end)
            )
            return True
        return at >= end
