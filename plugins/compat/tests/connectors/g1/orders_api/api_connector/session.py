class Session:
    """Stands for requests.Session"""

    def __init__(self, tables: str):
        self.tables = tables.split(",")

    def get(self, url):
        for number, name in enumerate(self.tables, 1):
            yield {
                "name": name,
                "url": url,
                "fields": {"id": "bigint", "first_name": "varchar", "mood": "emoji"},
                "rows": [[number, "Ann", ":-)"], [number + 1, "Bob", None]],
            }
