from good import GoodSource


class InInit(GoodSource):
    def __init__(self, config, metadata):
        raise KeyError("hostPort")


class InPrepare(GoodSource):
    def prepare(self):
        raise ConnectionError("host.example: connection refused")


class InIter(GoodSource):
    def _iter(self):
        yield from self.begin()
        raise ValueError("page 3 is torn")


class InClose(GoodSource):
    def close(self):
        raise OSError("already closed")


class InTestConnection(GoodSource):
    def prepare(self):
        self.test_connection()

    def test_connection(self):
        raise ConnectionError("wrong password")


class Exits(GoodSource):
    def _iter(self):
        yield from self.begin()
        raise SystemExit(0)
