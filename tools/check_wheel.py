"""Builds the wheel and imports everything from it, as somebody does who never saw this folder.

Twice: every module with all extras installed, then the client alone in an environment that has
the base dependencies and nothing else.
"""

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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
    return 0


def _build(work: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    _run(*pip, "wheel", "--no-deps", "--wheel-dir", str(work), str(ROOT))
    (wheel,) = work.glob("xaigh-*.whl")
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
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    _run(python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", str(wheel))
    _run(python, "-I", "-W", "error", "-c", _LIGHT)
    bare = subprocess.run(
        [str(environment / "bin" / "xaigh"), "--help"], capture_output=True, text=True, check=False
    )
    lines = bare.stderr.strip().splitlines()
    if bare.returncode != 2 or len(lines) != 1 or "xaigh[cli]" not in lines[0]:
        raise SystemExit(f"`xaigh` without its extra says: {bare.stderr or bare.stdout}")


def _run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
