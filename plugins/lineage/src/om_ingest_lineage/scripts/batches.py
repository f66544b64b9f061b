"""Walks over T-SQL, whose statements need no semicolons: the next one starts at its word."""

from __future__ import annotations

from sqlglot import TokenType

from om_ingest_lineage.scripts.changes import name_at
from om_ingest_lineage.scripts.reading import STRINGS, words_of
from om_ingest_lineage.scripts.routines import is_routine
from om_ingest_lineage.scripts.walking import DATA, Walk

_STARTS = words_of(
    """SELECT INSERT UPDATE DELETE MERGE WITH DECLARE SET EXEC EXECUTE IF WHILE BEGIN END ELSE
    RETURN PRINT RAISERROR CREATE DROP ALTER TRUNCATE OPEN FETCH CLOSE DEALLOCATE COMMIT
    ROLLBACK SAVE GOTO WAITFOR USE GRANT REVOKE DENY BREAK CONTINUE GO DBCC"""
)
_TYPES = {"int", "bigint", "smallint", "tinyint", "decimal", "numeric"}
"""Types that stand where a column could: `IDENTITY(INT, 1, 1)`."""

_NEVER_AFTER = words_of("ON FOR AFTER INSTEAD OF THEN OR ALL UNION EXCEPT INTERSECT AS")
_OBJECTS = words_of("TABLE PROCEDURE PROC VIEW FUNCTION TRIGGER INDEX SCHEMA TYPE ROWS ROW")
_VERBS = words_of("SELECT INSERT UPDATE DELETE MERGE")
_AWAITS = {
    "WITH": _VERBS,
    "INSERT": frozenset({"SELECT", "EXEC", "EXECUTE", "VALUES"}),
    "UPDATE": frozenset({"SET"}),
    "RETURN": frozenset({"SELECT", "WITH"}),
}
"""Words that each statement continues with, once."""


