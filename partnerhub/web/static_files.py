"""Stylesheets, scripts and icons: read once, packed once, under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from partnerhub.web.guard import Open

FOLDER: Final = Path(__file__).parent / "static"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_A_YEAR: Final = "public, max-age=31536000, immutable"
MARK: Final = 12
NOT_FOUND: Final = 404

router = APIRouter(dependencies=[Depends(Open("the same files for everybody, without data"))])


class StaticFile(NamedTuple):
    """One file as it is sent."""

    plain: bytes
    packed: bytes
    media_type: str
    mark: str


@cache
def files() -> dict[str, StaticFile]:
    """Every file by its path below `static`."""
    found = [path for path in sorted(FOLDER.rglob("*")) if path.suffix in TYPES]
    return {str(path.relative_to(FOLDER)): read(path) for path in found}


def read(path: Path) -> StaticFile:
    """A file with its packed form and the mark of its content."""
    plain = path.read_bytes()
    mark = hashlib.sha256(plain).hexdigest()[:MARK]
    return StaticFile(plain, gzip.compress(plain, 9, mtime=0), TYPES[path.suffix], mark)


def address(name: str) -> str:
    """Where a file is found, for templates: `/static/<mark>/hub.css`. Raises KeyError for one that is not there."""
    return f"/static/{files()[name].mark}/{name}"


@router.get("/static/{mark}/{name:path}", include_in_schema=False)
def static_file(request: Request, mark: str, name: str) -> Response:
    """A file; one whose mark is of another version is not there."""
    found = files().get(name)
    if found is None or found.mark != mark:
        raise HTTPException(NOT_FOUND)
    packs = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": FOR_A_YEAR, "Vary": "Accept-Encoding"} | (
        {"Content-Encoding": "gzip"} if packs else {}
    )
    return Response(found.packed if packs else found.plain, media_type=found.media_type, headers=headers)
