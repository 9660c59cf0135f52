"""Writes everything below generated/ and docs/reference/ from its sources: `make generate`.

`--check` writes to a temporary folder instead and fails where the committed files differ.
`--image FILE` also writes the descriptor set with comments, for `buf` and other tools.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from codegen import ats_notes, event_types, openapi, protoc, raw_hash, reference, sdk, tree
from codegen.image import Image

ROOT = Path(__file__).resolve().parent.parent
TREES = ("generated", "docs/reference")
"""Folders that hold nothing but generated files."""


def generate(work: Path) -> None:
    """Makes every generated tree below `work`."""
    out = work / "generated"
    python = out / "python"
    python.mkdir(parents=True)
    descriptors = protoc.run(ROOT / "protos", python, work)
    (work / "image.binpb").write_bytes(descriptors.SerializeToString(deterministic=True))
    image = Image(descriptors)
    sdk.write(image, python)
    (python / "xaigh" / "sdk" / "raw_hash.py").write_text(raw_hash.module())
    (python / "xaigh" / "sdk" / "events.py").write_text(event_types.module(descriptors))
    (out / "openapi.json").write_bytes(openapi.write(descriptors, _version()))
    tree.mark_packages(python)
    _format(python / "xaigh" / "sdk")
    reference.write(image, work / "docs" / "reference")
    (work / "docs" / "reference" / "events.md").write_text(openapi.events_page(descriptors))
    raw_hash.write_page(work / "docs" / "reference")
    ats_notes.write_page(work / "docs" / "reference")


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def _format(folder: Path) -> None:
    ruff = str(Path(sys.executable).parent / "ruff")
    common = ["--isolated", "--quiet", "--no-cache", "--line-length=100", "--target-version=py311"]
    subprocess.run([ruff, "check", *common, "--select=I,F401", "--fix", folder], check=True)
    subprocess.run([ruff, "format", *common, folder], check=True)


def main() -> int:
    """Returns the exit code: 1 where protoc refuses, or `--check` finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, write nothing")
    parser.add_argument("--image", type=Path, help="also write the descriptor set here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xaigh-generate-") as folder:
        work = Path(folder)
        try:
            generate(work)
        except protoc.ProtocFailed as failed:
            print(failed, file=sys.stderr)
            return 1
        if options.image is not None:
            options.image.parent.mkdir(parents=True, exist_ok=True)
            options.image.write_bytes((work / "image.binpb").read_bytes())
        if options.check:
            return _report({name: tree.compare(ROOT / name, work / name) for name in TREES})
        lines = _lines({name: tree.publish(work / name, ROOT / name) for name in TREES})
    print("\n".join(lines) or "generated files are up to date")
    return 0


def _report(differences: dict[str, tree.Difference]) -> int:
    lines = _lines(differences)
    if not lines:
        print("generated files are up to date")
        return 0
    print("generated files differ from their sources; run `make generate`:", file=sys.stderr)
    print("\n".join(lines), file=sys.stderr)
    return 1


def _lines(differences: dict[str, tree.Difference]) -> list[str]:
    return [
        line.replace(" ", f" {name}/", 1)
        for name, difference in differences.items()
        for line in difference.lines()
    ]


if __name__ == "__main__":
    sys.exit(main())
