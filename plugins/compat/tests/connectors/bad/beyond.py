"""What the host does not imitate."""

from good import Either, GoodSource


def parses():
    from metadata.ingestion.lineage.parser import LineageParser

    return LineageParser("select 1")


class Parses(GoodSource):
    def _iter(self):
        yield from self.begin()
        parses()


class Calls(GoodSource):
    def _iter(self):
        yield from self.begin()
        self.metadata.send_pigeon(to="me")
