from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from formscan.errors import NotFoundError, StoreError
from formscan.store import Store
from formscan.store.images import ImageFolder

DATA = b"\x89PNG some scan"
SHA = hashlib.sha256(DATA).hexdigest()


def folder_in(tmp_path: Path) -> ImageFolder:
    return ImageFolder(tmp_path / "images")


def files(folder: ImageFolder) -> list[Path]:
    return [path for path in folder.root.rglob("*") if path.is_file()]


def test_that_an_image_lies_under_its_hash_in_two_levels(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.put(DATA, SHA)
    assert files(folder) == [folder.root / SHA[:2] / SHA[2:4] / SHA]
    assert folder.get(SHA) == DATA


def test_that_the_file_and_every_folder_above_it_are_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    names: dict[int, str] = {}
    real_open, real_sync, real_replace = os.open, os.fsync, Path.replace

    def open_noting(path: str | Path, flags: int, mode: int = 0o777) -> int:
        handle = real_open(path, flags, mode)
        names[handle] = Path(path).name
        return handle

    def sync_noting(handle: int) -> None:
        steps.append(names.pop(handle, "file"))
        real_sync(handle)

    def replace_noting(path: Path, target: Path) -> Path:
        steps.append("rename")
        return real_replace(path, target)

    monkeypatch.setattr(os, "open", open_noting)
    monkeypatch.setattr(os, "fsync", sync_noting)
    monkeypatch.setattr(Path, "replace", replace_noting)
    folder_in(tmp_path).put(DATA, SHA)
    if os.name == "nt":
        assert steps == ["file", "rename"]
        return
    assert steps[-3:] == ["file", "rename", SHA[2:4]]
    assert {tmp_path.name, "images", SHA[:2]} <= set(steps[:-3])


def test_that_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    folder = folder_in(tmp_path)
    folder.path(SHA).parent.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match=r"store\.image_not_written"):
            folder.put(DATA, SHA)
    assert files(folder) == []
    folder.put(DATA, SHA)
    assert folder.get(SHA) == DATA


def test_that_a_damaged_image_is_never_given_out(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.put(DATA, SHA)
    folder.path(SHA).write_bytes(DATA[:-1] + b"X")
    with pytest.raises(StoreError, match=r"store\.image_damaged"):
        folder.get(SHA)


@pytest.mark.parametrize("name", [SHA, "", "../../etc/passwd", SHA.upper(), "g" * 64])
def test_that_an_unknown_or_foolish_name_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        folder_in(tmp_path).get(name)


def test_that_the_store_keeps_an_image_once_and_again_is_no_work(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.put_image(DATA, "image/png") == SHA
    assert store.media_type(SHA) == "image/png"

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ImageFolder, "put", never)
    assert store.put_image(DATA, "image/png") == SHA
    assert store.get_image(SHA) == DATA


def test_that_a_file_without_a_row_is_harmless_and_taken_up(store: Store, tmp_path: Path) -> None:
    ImageFolder(tmp_path / "images").put(DATA, SHA)
    with pytest.raises(NotFoundError):
        store.media_type(SHA)
    assert store.put_image(DATA, "image/jpeg") == SHA
    assert store.media_type(SHA) == "image/jpeg"


def test_that_a_lost_or_cut_file_is_healed_when_the_image_comes_again(store: Store, tmp_path: Path) -> None:
    folder = ImageFolder(tmp_path / "images")
    store.put_image(DATA, "image/png")
    folder.path(SHA).write_bytes(DATA[:4])
    store.put_image(DATA, "image/png")
    assert store.get_image(SHA) == DATA
    folder.path(SHA).unlink()
    store.put_image(DATA, "image/png")
    assert store.get_image(SHA) == DATA


def test_that_half_copies_of_a_crash_are_swept_and_nothing_else_is(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    folder.put(DATA, SHA)
    left, under_way, foreign = (
        folder.root / name for name in (f".{'a1' * 8}.part", f".{'b2' * 8}.part", "notes.part")
    )
    for path in (left, under_way, foreign):
        path.write_bytes(b"half")
    for path in (left, foreign, folder.path(SHA)):
        os.utime(path, (0, 0))
    scan = tmp_path / "scan.tif"
    scan.write_bytes(b"another scan")
    taken, _ = ImageFolder(folder.root).take(scan)
    assert set(files(folder)) == {under_way, foreign, folder.path(SHA), folder.path(taken)}
