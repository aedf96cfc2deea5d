"""The end of a demo: how many records came together, and five partners that need somebody, told tool by tool."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from partnerhub.cli.output import counted, day, printable
from warehouse.viewer import OPERATOR

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from partnerhub.config import HubConfig
    from warehouse.database import Connection

CARDS, FINDINGS_A_CARD, EVIDENCE_A_FINDING = 5, 8, 4
WIDTH: Final = 100
"""Cards are set for a terminal of this many columns, and no wider."""
LONGEST_QUOTE: Final = 110
URGENT: Final = "urgent"
RULES: Final = (
    "stale_stage",
    "contradiction",
    "unanswered",
    "person_left",
    "overdue",
    "promise_forgotten",
    "renewal_due",
    "single_threaded",
    "silence",
)
"""In which order a card tells what it knows, after what is urgent; a rule of somebody's own comes last."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What came out, in five numbers. need_you: partners with something that cannot wait."""

    records: int
    systems: int
    partners: int
    duplicates: int
    need_you: int

    def sentence(self) -> str:
        """The numbers in one line."""
        return (
            f"{counted(self.records, 'organization record')} in {counted(self.systems, 'system')}"
            f" → {counted(self.partners, 'partner')}, {counted(self.duplicates, 'duplicate')} found,"
            f" {self.need_you:,} {'needs' if self.need_you == 1 else 'need'} you today"
        )


@dataclass(frozen=True, slots=True)
class Card:
    """One partner with what its signals say: rows of `warehouse.queries.signals`."""

    organization_id: str
    name: str
    findings: list[dict[str, Any]]

    def data(self) -> dict[str, Any]:
        """For `--json`."""
        return {"organization_id": self.organization_id, "name": self.name, "signals": self.findings}


def headline(connection: Connection, config: HubConfig) -> Headline:
    """Count live organization records, systems, partners and records beyond the first of their organization."""
    from warehouse.queries.signals import count_signals

    (records, organizations) = connection.query(
        "SELECT count(*), count(DISTINCT l.organization_id) FROM organization_link l"
        " JOIN staged_organization s ON s.record = l.record WHERE l.ended_at IS NULL AND s.deleted_at IS NULL"
    )[0]
    ((partners,),) = connection.query("SELECT count(DISTINCT organization_id) FROM partnership")
    systems = len({source.connector for source in config.sources.values()})
    return Headline(
        records, systems, partners, records - organizations, count_signals(OPERATOR, connection)["today"]
    )


def cards(connection: Connection) -> list[Card]:
    """The partners that need somebody most: by kinds of urgent findings, of findings, and by tools they rest on."""
    from warehouse.queries import signals

    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in signals.signals(OPERATOR, connection):
        found[each["organization_id"]].append(each)
    ranked = sorted(
        found.values(),
        key=lambda findings: (*(-part for part in weight(findings)), findings[0]["organization_id"]),
    )
    return [
        Card(findings[0]["organization_id"], findings[0]["organization"] or "", in_order(findings))
        for findings in ranked[:CARDS]
    ]


def weight(findings: list[dict[str, Any]]) -> tuple[int, int, int]:
    """How much a partner needs somebody: kinds of urgent findings, kinds of findings, tools they are seen in."""
    urgent = {each["rule"] for each in findings if each["level"] == URGENT}
    sources = {source_of(one["record"]) for each in findings for one in each["evidence"]}
    return len(urgent), len({each["rule"] for each in findings}), len(sources)


def in_order(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings of a card: the first of every kind, what is urgent before the rest, then the others."""
    seen: Counter[str] = Counter()
    placed: list[tuple[int, bool, int, int]] = []
    for number, each in enumerate(findings):
        rule = each["rule"]
        order = RULES.index(rule) if rule in RULES else len(RULES)
        placed.append((seen[rule], each["level"] != URGENT, order, number))
        seen[rule] += 1
    return [findings[number] for *_, number in sorted(placed)]


def source_of(record: str) -> str:
    """The source a record key begins with."""
    return record.split("/", 1)[0]


def tools(config: HubConfig) -> dict[str, str]:
    """Source name → what people call its system, without what stands in brackets."""
    from connectors.registry import connector_class

    titles = {name: connector_class(source.connector).title for name, source in config.sources.items()}
    return {name: title.partition(" (")[0] for name, title in titles.items()}


def show_cards(console: Console, found: list[Card], titles: dict[str, str]) -> None:
    """One table per partner: what each tool says, what is true, and where it stands."""
    width = min(console.width, WIDTH)
    for number, card in enumerate(found, start=1):
        console.print(f"{number}  {printable(card.name)}", style="bold", markup=False, width=width)
        console.print(card_table(card, titles), width=width)
        left_out = len(card.findings) - FINDINGS_A_CARD
        if left_out > 0:
            console.print(f"   … and {counted(left_out, 'more finding')}\n", style="dim", markup=False)


def card_table(card: Card, titles: dict[str, str]) -> Table:
    """The findings of one partner."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, show_lines=False)
    made.add_column("what each tool says", ratio=9, overflow="fold")
    made.add_column("what is true", ratio=8, overflow="fold")
    made.add_column("evidence", ratio=8, overflow="ellipsis", no_wrap=True)
    for each in card.findings[:FINDINGS_A_CARD]:
        shown = each["evidence"][:EVIDENCE_A_FINDING]
        style = "bold" if each["level"] == URGENT else ""
        made.add_row(
            Text("\n".join(says(one, titles) for one in shown)),
            Text(printable(each["sentence"]), style=style),
            Text("\n".join(dict.fromkeys(stands(one) for one in shown)), style="dim"),
        )
        made.add_row()
    return made


def says(evidence: dict[str, Any], titles: dict[str, str]) -> str:
    """One tool's words, cut to what fits a card."""
    quote = " ".join(printable(evidence["quote"]).split())
    short = quote if len(quote) <= LONGEST_QUOTE else f"{quote[: LONGEST_QUOTE - 1].rstrip()}…"
    source = source_of(evidence["record"])
    return f"{titles.get(source, source)}: “{short}”"


def stands(evidence: dict[str, Any]) -> str:
    """Where it is written: the day, the place in the record, the record; the line is cut where it is too long."""
    parts = [day(evidence.get("at")), printable(evidence.get("place")), printable(evidence["record"])]
    return " ".join(part for part in parts if part)
