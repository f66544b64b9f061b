"""Which class of a module is the source, and what is said of one that cannot be used."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from om_ingest.errors import PluginFaultError
from om_ingest.host.loading import processor_class, sink_class, source_class
from om_ingest.registry import find_source

NAME = "stumble"
MODULE = f"metadata.ingestion.source.database.{NAME}"
METHODS = """
    @classmethod
    def create(cls, config, server, ctx): return cls(ctx)
    def next_record(self): return ()
    def get_status(self): return SourceStatus()
"""
LACKING = f"""
from om_ingest import Source, SourceStatus
class StumbleSource(Source):{METHODS}
"""
OTHER = f"class Other(Source):{METHODS}"
UNUSABLE = {
    "lacks a method": (LACKING, "StumbleSource does not implement prepare"),
    "lacks one under another name": (
        LACKING.replace("StumbleSource", "Odd"),
        "Odd does not implement prepare",
    ),
    "abstract base": (
        f"{LACKING.replace('StumbleSource', 'Half')}class Odd(Half): close = None",
        "Odd does not implement prepare",
    ),
    "two, one called so": (LACKING + OTHER, "StumbleSource does not implement prepare"),
    "two": (
        LACKING.replace("StumbleSource", "Odd") + OTHER,
        "Found: Odd does not implement prepare; Other does not implement prepare",
    ),
    "derives from another": (
        "class StumbleSource(dict):\n  def next_record(self): ...",
        f"{MODULE}:StumbleSource is no subclass of om_ingest.Source",
    ),
    "derives from another, called otherwise": (
        "class Odd(dict):\n  def next_record(self): ...",
        "Found: none that derives from om_ingest.Source",
    ),
}
CONFIGURED = """
from om_ingest import ConfiguredSource, ConnectorConfig
class StumbleSource(ConfiguredSource[ConnectorConfig]):
    def next_record(self): return ()
    @staticmethod
    def close(): ...
"""
CREATE = "create has to be a classmethod that takes (config_dict, metadata_config_dict, ctx)"
MISFITS = {
    "create, one less": (
        "@classmethod\ndef create(cls, config, server): ...",
        f"{CREATE}, and it takes (config, server), at {NAME}.py:7",
    ),
    "create, one more": (
        "@classmethod\ndef create(cls, config, server, ctx, more) -> 'Source': ...",
        f"{CREATE}, and it takes (config, server, ctx, more)",
    ),
    "create of an instance": ("def create(self, config, server, ctx): ...", CREATE),
    "prepare": ("def prepare(): ...", "prepare has to be (self), and it takes ()"),
    "next_record": ("def next_record(self, n): ...", "next_record has to be (self), and it"),
    "get_status": ("def get_status(self, n): ...", "get_status has to be (self), and it takes"),
    "close": ("@classmethod\ndef close(cls, n): ...", "close has to be (), and it takes (n)"),
}
FITTING = {
    "defaults": "def prepare(self, again=False): ...",
    "any": "@classmethod\ndef create(*everything): ...",
    "static": "@staticmethod\ndef create(config, server, ctx): ...",
    "made": "import functools\nprepare = functools.partialmethod(print, 1)",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a connector that has no metadata; what is imported is forgotten again."""
    file = tmp_path.joinpath(*MODULE.split(".")).with_suffix(".py")
    file.parent.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, MODULE, None)  # type: ignore[arg-type]  # the old value counts
    del sys.modules[MODULE]
    return file


def refusal(site: Path, text: str) -> str:
    """What is said of a connector with this text."""
    site.write_text(text)
    with pytest.raises(PluginFaultError) as refused:
        source_class(find_source(NAME))
    assert refused.value.what.startswith(f"The source {NAME!r} cannot be used: ")
    return refused.value.what


@pytest.mark.parametrize(("text", "said"), UNUSABLE.values(), ids=UNUSABLE)
def test_class_that_cannot_be_used(site: Path, text: str, said: str) -> None:
    """A class that is there is named with what it lacks, also where no entry point names it."""
    assert refusal(site, text).endswith(said)


@pytest.mark.parametrize(("method", "said"), MISFITS.values(), ids=MISFITS)
def test_parameters_that_do_not_fit(site: Path, method: str, said: str) -> None:
    """A method with other parameters than the host passes is refused before it is called."""
    assert said in refusal(site, CONFIGURED + textwrap.indent(method, "    "))


@pytest.mark.parametrize("method", FITTING.values(), ids=FITTING)
def test_parameters_that_fit(site: Path, method: str) -> None:
    """Whatever the host can call is taken, however it is written."""
    site.write_text(CONFIGURED + textwrap.indent(method, "    "))
    assert source_class(find_source(NAME)).__name__ == "StumbleSource"


@pytest.mark.parametrize("kind", ["sink", "processor"])
def test_create_of_a_step_that_does_not_fit(site: Path, kind: str) -> None:
    """Sinks and processors are judged likewise; the distribution is named."""
    name = f"stumbling_{kind}"
    root = site.parents[4]
    code = f"from om_ingest import {kind.title()}\nclass Step({kind.title()}):\n"
    (root / f"{name}.py").write_text(f"{code}    @classmethod\n    def create(cls, config): ...\n")
    info = root / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[om_ingest.{kind}]\n{name} = {name}:Step\n")
    load = {"sink": sink_class, "processor": processor_class}[kind]
    with pytest.raises(PluginFaultError) as refused:
        load(name)
    assert refused.value.what == (
        f"The {kind} {name!r} of {name} 1.0 cannot be used: create has to be a classmethod that"
        f" takes (config_dict, ctx), and it takes (config), at {name}.py:3"
    )
