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


class Tests(GoodSource):
    def _iter(self):
        from metadata.generated.schema.api.tests.createTestSuite import CreateTestSuiteRequest

        yield from self.begin()
        yield Either(right=CreateTestSuiteRequest(name="suite", basicEntityReference="a.b.c.d"))
