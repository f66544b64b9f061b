class Bureau:
    def __init__(self, name):
        self.name = name

    def figures(self):
        yield {"name": "births", "kind": "line", "unit": "people"}
        yield {"name": "rents", "kind": "bar", "unit": "euro"}
        yield {"name": "draft", "kind": "bar", "unit": "?"}
