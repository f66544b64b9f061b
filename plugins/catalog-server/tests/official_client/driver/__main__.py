"""`python -m driver URL OLDER_URL SCENARIO...`: play scenarios, print one JSON object."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import sys

from driver.notes import NoteBook, jsonable
from driver.scene import Scene


def main(url: str, older_url: str, *scenarios: str) -> None:
    """What each step of each scenario gave, by the names of both."""
    logging.disable(logging.WARNING)  # what the client could not do is in the notes
    with contextlib.redirect_stdout(sys.stderr):  # the client, and what it imports, may print
        scene = Scene(url, older_url)
        book = NoteBook()
        for scenario in scenarios:
            for name, play in importlib.import_module(f"driver.{scenario}").plays(scene).items():
                book.play(name, play)
    json.dump(book.notes, sys.stdout, default=jsonable)


main(*sys.argv[1:])
