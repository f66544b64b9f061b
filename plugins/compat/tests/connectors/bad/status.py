import itertools

from good import GoodSource


class Nothing(GoodSource):
    def get_status(self):
        return None


class Unset(GoodSource):
    def __init__(self, config, metadata):
        super().__init__(config, metadata)
        self.status = None


class Endless:
    @property
    def failures(self):
        return itertools.repeat({"x": "y"})

    warnings = filtered = records = failures


class Infinite(GoodSource):
    def get_status(self):
        return Endless()


class Number(GoodSource):
    def get_status(self):
        return 42
