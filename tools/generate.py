"""Writes everything below generated/ from the protos: `make generate`.

`--check` writes to a temporary folder instead and fails where the committed files differ.
`--image FILE` also writes the descriptor set with comments, for `buf` and other tools.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from codegen import openapi, protoc, sdk, tree
from codegen.image import Image

ROOT = Path(__file__).resolve().parent.parent


def generate(work: Path) -> Path:
    """Makes the whole generated tree below `work` and returns its root."""
    out = work / "generated"
    python = out / "python"
    python.mkdir(parents=True)
    descriptors = protoc.run(ROOT / "protos", python, work)
    (work / "image.binpb").write_bytes(descriptors.SerializeToString(deterministic=True))
    sdk.write(Image(descriptors), python)
    (out / "openapi.json").write_bytes(openapi.write(descriptors, _version()))
    tree.mark_packages(python)
    _format(python / "xaigh" / "sdk")
    return out


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
        try:
            new = generate(Path(folder))
        except protoc.ProtocFailed as failed:
            print(failed, file=sys.stderr)
            return 1
        if options.image is not None:
            options.image.parent.mkdir(parents=True, exist_ok=True)
            options.image.write_bytes((Path(folder) / "image.binpb").read_bytes())
        if options.check:
            return _report(tree.compare(ROOT / "generated", new))
        difference = tree.publish(new, ROOT / "generated")
    print("\n".join(difference.lines()) or "generated/ is up to date")
    return 0


def _report(difference: tree.Difference) -> int:
    if not difference:
        print("generated/ is up to date")
        return 0
    print("generated/ differs from what the protos say; run `make generate`:", file=sys.stderr)
    print("\n".join(difference.lines()), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
