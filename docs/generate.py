"""Write the parts of the documentation that the program itself knows: settings, streams, tables, commands, error codes.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. `make docs` writes all of them;
tests/test_docs.py fails when one is out of date.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("connectors", "mappings", "pipelines", "warehouse", "partnerhub")
PART = re.compile(r"(<!-- generated: ([\w-]+)(?: ([\w-]+))? -->\n).*?(<!-- end -->)", re.DOTALL)
# What an error is built with → what the hub does about it: remedies of connectors/errors.py, rows of sync_error.
REMEDIES = {
    "FixSetup": "a person must act",
    "SkipStream": "this stream is left out, the others go on",
    "SkipRecord": "this record is quarantined, its neighbors go on",
    "RetryLater": "tried again, then by the next sync",
    "RefreshAuth": "the token is refreshed, then asked again",
    "WaitForQuota": "resumes by itself when the quota is back",
    "Problem": "reported, and listed by `partnerhub errors`",
}
EFFECTS = {
    "FixSetup": "Partners keep what this source said last, and its age shows, until somebody mends it.",
    "SkipStream": "Partners keep what this stream said last; everything else stays current.",
    "SkipRecord": "Whoever this record is about keeps what its last readable version said.",
    "RetryLater": "None that lasts: until the next sync values are as old as the last one that came through.",
    "RefreshAuth": "None: the reading goes on.",
    "WaitForQuota": "Values from here are as old as the last reading until the quota is back; nothing is lost.",
    "Problem": "What arrived is kept and the rest is published; the page of errors names the partners it concerns.",
}


def main() -> None:
    """Rewrite every page whose generated parts have changed, and name it."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        current = rendered(text)
        if current != text:
            page.write_text(current, encoding="utf-8")
            print(f"wrote {page.relative_to(ROOT)}")


def pages() -> list[Path]:
    """Every page of the documentation."""
    return sorted((ROOT / "docs").rglob("*.md"))


def rendered(text: str) -> str:
    """The text with its generated parts as the program has them now. Raises KeyError for an unknown part."""

    def part(match: re.Match[str]) -> str:
        lines = PARTS[match[2]](*([match[3]] if match[3] else []))
        return match[1] + "\n" + "\n".join(lines).strip() + "\n\n" + match[4]

    return PART.sub(part, text)


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table; bars in cells are escaped."""
    lines = [header, tuple("---" for _ in header), *rows]
    return [
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    ]


# ---------------------------------------------------------------- connectors


def connectors() -> list[str]:
    """A line per connector: its page, by the page's own title."""
    from connectors.registry import connector_names

    places = [ROOT / "docs" / "connect" / f"{name}.md" for name in connector_names()]
    found = [
        (place.read_text(encoding="utf-8").partition("\n")[0], place) for place in places if place.exists()
    ]
    return [f"- [{title.lstrip('# ')}](connect/{place.name})" for title, place in found]


def settings(name: str) -> list[str]:
    """The settings of one connector."""
    from connectors.registry import connector_class

    fields = connector_class(name).model_fields
    rows = [
        (f"`{key}`", default(field), field.description or "")
        for key, field in fields.items()
        if key != "source"
    ]
    return table(("setting", "default", "meaning"), rows)


def default(field: Any) -> str:
    """A setting's default as it would be written in YAML."""
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ("", (), {}, []):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# ---------------------------------------------------------------- warehouse


def tables() -> list[str]:
    """Every table of the warehouse with its columns, layer by layer."""
    from warehouse.tables import LAYERS, metadata

    lines = []
    for layer in LAYERS:
        found = sorted(
            (one for one in metadata.tables.values() if one.info["layer"] == layer), key=lambda one: one.name
        )
        lines += [f"## {layer}", ""] if found else []
        for one in found:
            lines += [f"### `{one.name}`", "", *paragraphs(one.comment), *columns(one), *indexes(one), ""]
    return lines


def columns(one: Any) -> list[str]:
    """The columns of one table; key columns are marked."""
    rows = [
        (
            f"`{column.name}`" + (" **key**" if column.primary_key else ""),
            sql_type(column),
            column.comment or "",
        )
        for column in one.columns
    ]
    return table(("column", "type", "meaning"), rows)


def indexes(one: Any) -> list[str]:
    """The indexes of one table beside its key, each with what it is for."""
    from warehouse.tables.index_reasons import SERVED

    named = sorted(index.name for index in one.indexes)
    said = [f"- `{name}`: {SERVED[name].reason}" if name in SERVED else f"- `{name}`" for name in named]
    return ["", "Indexes beside the key:", "", *said] if said else []


