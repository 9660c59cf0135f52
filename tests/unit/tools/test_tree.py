"""Publishing a generated tree."""

from pathlib import Path

from codegen import tree


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_publish_makes_the_target_equal(tmp_path: Path) -> None:
    """After publishing, the target holds the new files and nothing else."""
    old = _write(tmp_path / "old", {"a/x.py": "1", "a/y.py": "2", "b/z.py": "3"})
    new = _write(tmp_path / "new", {"a/x.py": "1", "a/y.py": "9", "c/n.py": "4"})
    difference = tree.publish(new, old)
    assert list(difference.lines()) == ["+ c/n.py", "~ a/y.py", "- b/z.py"]
    assert not tree.compare(old, new)
    assert not (old / "b").exists()


def test_an_equal_file_is_not_touched(tmp_path: Path) -> None:
    """A file whose content is the same keeps its inode, so that no reader notices."""
    old = _write(tmp_path / "old", {"x.py": "1"})
    before = (old / "x.py").stat()
    tree.publish(_write(tmp_path / "new", {"x.py": "1"}), old)
    after = (old / "x.py").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_caches_are_no_difference(tmp_path: Path) -> None:
    """Byte code beside a generated module isn't a difference."""
    old = _write(tmp_path / "old", {"x.py": "1", "__pycache__/x.pyc": "?"})
    assert not tree.compare(old, _write(tmp_path / "new", {"x.py": "1"}))