class Batches(Walk):
    """Finds the statements of one text of T-SQL."""

    def step(self) -> None:
        """Read one statement, or what stands around statements."""
        reading, at, word = self.reading, self.at, self.reading.word(self.at)
        following = reading.word(at + 1)
        if reading.type(at) is TokenType.SEMICOLON or word in ("ELSE", "GO"):
            self.at += 1
        elif reading.is_name(at) and reading.type(at + 1) is TokenType.COLON:
            self.at += 2
        elif word == "END" or (
            word == "BEGIN" and following not in ("TRAN", "TRANSACTION", "DISTRIBUTED")
        ):
            self.at += 1 + (following in ("TRY", "CATCH"))
        elif word in ("IF", "WHILE"):
            end = self._end_of_statement(at + 1)
            self.expression(at + 1, end)
            self.at = end
        elif is_routine(reading, at):
            self._head()
        else:
            end = self._end_of_statement(at)
            if word == "DECLARE":
                self._declare(at + 1, end)
            elif word in ("EXEC", "EXECUTE"):
                self._execute(at + 1, end)
            elif word != "INSERT" or not self._inserts_results(at, end):
                self._with_output(at, end)
            self.at = end

    def walk(self) -> None:
        """Read all of the text."""
        self.found.variables |= _TYPES
        super().walk()

    def sets_variables(self, into: int) -> bool:
        """Never: SELECT INTO makes a table, and variables are set by `SELECT @x = …`."""
        return False

    def _end_of_statement(self, first: int) -> int:
        """The token before which the statement that starts at one ends."""
        reading, cases = self.reading, 0
        opening = reading.word(first)
        awaited = _AWAITS.get(opening, frozenset())
        for at in reading.level(first):
            word = reading.word(at)
            if reading.type(at) is TokenType.SEMICOLON or (word == "GO" and reading.alone(at)):
                return at
            if word == "CASE":
                cases += 1
            elif word == "END" and cases:
                cases -= 1
            elif cases == 0 and at > first and word in awaited:
                awaited = _AWAITS.get(word, frozenset())
                opening = word
            elif word in ("TO", "FROM") and opening in ("GRANT", "REVOKE", "DENY"):
                opening = ""
            elif cases == 0 and at > first and opening not in ("MERGE", "GRANT", "REVOKE", "DENY"):
                if (opening == "AS" and word == "WITH") or (
                    reading.word(at - 1) == "AS" and word == "WITH"
                ):
                    awaited = _VERBS
                elif word in _STARTS and self._starts(at, opening):
                    return at
        # A bracket that is closed too often, or never.
        rest = range(first, reading.end)
        return next((n for n in rest if reading.type(n) is TokenType.SEMICOLON), reading.end)

    def _starts(self, at: int, opening: str) -> bool:
        """Whether one of the words that start statements does, where it stands."""
        reading, word = self.reading, self.reading.word(at)
        before, following = reading.word(at - 1), reading.word(at + 1)
        if before in _NEVER_AFTER and not (before == "ON" and opening == "SET"):
            return False
        if word in ("WITH", "UPDATE") and reading.type(at + 1) is TokenType.L_PAREN:
            return False
        if word in ("IF", "FETCH") and before in _OBJECTS:
            return False
        if word == "SET" and before in ("DELETE", "UPDATE"):
            return False
        if word == "GO":
            return reading.alone(at)
        return not (
            opening == "ALTER"
            and word in ("DROP", "ALTER", "WITH", "SET")
            and following in ("COLUMN", "CONSTRAINT", "CHECK", "NOCHECK", "")
        )

    def _head(self) -> None:
        """The head of a routine: its parameters, and the table that it returns."""
        reading = self.reading
        end = reading.find(self.at, {"AS"})
        while end < reading.end and reading.word(end - 1) == "EXECUTE":  # WITH EXECUTE AS OWNER
            end = reading.find(end + 1, {"AS"})
        on = reading.find(self.at, {"ON"}, end)
        if reading.has({"TRIGGER"}, self.at, on) and on < end:
            table, _ = name_at(reading, on + 1)
            self.found.stands_for.update({"inserted": table, "deleted": table})
        for at in range(self.at, end):
            if reading.type(at) is TokenType.PARAMETER:
                if reading.word(at + 2) == "TABLE" and reading.word(at - 1) == "RETURNS":
                    past = reading.past_bracket(at + 3)
                    self.found.add("DECLARE " + reading.cut(at, past), reading.line_of(at))
                elif reading.type(at + 2) is not TokenType.DOT:
                    self.variable(at)
        self.at = end + 1

    def _declare(self, first: int, end: int) -> None:
        reading = self.reading
        cursor = reading.find(first, {"CURSOR"}, end)
        if cursor < end:
            query = reading.find(cursor, {"FOR"}, end) + 1
            last = reading.find(query, {"FOR"}, end)  # FOR READ ONLY, FOR UPDATE
            if query < end:
                self.emit(query, last if reading.word(last + 1) in ("READ", "UPDATE") else end)
            return
        starts = [n for n in reading.level(first, end) if reading.type(n) is TokenType.COMMA]
        for start, past in zip([first, *(n + 1 for n in starts)], [*starts, end], strict=True):
            place = start + 2 + (reading.word(start + 2) == "AS")
            if reading.word(place) == "TABLE":
                self.found.add("DECLARE " + reading.cut(start, past), reading.line_of(start))
            else:
                self.assigned(self.variable(start), start, past)
                self.expression(start, past)

    def _execute(self, first: int, end: int) -> None:
        """`EXEC ('text')`, `EXEC sp_executesql N'text', …`; calls of procedures say nothing."""
        reading = self.reading
        if reading.type(first) is TokenType.L_PAREN:
            self.dynamic(first, reading.past_bracket(first))
            return
        names = range(first, min(first + 8, end))
        name = next((n for n in names if reading.word(n) == "SP_EXECUTESQL"), None)
        if name is not None:
            start = name + 1
            if reading.type(start) is TokenType.PARAMETER and reading.word(start + 2) == "=":
                start += 3
            commas = [n for n in reading.level(start, end) if reading.type(n) is TokenType.COMMA]
            self.dynamic(start, commas[0] if commas else end)

    def _with_output(self, first: int, end: int) -> None:
        """A statement, and what its `OUTPUT … INTO table` writes, which sqlglot does not know."""
        reading, word = self.reading, self.reading.word(first)
        is_change = word in _VERBS and word != "SELECT"
        output = reading.find(first, {"OUTPUT"}, end) if is_change else end
        into = reading.find(output, {"INTO"}, end)
        has_top = is_change and reading.word(first + 1) == "TOP"
        rest = reading.past_bracket(first + 2) if has_top else first + 1
        rest += has_top and reading.word(rest) == "PERCENT"
        if into >= end:
            if has_top:
                self.found.add(f"{word} {reading.cut(rest, end)}", reading.line_of(first))
            else:
                self.statement(first, end)
            return
        target, past = name_at(reading, into + 1)
        past = reading.past_bracket(past)
        line = reading.line_of(first)
        self.found.add(f"{word} {reading.cut(rest, output)} {reading.cut(past, end)}", line)
        at = rest + (reading.word(rest) in ("FROM", "INTO"))
        changed, after = name_at(reading, at)
        if target and changed:
            table = self._table_of(reading.cut(at, after), past, end)
            self.found.add(
                f"INSERT INTO {reading.cut(into + 1, past)} SELECT {reading.cut(output + 1, into)}"
                f" FROM {table} AS deleted, {table} AS inserted",
                line,
            )

    def _table_of(self, name: str, first: int, end: int) -> str:
        """The table that a name stands for, if it is an alias of the FROM that follows."""
        reading = self.reading
        for at in reading.level(first, end):
            has_as = reading.word(at - 1) == "AS"
            last = at - 1 - has_as
            if reading.cut(at, at + 1) == name and reading.is_name(last) and last > first:
                start = last
                while reading.type(start - 1) is TokenType.DOT:
                    start -= 2
                if reading.word(start - 1) in ("FROM", "JOIN", ""):
                    return reading.cut(start, last + 1)
        return name

    def _inserts_results(self, first: int, end: int) -> bool:
        """Whether rows of a procedure, or of dynamic SQL, are inserted; notes what is known."""
        reading = self.reading
        run = reading.find(first, {"EXEC", "EXECUTE"}, end)
        if run >= end:
            return False
        text = run + 2
        kinds = (reading.type(run + 1), reading.type(text + 1))
        if reading.type(text) in STRINGS and kinds == (TokenType.L_PAREN, TokenType.R_PAREN):
            sql = reading.tokens[text].text.strip()
            if sql.split(" ")[0].upper() in DATA:
                self.found.add(f"{reading.cut(first, run)} {sql}", reading.line_of(first))
                return True
        what = " ".join(reading.cut(first, end).split())[:100]
        self.found.doubt("dynamic SQL", f"rows of a procedure: {what}", reading.line_of(first))
        self.found.add(f"{reading.cut(first, run)} DEFAULT VALUES", reading.line_of(first))
        return True
