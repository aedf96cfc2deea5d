"""The ledger: what was decided about identity, by the hub and by people. Append-only, backed up, never rebuilt."""

from __future__ import annotations

from sqlmodel import Field, Index, SQLModel

from warehouse.tables.columns import in_layer


@in_layer("identity")
class IdentityEvent(SQLModel, table=True):
    """One thing that happened to an id: minted, merged, redirected, revived, split or moved.

    merged, redirected: `entity_id` answers by `other_id` from then on; a redirected one answered by a third before.
    revived: it answers for itself again, no longer by `other_id`. split: `record`, of `other_id` so far, founded it.
    moved: `record` went from `other_id` to `entity_id`.
    """

    __tablename__ = "identity_event"
    __table_args__ = (Index("identity_event_entity", "entity_id"), Index("identity_event_other", "other_id"))
    event_id: int = Field(primary_key=True)
    entity: str = Field(description="organization or person")
    kind: str
    entity_id: str
    other_id: str | None = None
    record: str | None = None
    cause: str = Field(
        description="what led to it: founding, same group, or the method by which `record` is linked"
    )
    run_id: str
    recorded_at: str


@in_layer("identity")
class OrganizationLink(SQLModel, table=True):
    """A source organization belongs to an organization id during an interval; open while `ended_at` is null."""

    __tablename__ = "organization_link"
    __table_args__ = (Index("organization_link_id", "organization_id"),)
    record: str = Field(primary_key=True)
    started_at: str = Field(primary_key=True)
    organization_id: str
    ended_at: str | None = None
    method: str = Field(description="founding, decision, merged_into, key:<kind>, standing, score or kept")
    score: float | None = None
    run_id: str


@in_layer("identity")
class PersonLink(SQLModel, table=True):
    """A source person belongs to a person id during an interval; open while `ended_at` is null."""

    __tablename__ = "person_link"
    __table_args__ = (Index("person_link_id", "person_id"),)
    record: str = Field(primary_key=True)
    started_at: str = Field(primary_key=True)
    person_id: str
    ended_at: str | None = None
    method: str
    score: float | None = None
    run_id: str


@in_layer("identity")
class StaysWith(SQLModel, table=True):
    """A record that is gone, deleted or no longer staged, and the one it keeps its place with until it is back."""

    __tablename__ = "stays_with"
    __table_args__ = (Index("stays_with_whom", "with_record"),)
    entity: str = Field(primary_key=True)
    record: str = Field(primary_key=True)
    with_record: str
    since_at: str
    run_id: str


@in_layer("identity")
class Redirect(SQLModel, table=True):
    """An id that answers by another one since a merge; `ended_at` is set when a split revives it."""

    __tablename__ = "redirect"
    __table_args__ = (Index("redirect_target", "to_id"),)
    from_id: str = Field(primary_key=True)
    started_at: str = Field(primary_key=True)
    entity: str
    to_id: str
    ended_at: str | None = None


@in_layer("identity")
class MatchEdge(SQLModel, table=True):
    """One scored pair of staged records, left < right. The latest score replaces the former one."""

    __tablename__ = "match_edge"
    __table_args__ = (Index("match_edge_right", "right_record"),)
    left_record: str = Field(primary_key=True)
    right_record: str = Field(primary_key=True)
    entity: str
    score: float = Field(description="match weight in bits")
    band: str = Field(
        description="auto, review, veto (looks like a branch), or no: compared once, nothing in common any more"
    )
    why_json: str
    rules: str
    run_id: str
    recorded_at: str


@in_layer("identity")
class Decision(SQLModel, table=True):
    """A person's verdict on a pair of records: same, different or unsure. Outranks every score, for ever."""

    __tablename__ = "decision"
    left_record: str = Field(primary_key=True)
    right_record: str = Field(primary_key=True)
    decided_at: str = Field(primary_key=True)
    entity: str
    verdict: str
    actor: str
    reason: str | None = None


