"""How tables, marts and views of streams are put in one order and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipelines.scratch.compare import Shape
from warehouse.tables import table

if TYPE_CHECKING:
    from collections.abc import Collection

    from warehouse.marts import Mart

BY_CODE_POINT: Final = {"sqlite": "", "postgresql": ' COLLATE "C"'}
"""As Python sorts text, whatever the server's locale is; columns of tables are so already."""


def of_table(
    name: str, *, key: tuple[str, ...] = (), leave_out: Collection[str] = (), where: str = ""
) -> Shape:
    """A table by its primary key, or by other columns that tell its rows apart."""
    columns = tuple(column.name for column in table(name).columns if column.name not in leave_out)
    known = key or tuple(column.name for column in table(name).primary_key)
    return Shape(name, known, columns, known, where)


def of_mart(mart: Mart, dialect: str, leave_out: Collection[str] = ()) -> Shape:
    """A published view by its key."""
    columns = tuple(column.name for column in mart.columns if column.name not in leave_out)
    texts = {column.name for column in mart.columns if column.type == "text"}
    order = tuple(name + BY_CODE_POINT[dialect] if name in texts else name for name in mart.key)
    return Shape(mart.name, mart.key, columns, order)
