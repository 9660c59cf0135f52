"""Builds the wheels and tries them where nothing of this folder is installed.

The product's wheel: every module with all extras installed, then the client alone in an environment
that has the base dependencies and nothing else. The wheel of httprule: every module in an
environment that has its declared dependencies alone, the five-minute start of its README, and its
tests.
"""

import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

from httprule_harness import readme

ROOT = Path(__file__).resolve().parent.parent
HTTPRULE = ROOT / "server" / "httprule"
# Entry points that run when they are imported, and migrations, which alembic loads by itself.
_NOT_MODULES = ("__main__", ".versions.", ".env")

_IMPORT_ALL = """
import importlib, sys
root, names = sys.argv[1], sys.argv[2:]
sys.path.insert(0, root)
for name in names:
    module = importlib.import_module(name)
    place = module.__file__ or ""
    assert place.startswith(root), f"{name} came from {place}, not from the wheel"
"""

_DOCS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from xaigh_server.web.openapi_document import read_openapi
from xaigh_server.web.pages import doc_pages
assert json.loads(read_openapi())["paths"], "the wheel carries no OpenAPI document"
for path, page in doc_pages({}).items():
    page.make()
"""

_LIGHT = """
import importlib.util, sys
import xaigh_client, xaigh_client.types
with xaigh_client.Client(api_key="", address="localhost:1") as client:
    assert "localhost" in repr(client)
heavy = ["typer", "rich", "sqlalchemy", "uvicorn", "protovalidate", "cryptography"]
found = [name for name in heavy if importlib.util.find_spec(name)]
assert not found, f"the base install brings {found}"
"""

_IMPORT_BASE = """
import sys
import httprule
assert "uvicorn" not in sys.modules, "httprule needs uvicorn without its extra"
"""

_IMPORT_INSTALLED = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def main() -> int:
    """Exits with 1 where something doesn't import; what it said is on the terminal."""
    with tempfile.TemporaryDirectory(prefix="xaigh-wheel-") as folder:
        work = Path(folder)
        wheel = _build(work)
        unpacked = work / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked)
            names = sorted(_modules(archive.namelist()))
        _run(sys.executable, "-I", "-W", "error", "-c", _IMPORT_ALL, str(unpacked), *names)
        _run(sys.executable, "-I", "-W", "error", "-c", _DOCS, str(unpacked))
        _check_light(work, wheel)
        print(f"{wheel.name}: {len(names)} modules import; the base install is light")
        print(
            f"{_check_httprule(work)}: the README's start and the tests pass without this product"
        )
    return 0


def _build(work: Path, source: Path = ROOT, name: str = "xaigh") -> Path:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", str(work), str(source))
    (wheel,) = work.glob(f"{name}-*.whl")
    return wheel


def _modules(names: list[str]) -> set[str]:
    paths = {Path(name) for name in names if name.endswith(".py")}
    dotted = {".".join(path.with_suffix("").parts) for path in paths}
    return {
        name.removesuffix(".__init__")
        for name in dotted
        if not any(part in name for part in _NOT_MODULES)
    }


def _check_light(work: Path, wheel: Path) -> None:
    environment = work / "light"
    python = _environment(environment)
    _install(python, str(wheel))
    _run(python, "-I", "-W", "error", "-c", _LIGHT)
    bare = subprocess.run(
        [str(environment / "bin" / "xaigh"), "--help"], capture_output=True, text=True, check=False
    )
    lines = bare.stderr.strip().splitlines()
    if bare.returncode != 2 or len(lines) != 1 or "xaigh[cli]" not in lines[0]:
        raise SystemExit(f"`xaigh` without its extra says: {bare.stderr or bare.stdout}")


def _check_httprule(work: Path) -> str:
    """Tries the wheel of httprule, each time with no more installed than it declares."""
    wheel = _build(work, HTTPRULE, "httprule")
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(_modules(archive.namelist()))
        assert "httprule/py.typed" in archive.namelist(), "the wheel has no marker of its types"
    python = _environment(work / "httprule")
    _install(python, str(wheel))
    _run(python, "-I", "-W", "error", "-c", _IMPORT_BASE)
    _install(python, f"{wheel}[server]")
    _run(python, "-I", "-W", "error", "-c", _IMPORT_INSTALLED, *names)
    start = work / "start"
    start.mkdir()
    readme.play(start, python)
    _install(python, f"{wheel}[test]")
    # A copy without the sources: what the tests import is the installed wheel.
    shutil.copytree(HTTPRULE, work / "copy", ignore=shutil.ignore_patterns("src", ".*"))
    _run(python, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", cwd=work / "copy")
    return wheel.name


def _environment(folder: Path) -> str:
    """Makes an empty environment; its interpreter."""
    venv.create(folder, with_pip=True)
    return str(folder / "bin" / "python")


def _install(python: str, wheel: str) -> None:
    _run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", wheel)


def _run(*command: str, cwd: Path | None = None) -> None:
    if subprocess.run(command, check=False, cwd=cwd).returncode != 0:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
