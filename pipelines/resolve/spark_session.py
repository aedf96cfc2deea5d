"""Spark itself: where it runs, how it is started, and what to do when it, or Java, is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.errors import FixSetup

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA = 17
LOOPBACK = "127.0.0.1"
RECORDS_PER_TASK = 10_000
BATCH = 10_000
"""Pairs that go to DuckDB at a time: about 20 MB of features."""


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """Where Spark runs.

    master: as Spark calls it; `local[2]` is this machine with two cores. memory: of the driver, which locally is all
    there is, and of every executor elsewhere. folder: for tables on the way, seen by the driver and every executor
    under one path; None: a temporary one of this machine, which will do for `local`. Whatever else Spark should know
    stands in its own spark-defaults.conf.
    """

    master: str = "local[*]"
    memory: str = "4g"
    folder: Path | None = None

    @property
    def local(self) -> bool:
        """Whether this machine does it all."""
        return self.master.startswith("local")


HERE = SparkSettings()


@contextmanager
def spark_session(settings: SparkSettings, folder: Path, records: int) -> Iterator[SparkSession]:
    """A session by these settings, stopped at the end; a session that runs already is used as it is, and left.

    Raises FixSetup when Spark cannot start.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    running = SparkSession.getActiveSession()
    if running is not None:
        running.sparkContext.setCheckpointDir(str(folder))
        yield running
        return
    # The tasks run the same Python as the driver, where nobody said otherwise.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if settings.local:
        os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
    builder = SparkSession.builder.master(settings.master).appName("partnerhub")
    for name, value in session_options(settings, folder, records).items():
        builder = builder.config(name, value)
    try:
        with quiet_about_pandas():
            spark = builder.getOrCreate()
    except (PySparkException, OSError) as problem:
        raise not_started(settings, type(problem).__name__) from problem
    except Exception as problem:
        if type(problem).__module__.startswith("py4j"):
            raise not_started(settings, type(problem).__name__) from problem
        raise
    try:
        spark.sparkContext.setCheckpointDir(str(folder))
        yield spark
    finally:
        spark.stop()


def session_options(settings: SparkSettings, folder: Path, records: int) -> dict[str, str]:
    """What this work needs of a session."""
    options = {
        "spark.driver.memory": settings.memory,
        "spark.executor.memory": settings.memory,
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.shuffle.partitions": str(max(4, records // RECORDS_PER_TASK)),
    }
    if settings.local:
        options |= {
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.ui.enabled": "false",
            "spark.local.dir": str(folder),
        }
    return options


@contextmanager
def work_folder(settings: SparkSettings) -> Iterator[Path]:
    """A folder of this run, gone at the end."""
    if settings.folder is not None:
        settings.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="partnerhub-", dir=settings.folder) as name:
        yield Path(name)


@contextmanager
def quiet_about_pandas() -> Iterator[None]:
    """PySpark warns of pandas 3; nothing here goes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        yield


def require_spark() -> None:
    """Raise FixSetup when PySpark or Java is missing."""
    if find_spec("pyspark") is None:
        raise FixSetup(
            code="spark_missing",
            happened="PySpark is not installed.",
            do="Install the extra: pip install 'partner-hub[spark]'. Or leave out --engine spark.",
        )
    found = java_version()
    if found is None or found < OLDEST_JAVA:
        raise FixSetup(
            code="java_missing",
            happened=f"Spark needs Java {OLDEST_JAVA} or newer, and there is "
            + ("none." if found is None else f"Java {found}."),
            do="Install it (Debian, Ubuntu: apt install openjdk-17-jre-headless), or set JAVA_HOME to where it is.",
        )


def java_version() -> int | None:
    """The Java that Spark would start, or None."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if java is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603  # what Spark would start itself
            [java, "-version"], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else None


def not_started(settings: SparkSettings, kind: str) -> FixSetup:
    """Spark did not come up."""
    return FixSetup(
        code="spark_not_started",
        happened=f"Spark at {settings.master} did not start ({kind}).",
        do="Read what it said above; check --spark-master, and that the machine has --spark-memory to give.",
    )
