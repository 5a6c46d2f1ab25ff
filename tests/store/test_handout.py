"""Writing where a person said: files are replaced whole, everything else is written into."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tidegate.store.handout import is_stream, write_out

needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def test_a_file_is_new_or_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for data in (b"longer", b"new"):
        write_out(path, data)
        assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert not is_stream(path)


@pytest.mark.parametrize("there", [True, False])
def test_a_symlink_is_followed_and_stays(tmp_path: Path, *, there: bool) -> None:
    (tmp_path / "folder").mkdir()
    target = tmp_path / "folder" / "target"
    if there:
        target.write_bytes(b"old")
    (tmp_path / "middle").symlink_to("folder/target")
    link = tmp_path / "link"
    link.symlink_to("middle")
    write_out(link, b"new")
    assert target.read_bytes() == b"new"
    assert link.is_symlink()
    assert (tmp_path / "middle").is_symlink()


@needs_fifo
@pytest.mark.parametrize("through_link", [True, False])
def test_a_pipe_is_written_into_and_stays(tmp_path: Path, *, through_link: bool) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    data = b"x" * 200_000  # more than a pipe holds
    write_out(link if through_link else pipe, data)
    reader.join(10)
    assert got == [data]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert is_stream(link)


def test_a_device_stays_a_device() -> None:
    write_out(Path(os.devnull), b"x")
    assert stat.S_ISCHR(Path(os.devnull).lstat().st_mode)
    assert is_stream(Path(os.devnull))


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/dev//stdout"])
def test_standard_output_takes_it_where_it_stands(tmp_path: Path, name: str) -> None:
    script = (
        "import sys; from pathlib import Path; from tidegate.store.handout import write_out;"
        "write_out(Path(sys.argv[1]), b'ours\\n'); print('then')"
    )
    log = tmp_path / "log"
    log.write_bytes(b"before\n")
    with log.open("ab") as stream:
        subprocess.run([sys.executable, "-c", script, name], stdout=stream, check=True)
    assert log.read_bytes() == b"before\nours\nthen\n"


@pytest.mark.parametrize("name", ["", "folder", "link"])
def test_a_folder_and_an_empty_name_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    with pytest.raises(IsADirectoryError):
        write_out(Path(name), b"x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "link"]


def test_a_fault_names_the_path(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    absent = tmp_path / "none" / "f"
    for path in (loop, absent, Path("/dev/fd/999999")):
        with pytest.raises(OSError, match=path.name):
            write_out(path, b"x")
