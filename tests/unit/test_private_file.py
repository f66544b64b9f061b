"""Files that om-ingest creates: their modes, and what reading programs see of a change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from om_ingest import private_file
from om_ingest.errors import DeliveryError, WorkflowError


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_files_are_for_their_owner_unless_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0600, what the workflow file says, what the variable says; those that exist stay.

    A variable that cannot be meant is refused, and keeps no report from being written.
    """
    path, old = tmp_path / "a", tmp_path / "old"
    old.touch(0o640)
    private_file.write_whole(path, "1")
    assert mode_of(path) == 0o600
    private_file.let_read("group")
    private_file.create(tmp_path / "b").close()
    private_file.write_whole(old, "2")
    private_file.write_whole(path, "2")  # its own, of a moment when the mode was not known yet
    private_file.let_read("owner")
    assert (mode_of(tmp_path / "b"), mode_of(path), mode_of(old)) == (0o640, 0o640, 0o640)
    monkeypatch.setenv("OM_INGEST_UMASK", "022")
    private_file.ensure(tmp_path / "c")
    private_file.write_whole(old, "3")
    assert (mode_of(tmp_path / "c"), mode_of(old)) == (0o644, 0o640)
    monkeypatch.setenv("OM_INGEST_UMASK", "u=rw")
    with pytest.raises(WorkflowError, match=r"OM_INGEST_UMASK is 'u=rw', which is no umask"):
        private_file.create(tmp_path / "d")
    private_file.write_whole(tmp_path / "d", "what went wrong")
    assert mode_of(tmp_path / "d") == 0o600
    monkeypatch.setenv("OM_INGEST_UMASK", "477")
    with pytest.raises(WorkflowError, match="which takes files from their owner"):
        private_file.mode()


def test_a_file_for_other_programs_follows_the_umask(tmp_path: Path) -> None:
    """`for_others` creates a file as every program does."""
    before = os.umask(0o027)
    try:
        private_file.write_whole(tmp_path / "metrics", "1", for_others=True)
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "metrics") == 0o640


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Who has the old file open goes on to see it; a link stays a link; nothing is left beside."""
    path, link = tmp_path / "real" / "a", tmp_path / "link"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o664)
    link.symlink_to(path)
    with path.open() as reader:
        private_file.write_whole(link, "new")
        assert reader.read() == "old"
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert mode_of(path) == 0o664
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_renamed_is_written_in_place(tmp_path: Path) -> None:
    """A pipe, as /dev/stdout may be one, gets the text if it has a reader.

    A folder is refused with its reason.
    """
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        private_file.write_whole(pipe, "text")
        assert os.read(reader, 9) == b"text"
    finally:
        os.close(reader)
    with pytest.raises(DeliveryError, match="pipe: nobody reads it"):
        private_file.append(pipe, "text")
    with pytest.raises(DeliveryError, match=r"Cannot write .*: Is a directory"):
        private_file.write_whole(tmp_path, "text")
    with pytest.raises(DeliveryError, match=r"Cannot write /dev/full: the disk is full \(/dev\)"):
        private_file.write_whole(Path("/dev/full"), "text")
