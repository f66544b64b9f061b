"""The wiki's pages, from a dump."""

import json


class WikiClient:
    def __init__(self, path):
        self.file = open(path, encoding="utf-8")

    def pages(self):
        yield from json.load(self.file)

    def close(self):
        self.file.close()