def sql_type(column: Any) -> str:
    """The column's type on PostgreSQL; SQLite keeps the same values as text and whole numbers."""
    from sqlalchemy.dialects.postgresql import dialect

    spelled = str(column.type.compile(dialect())).lower()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    return spelled.replace("timestamp(6) with time zone", "timestamptz") + (
        "" if column.nullable else ", never null"
    )


def first_paragraph(text: str | None) -> str:
    """The sentence that says what something is."""
    return " ".join((text or "").split("\n\n", maxsplit=1)[0].split())


def paragraphs(text: str | None) -> list[str]:
    """What a row is, and whatever else its docstring says, paragraph by paragraph with a blank line after each."""
    found = [" ".join(one.split()) for one in (text or "").split("\n\n")]
    return [line for one in found if one for line in (one, "")]


# ---------------------------------------------------------------- command line


def commands() -> list[str]:
    """Every command with its options, as `--help` says it."""
    import typer

    from partnerhub.cli.app import app

    lines: list[str] = []
    for name, command in walked(typer.main.get_command(app), ""):
        lines += [f"### `partnerhub {name}`", "", first_paragraph(command.help or ""), ""]
        lines += [*table(("option", "meaning"), options(command)), ""] if list(options(command)) else []
    return lines


def walked(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Commands below a group, in the order of `--help`."""
    for name, command in group.commands.items():
        if getattr(command, "commands", None):
            yield from walked(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield prefix + name, command


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Arguments and options of one command."""
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        spelled = ", ".join(parameter.opts) if parameter.opts[0].startswith("-") else parameter.name.upper()
        yield f"`{spelled}`", getattr(parameter, "help", None) or ""


def thresholds() -> list[str]:
    """Every threshold of the rules that find signals."""
    from dataclasses import fields

    from partnerhub.config.signals import Thresholds

    rows = (
        (f"`{each.name}`", "none" if each.default == () else f"`{each.default}`", each.metadata["means"])
        for each in fields(Thresholds)
    )
    return table(("setting", "default", "meaning"), rows)


def rules() -> list[str]:
    """Every rule that finds signals, by what its file says."""
    from partnerhub.config.signals import RULES, rule_names

    folder = ROOT.joinpath(*RULES.split("."))
    found = {name: ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")) for name in rule_names()}
    rows = ((f"`{name}`", first_paragraph(ast.get_docstring(tree) or "")) for name, tree in found.items())
    return table(("rule", "what it tells"), rows)


# ---------------------------------------------------------------- errors


def errors() -> list[str]:
    """Every error code that is written in the program: its cause, what it means for partners, what to do."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in code_files()]
    remedies = {name: name for name in REMEDIES} | {
        name: base for tree in trees for name, base in refined(tree)
    }
    found = {fact for tree in trees for fact in raised(tree, remedies)} | refused_answers()
    merged: dict[tuple[str, str, str], list[str]] = {}
    for code, cause, remedy, do in sorted(found):
        merged.setdefault((code, remedy, do), []).append(cause)
    rows, anchored = [], set[str]()
    for (code, remedy, do), causes in merged.items():
        mark = "" if code in anchored else f'<a id="{code}"></a>'
        anchored.add(code)
        said = " Or: ".join(each for each in causes if each.strip("… .")) or "As the message says."
        rows.append((f"{mark}`{code}`", said, EFFECTS[remedy], f"{do} ({REMEDIES[remedy]})"))
    return table(("code", "cause", "effect on partners", "what to do (and what follows)"), rows)


def refused_answers() -> set[tuple[str, str, str, str]]:
    """The codes of the table that reads a vendor's HTTP answers."""
    from connectors.transport.answers import LASTING, REFUSED

    lasting = {(code, "The vendor's answer says so.", "FixSetup", do) for code, do in LASTING.items()}
    return lasting | {
        (code, f"The vendor answered with HTTP status {status}.", kind.__name__, do)
        for status, (kind, code, do) in REFUSED.items()
    }


def code_files() -> list[Path]:
    """Every Python file of the program."""
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def refined(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(class, class of ours) of every error that a connector derives from one of ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in REMEDIES]
            yield from ((node.name, base) for base in bases)


def raised(tree: ast.Module, remedies: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """(code, cause, remedy, what to do) of every error built with a literal code. remedies: class → ours."""
    sentences = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in remedies:
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            code, do = given.get("code"), given.get("do")
            if isinstance(code, ast.Constant) and do is not None:
                cause = given.get("happened")
                said = [
                    sentences.get(each.id, each) if isinstance(each, ast.Name) else each
                    for each in (cause, do)
                ]
                words = [sentence(each) if each is not None else "" for each in said]
                yield str(code.value), words[0], remedies[node.func.id], words[1]


def reasons() -> list[str]:
    """Every reason code of a quarantined record or an unreadable value, with the module that gives it."""
    found = {
        (f"`{code}`", f"`{path.relative_to(ROOT)}`")
        for path in code_files()
        for code in reason_codes(ast.parse(path.read_text(encoding="utf-8")))
    }
    return table(("reason", "given by"), sorted(found))


def reason_codes(tree: ast.Module) -> Iterator[str]:
    """Literals passed as `Unreadable("...")` or `malformed="..."`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            unreadable = isinstance(node.func, ast.Name) and node.func.id == "Unreadable"
            given = [keyword.value for keyword in node.keywords if keyword.arg == "malformed"]
            for value in [*given, *(node.args[:1] if unreadable else [])]:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def sentence(node: ast.expr) -> str:
    """A literal or f-string as text; what is filled in while running shows as `…`."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.BinOp):
        return sentence(node.left) + sentence(node.right)
    return "…"


def marts() -> list[str]:
    """Every mart with its grain, its columns, where they come from, and the questions it answers."""
    from warehouse.marts import MARTS
    from warehouse.marts.then import said_of_the_past

    lines = []
    for mart in MARTS:
        lines += [
            f"## `{mart.name}`",
            "",
            mart.grain,
            "",
            mart.over_time,
            "",
            said_of_the_past(mart),
            "",
            f"Key: {', '.join(mart.key)}.",
            "",
        ]
        rows = [
            (
                f"`{column.name}`",
                column.type,
                column.says + (" (personal)" if column.tags else ""),
                source_column(column.of),
            )
            for column in mart.columns
        ]
        lines += [*table(("column", "type", "meaning", "from"), rows), ""]
        for question in mart.questions:
            lines += [question.asks, "", "```sql", question.sql, "```", ""]
    return lines


def stream_views() -> list[str]:
    """The streams of every connector with the views they have, and the columns of every kind of view."""
    from connectors.registry import connector_names
    from mappings.discover import mapping_for
    from warehouse.marts.streams import Declared, mart_of, new_columns, plain

    lines, used = ["## Views", ""], set()
    for connector in (*connector_names(), "hub"):
        mapping = mapping_for(connector)
        streams = {**mapping.streams, **({"rows": mapping.default} if mapping.default else {})}
        rows = [
            (
                f"`{stream}`",
                f"`stg_<source>__{plain(stream)}" + ("`" if not position else f"__{kind}`"),
                f"[{kind}](#{kind})",
            )
            for stream, each in streams.items()
            for position, kind in enumerate(each.kinds)
        ]
        used |= {kind for each in streams.values() for kind in each.kinds}
        lines += [f"### {connector}", "", *table(("stream", "view", "a row is"), rows), ""]
    lines += ["## Columns", ""]
    for kind in sorted(used):
        mart = mart_of(new_columns("view", Declared("s", "t", kind, True, (), {}), []))
        rows = [
            (f"`{each.name}`", each.type, each.says + (" (personal)" if each.tags else ""))
            for each in mart.columns
        ]
        lines += [f"### {kind}", "", *table(("column", "type", "meaning"), rows), ""]
    return lines


def source_column(of: str) -> str:
    """Where a column comes from; nothing for what a mart makes itself."""
    return f"`{of}`" if of else ""


def change_kinds() -> list[str]:
    """Every kind of change of the feed, and what happened."""
    from warehouse.changes.kinds import KINDS

    return table(("kind", "what happened"), ((f"`{kind}`", said) for kind, said in KINDS.items()))


def rebuild() -> list[str]:
    """What a rebuild begins with though it is golden, and what it does not compare."""
    from pipelines.rebuild.tables import JOURNALS, LEFT_OUT

    kept = ((f"`{name}`", "every row stands", f"holds {said}") for name, said in JOURNALS.items())
    left = (
        (f"`{name}`", f"not compared: {', '.join(f'`{column}`' for column in each.columns)}", each.why)
        for name, each in LEFT_OUT.items()
    )
    return table(("table", "what", "because it"), (*kept, *left))


PARTS: dict[str, Callable[..., list[str]]] = {
    "change-kinds": change_kinds,
    "connectors": connectors,
    "settings": settings,
    "tables": tables,
    "marts": marts,
    "stream-views": stream_views,
    "commands": commands,
    "errors": errors,
    "reasons": reasons,
    "thresholds": thresholds,
    "rules": rules,
    "rebuild": rebuild,
}


if __name__ == "__main__":
    main()
