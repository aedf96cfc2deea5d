"""Every error and reason code that stands in the program, read from its source: nothing is run for it but one table."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from docs.markdown_table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("connectors", "mappings", "pipelines", "warehouse", "partnerhub")
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
