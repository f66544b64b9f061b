"""What no sink takes."""

from good import Either, GoodSource
from pydantic import BaseModel


class CreateSpaceshipRequest(BaseModel):
    name: str


class Bad(GoodSource):
    odd = "a string"

    def _iter(self):
        yield from self.begin()
        yield self.odd


class Strings(Bad):
    odd = "CREATE TABLE t (id int)"


class Dicts(Bad):
    odd = {"name": "t"}


class Ints(Bad):
    odd = 42


class Wrapped(Bad):
    odd = Either(right="t")


class Unknown(Bad):
    odd = Either(right=CreateSpaceshipRequest(name="t"))


class Neither(Bad):
    odd = Either()


class NoIterable(GoodSource):
    def _iter(self):
        return 42


class ManyStrings(GoodSource):
    def _iter(self):
        yield from self.begin()
        for _ in range(3000):
            yield "x"