@in_layer("identity")
class Pin(SQLModel, table=True):
    """A person's value for one field of one organization; outranks every source until it is lifted."""

    __tablename__ = "pin"
    organization_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    pinned_at: str = Field(primary_key=True)
    value: str | None = None
    actor: str
    lifted_at: str | None = None
    heard_json: str | None = Field(
        default=None,
        description="what sources said otherwise when it was pinned, by record: something else is a conflict",
    )


@in_layer("identity")
class Attachment(SQLModel, table=True):
    """A person's word that a fact belongs (or does not belong) to an organization's record."""

    __tablename__ = "attachment_decision"
    fact_id: str = Field(primary_key=True)
    anchor: str = Field(primary_key=True)
    decided_at: str = Field(primary_key=True)
    verdict: str
    actor: str


@in_layer("identity")
class StewardAct(SQLModel, table=True):
    """One thing a person said or did about identity or a value: numbered, so that it can be named and undone."""

    __tablename__ = "steward_act"
    act_id: int = Field(primary_key=True)
    acted_at: str
    kind: str = Field(
        description="same, different, related, unsure, merge, split, pin, unpin, attach, detach, ask, answer, done,"
        " snooze, back or undo"
    )
    entity: str = Field(description="organization, person or fact")
    subject: str = Field(description="what it was about, in words of that day")
    actor: str
    reason: str | None = None
    detail_json: str = Field(description="what was written, and what stood before: enough to take it back")
    undone_at: str | None = None
    undone_by: str | None = None


@in_layer("identity")
class WithdrawnDecision(SQLModel, table=True):
    """A verdict on a pair that was taken back. What stands is in `decision`; nothing a person said is lost."""

    __tablename__ = "decision_withdrawn"
    left_record: str = Field(primary_key=True)
    right_record: str = Field(primary_key=True)
    decided_at: str = Field(primary_key=True)
    entity: str
    verdict: str
    actor: str
    reason: str | None = None
    withdrawn_at: str
    withdrawn_by: str


@in_layer("identity")
class Evaluation(SQLModel, table=True):
    """The rules of one moment, judged by what people decided: pairs they joined or kept apart, rightly or not."""

    __tablename__ = "evaluation"
    evaluated_at: str = Field(primary_key=True)
    rules: str = Field(description="version of the scorecard")
    auto: float = Field(description="threshold in bits")
    review: float = Field(description="threshold in bits")
    labels: int = Field(description="pairs somebody called the same or different, both records still there")
    joined_rightly: int
    joined_wrongly: int
    apart_rightly: int
    apart_wrongly: int
    over_merges: int = Field(
        description="partners the rules would make of records that somebody called different"
    )
    regressed: bool = Field(description="whether it was worse than the run before, on the labels of both")
    wrong_json: str = Field(description="the pairs that were judged wrongly, as [left, right]")
    actor: str


@in_layer("identity")
class IdentityReview(SQLModel, table=True):
    """A join, split or relation that the rules suggest and do not make. Waits for a person until `closed_at`."""

    __tablename__ = "identity_review"
    __table_args__ = (
        Index("identity_review_right", "right_record"),
        Index("identity_review_opened", "opened_at"),
        Index("identity_review_closed", "closed_at"),
    )
    left_record: str = Field(primary_key=True)
    right_record: str = Field(primary_key=True)
    reason: str = Field(
        primary_key=True,
        description="registry, country, owner, family, branch, size, bridge or retrained; of persons registry, size,"
        " addresses, either, moved or mailbox",
    )
    entity: str = Field(description="organization or person")
    proposal: str = Field(description="join, part, or related: one family, two organizations")
    score: float | None = Field(default=None, description="bits on average between the two groups")
    settled_json: str | None = Field(
        default=None, description="after retraining: lists of records that stand together until it is decided"
    )
    run_id: str
    opened_at: str
    closed_at: str | None = None


@in_layer("identity")
class Affiliation(SQLModel, table=True):
    """When the hub saw a person begin or cease to work somewhere, for sources that only say where they work now."""

    __tablename__ = "affiliation"
    person_record: str = Field(primary_key=True)
    organization_record: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    since: str | None = None
    until: str | None = Field(default=None, description="null while a source says so still")
    noted_at: str
