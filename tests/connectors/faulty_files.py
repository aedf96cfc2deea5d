"""A file system whose requests go wrong on demand: the disk of this machine behind `faulty://`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import fsspec
from fsspec.implementations.local import LocalFileSystem

if TYPE_CHECKING:
    from tests.connectors.conformance.rig import FaultKind

SCHEME = "faulty://"


class NoCredentialsError(Exception):
    """Named as the drivers of object stores name it; its text holds the key, as theirs may."""


class FaultyFiles(LocalFileSystem):  # type: ignore[misc]  # fsspec ships no annotations
    """Every listing and every fetch is one request; the next `times` of them fail."""

    protocol = "faulty"
    cachable = False
    kind: ClassVar[FaultKind | None] = None
    times: ClassVar[int] = 0
    fetched: ClassVar[list[str]] = []
    closed: ClassVar[frozenset[str]] = frozenset()
    """Names of folders that may not be listed."""

    def __init__(self, key: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.key = key

    @classmethod
    def fail(cls, kind: FaultKind | None, times: int) -> None:
        cls.kind, cls.times = kind, times

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        return super()._strip_protocol(str(path).removeprefix(SCHEME))

    def info(self, path: str, **options: Any) -> Any:
        self._strike()
        return super().info(path, **options)

    def ls(self, path: str, detail: bool = False, **options: Any) -> Any:
        if str(path).rstrip("/").rpartition("/")[2] in type(self).closed:
            raise PermissionError(self.key)
        return super().ls(path, detail=detail, **options)

    def cat_file(self, path: str, *args: Any, **options: Any) -> bytes:
        self._strike()
        type(self).fetched.append(path)
        content: bytes = super().cat_file(path, *args, **options)
        return content[: len(content) // 2] if self._spend("truncate") else content

    def _strike(self) -> None:
        if self._spend("401"):
            raise NoCredentialsError(self.key)
        if self._spend("403"):
            raise PermissionError(self.key)
        if self._spend("429") or self._spend("500"):
            raise OSError(self.key)

    def _spend(self, kind: FaultKind) -> bool:
        strikes = type(self).kind == kind and type(self).times > 0
        type(self).times -= strikes
        return strikes


fsspec.register_implementation("faulty", FaultyFiles, clobber=True)
