"""What was promised last: the contracts of the marts as they were released, and those any folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from warehouse.contracts.compare import Change, Weight, as_wording, changes, raised
from warehouse.contracts.odcs import FIRST, Contract, contract_of
from warehouse.contracts.terms import USUAL
from warehouse.errors import WarehouseError
from warehouse.marts import MARTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from warehouse.contracts.terms import Terms
    from warehouse.database import Connection
    from warehouse.marts import Mart

RELEASED: Final = Path(__file__).parent / "published"
ENDING: Final = ".odcs.yaml"
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe one, in C where there is one: eight times as fast."""
STREAMS: Final = "SELECT view_name, count(DISTINCT since_at) FROM stream_column GROUP BY view_name"


class BreaksPromises(WarehouseError):
    """Contracts would change in a way whoever builds on them must know beforehand."""

    def __init__(self, found: Iterable[Change]) -> None:
        """Name what breaks."""
        said = "; ".join(f"{each.table}{'.' * bool(each.column)}{each.column} {each.what}" for each in found)
        super().__init__(
            f"Promises would break: {said}.",
            "Keep the column and add another one; or say --breaking, which raises the major version. --wording is for"
            " descriptions that only got better words.",
        )


def contracts_in(folder: Path) -> dict[str, Contract]:
    """The contracts a folder holds, by table; those of an export lie in its `contracts`."""
    inner = folder / "contracts"
    files = sorted((inner if inner.is_dir() else folder).glob(f"*{ENDING}"))
    found = (yaml.load(path.read_text(encoding="utf-8"), LOADER) for path in files)  # noqa: S506  # a safe one
    return {str(each["name"]): each for each in found}


def contract_now(mart: Mart, released: dict[str, Contract], terms: Terms = USUAL) -> Contract:
    """A mart's contract as the program has it, with the version its changes ask for.

    terms: of the deployment; the version is the program's, whatever they are.
    """
    before = released.get(mart.name)
    if before is None:
        return contract_of(mart, terms=terms)
    now = contract_of(mart, str(before["version"]))
    return contract_of(mart, raised(str(before["version"]), changes(before, now)), terms)


def of_marts(terms: Terms = USUAL) -> dict[str, Contract]:
    """The contracts of the marts as the program has them."""
    released = contracts_in(RELEASED)
    return {mart.name: contract_now(mart, released, terms) for mart in MARTS}


def of_streams(connection: Connection, streams: Iterable[Mart], terms: Terms = USUAL) -> dict[str, Contract]:
    """The contracts of views of streams. Columns are only added to them: each time raises the second part."""
    times = {str(name): int(count) for name, count in connection.query(STREAMS)}
    major = FIRST.partition(".")[0]
    return {
        mart.name: contract_of(mart, f"{major}.{times.get(mart.name, 1) - 1}.0", terms) for mart in streams
    }


def release(folder: Path, *, breaking: bool = False, wording: bool = False) -> list[Change]:
    """Write the contracts of the marts as the program has them, versions raised; what changed.

    Raises BreaksPromises, and writes nothing, where something breaks and `breaking` does not say so.
    """
    before = contracts_in(folder)
    found: list[Change] = []
    for mart in MARTS:
        former = before.get(mart.name)
        now = contract_of(mart, str(former["version"]) if former else FIRST)
        mine = list(changes(former, now)) if former else [Change(mart.name, "", "is new", Weight.ADDITIVE)]
        found += as_wording(mine) if wording else mine
    gone = [name for name in before if name not in {mart.name for mart in MARTS}]
    found += [Change(name, "", "is no more", Weight.BREAKING) for name in gone]
    breaks = [each for each in found if each.weight is Weight.BREAKING]
    if breaks and not breaking:
        raise BreaksPromises(breaks)
    for name in gone:
        (folder / f"{name}{ENDING}").unlink()
    for mart in MARTS:
        former = before.get(mart.name)
        mine = [each for each in found if each.table == mart.name]
        version = raised(str(former["version"]), mine) if former else FIRST
        (folder / f"{mart.name}{ENDING}").write_text(as_yaml(contract_of(mart, version)), encoding="utf-8")
    return found


def as_yaml(contract: Contract | dict[str, Any]) -> str:
    """A contract as YAML, in the order of the standard."""
    return yaml.safe_dump(contract, sort_keys=False, allow_unicode=True, width=120)
