"""Draws the mails of a world: conversations, newsletters, automatic answers, invitations, internal and private mail.

A mail that concerns an organization the hub has a record of always shows it: one of its outside participants is a
contact somebody entered, or writes from a domain that only this organization's records carry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from partnerhub.simulator.world import naming, phrases, words
from partnerhub.simulator.world.model import Human, Mail, Org, Staff
from partnerhub.simulator.world.organizations import OWN_DOMAIN, Population
from partnerhub.simulator.world.places import BY_CODE
from partnerhub.simulator.world.records import Records

MAIL_SHARE = {"partner": 0.6, "customer": 0.26, "prospect": 0.3, "supplier": 0.3}
"""How many organizations of a role are in conversation with a mailbox."""
THREADS = {"partner": (1, 3), "customer": (1, 2), "prospect": (1, 1), "supplier": (1, 2)}
INTERNAL_PER_PARTNER, PRIVATE_PER_PARTNER = 0.4, 0.15
COPY_SHARE, THIRD_PARTY_SHARE, INVITE_SHARE, AWAY_SHARE, BOUNCE_SHARE = 0.25, 0.025, 0.12, 0.07, 0.04
HTML_SHARE, ATTACHMENT_SHARE, NO_MESSAGE_ID_SHARE, OLD_CHARSET_SHARE = 0.3, 0.05, 0.04, 0.06
EARLIEST_DAYS, LATEST_DAYS = 400, 14
OLD_CHARSETS = ("iso-8859-1", "windows-1252", "iso-8859-15")
FILES = (
    ("offer.pdf", "application/pdf", b"%PDF-1.4\n% generated, one empty page\n%%EOF\n"),
    ("participants.csv", "text/csv", b"name,city\nexample,nowhere\n"),
    ("agenda.txt", "text/plain", b"1. Welcome\n2. Numbers\n3. Next steps\n"),
)

Address = tuple[str, str]


@dataclass(slots=True)
class Mailbag:
    """The mails drawn so far, and who may stand for which organization."""

    rng: Random
    population: Population
    now: datetime
    reachable: dict[str, list[Human]]
    recorded: set[str]
    third_parties: list[str]
    mails: list[Mail] = field(default_factory=list)

    def post(
        self,
        kind: str,
        org_id: str | None,
        sender: Address,
        to: list[Address],
        subject: str,
        text: str,
        sent_at: datetime,
        *,
        cc: list[Address] | None = None,
        answers: Mail | None = None,
    ) -> Mail:
        """Add one mail; `answers` puts it into that mail's thread."""
        token = f"{self.rng.getrandbits(64):016x}.{len(self.mails)}"
        message_id = f"<{token}@{sender[1].rpartition('@')[2]}>"
        parent = answers.message_id if answers else None
        mail = Mail(
            id=f"mail-{len(self.mails) + 1:06d}",
            kind=kind,
            org_id=org_id,
            message_id=message_id,
            in_reply_to=parent,
            references=[*answers.references, parent] if answers and parent else [],
            sent_at=sent_at,
            sender=sender,
            to=to,
            cc=cc or [],
            subject=subject,
            text=text,
        )
        self.mails.append(mail)
        return mail


def draw_mails(rng: Random, population: Population, records: Records, now: datetime) -> list[Mail]:
    """Every mail of the world, oldest first."""
    recorded = {c.org_id for c in records.companies.values() if not c.archived_at and not c.merged_into}
    recorded |= {row.org_id for row in records.sheet}
    reachable = reachable_people(population, records)
    bag = Mailbag(rng, population, now, reachable, recorded, sorted(recorded & reachable.keys()))
    for org in population.orgs.values():
        if org.role == "newsletter":
            send_newsletters(bag, org)
        elif bag.reachable.get(org.id) and rng.random() < MAIL_SHARE[org.role]:
            for _ in range(rng.randint(*THREADS[org.role])):
                converse(bag, org)
    partners = sum(org.role == "partner" for org in population.orgs.values())
    for _ in range(round(INTERNAL_PER_PARTNER * partners)):
        write_internal(bag)
    for _ in range(round(PRIVATE_PER_PARTNER * partners)):
        write_private(bag)
    answered = {mail.in_reply_to for mail in bag.mails}
    for mail in bag.mails:
        finish(rng, mail, last=mail.message_id not in answered)
    return sorted(bag.mails, key=lambda mail: (mail.sent_at, mail.id))


def reachable_people(population: Population, records: Records) -> dict[str, list[Human]]:
    """Who can be recognized: entered contacts, and people at a domain that only their organization's records carry.

    Organizations without any record are recognized by nobody; of them, everybody with a domain of their own may write.
    """
    live = [c for c in records.companies.values() if not c.archived_at and not c.merged_into]
    hosts: dict[str, set[str]] = {}
    for company in live:
        hosts.setdefault(company.org_id, set()).add((company.domain or "").removeprefix("www."))
    known: set[str] = {row.values["E-Mail"] for row in records.sheet}
    for row in records.sheet:
        site = (
            row.values["Website"]
            .removeprefix("https://")
            .removeprefix("http://")
            .removeprefix("www.")
            .split("/")[0]
        )
        hosts.setdefault(row.org_id, set()).add(site)
    found: dict[str, list[Human]] = {}
    for human in population.humans.values():
        address, host = human.emails[0], human.emails[0].rpartition("@")[2]
        org = population.orgs[human.org_id]
        by_domain = org.id not in population.careful and host in hosts.get(org.id, set())
        stranger = org.id not in hosts and host in org.domains and org.id not in population.careful
        if address in known or human.in_crm or by_domain or stranger:
            found.setdefault(org.id, []).append(human)
    return found


def mailbox_owner(bag: Mailbag) -> Staff:
    """A colleague whose mailbox the hub reads."""
    return bag.rng.choice([staff for staff in bag.population.staff.values() if staff.has_mailbox])


def named(person: Human | Staff) -> Address:
    """Display name and address."""
    if isinstance(person, Staff):
        return person.name, person.email
    return f"{person.given_name} {person.family_name}", person.emails[0]


def moment(bag: Mailbag) -> datetime:
    """A working hour in the last year or so, early enough for a thread to unfold before now."""
    day = bag.now - timedelta(days=bag.rng.randint(LATEST_DAYS, EARLIEST_DAYS))
    return day.replace(
        hour=bag.rng.randint(6, 16),
        minute=bag.rng.randint(0, 59),
        second=bag.rng.randint(0, 59),
        microsecond=0,
    )


def converse(bag: Mailbag, org: Org) -> None:
    """A two-way thread between a mailbox and an organization, perhaps with copies, an invitation, an absence note."""
    rng, owner = bag.rng, mailbox_owner(bag)
    people = rng.sample(bag.reachable[org.id], min(len(bag.reachable[org.id]), rng.choice((1, 1, 1, 2))))
    language = BY_CODE[org.country].language
    speech, topics = phrases.BY_LANGUAGE.get(language, phrases.BY_LANGUAGE["en"])
    topic = rng.choice(topics)
    subject = rng.choice(speech.subjects).format(topic=topic)
    copies = colleagues_in_copy(bag, owner) + [named(person) for person in people[1:]]
    third = third_party(bag, org)
    sent_at, ours, previous = moment(bag), rng.random() < 0.5, None
    for _ in range(rng.choice((2, 2, 3, 3, 4, 5))):
        writer, reader = (owner, people[0]) if ours else (people[0], owner)
        text = compose(
            rng, speech, topic, named(reader)[0], named(writer)[0], org, first=previous is None, ours=ours
        )
        shown = subject if previous is None else speech.reply_prefix + subject
        mail = bag.post(
            "person",
            org.id,
            named(writer),
            [named(reader)],
            shown,
            text,
            sent_at,
            cc=copies + [named(person) for person in third],
            answers=previous,
        )
        mail.other_org_ids = [person.org_id for person in third if person.org_id in bag.recorded]
        if previous is not None:
            mail.quoted = quote(speech, previous)
        previous, ours = mail, not ours
        sent_at += timedelta(hours=rng.randint(1, 60), minutes=rng.randint(0, 59), seconds=rng.randint(0, 59))
    if previous is not None:
        after_thread(bag, org, owner, people[0], previous, speech)


def colleagues_in_copy(bag: Mailbag, owner: Staff) -> list[Address]:
    """Now and then a second colleague gets a copy, with or without a mailbox the hub reads."""
    if bag.rng.random() >= COPY_SHARE:
        return []
    others = [staff for staff in bag.population.staff.values() if staff.id != owner.id]
    with_mailbox = [staff for staff in others if staff.has_mailbox]
    return [named(bag.rng.choice(with_mailbox if bag.rng.random() < 0.7 else others))]


def third_party(bag: Mailbag, org: Org) -> list[Human]:
    """Rarely somebody of another known organization takes part in the whole thread."""
    if bag.rng.random() >= THIRD_PARTY_SHARE:
        return []
    other = bag.rng.choice(bag.third_parties)
    return [bag.reachable[other][0]] if other != org.id else []


def compose(
    rng: Random,
    speech: phrases.Phrases,
    topic: str,
    reader: str,
    writer: str,
    org: Org,
    *,
    first: bool,
    ours: bool,
) -> str:
    """One mail's own text: greeting, some sentences, closing, signature block."""
    body = [] if first else [rng.choice(speech.replies)]
    body += rng.sample(speech.sentences, rng.randint(1, 4))
    lines = [rng.choice(speech.greetings).format(name=reader), "", " ".join(body).format(topic=topic), ""]
    lines += [rng.choice(speech.closings), writer]
    if rng.random() < 0.7:
        where = "Partnerships" if ours else f"{org.name} | {org.street}, {org.postcode} {org.city}"
        lines += ["", "-- ", writer, where] + ([] if ours else [f"Tel. {org.phone}"])
    return "\n".join(lines)


def quote(speech: phrases.Phrases, previous: Mail) -> str:
    """The previous mail as a mail program quotes it."""
    line = speech.quote_line.format(date=f"{previous.sent_at:%d.%m.%Y %H:%M}", sender=previous.sender[0])
    return "\n".join([line, *(f"> {text}".rstrip() for text in previous.text.split("\n"))])


def after_thread(
    bag: Mailbag, org: Org, owner: Staff, human: Human, last: Mail, speech: phrases.Phrases
) -> None:
    """What sometimes follows a thread: an invitation, an absence note, a bounce."""
    rng = bag.rng
    later = last.sent_at + timedelta(minutes=rng.randint(5, 600))
    if rng.random() < INVITE_SHARE:
        invite(bag, org, owner, human, last, later)
    if rng.random() < AWAY_SHARE:
        text = speech.away.format(date=f"{later + timedelta(days=9):%d.%m.%Y}")
        bag.post(
            "auto_reply",
            org.id,
            named(human),
            [named(owner)],
            f"Automatic reply: {last.subject}",
            text,
            later,
            answers=last,
        )
    if rng.random() < BOUNCE_SHARE:
        text = f"Your message to <old.{human.emails[0]}> could not be delivered.\nStatus: 5.1.1"
        bounce = bag.post(
            "bounce",
            None,
            ("Mail Delivery System", f"mailer-daemon@{OWN_DOMAIN}"),
            [named(owner)],
            "Undelivered Mail Returned to Sender",
            text,
            later,
            answers=last,
        )
        bounce.bounced = f"old.{human.emails[0]}"


def invite(bag: Mailbag, org: Org, owner: Staff, human: Human, last: Mail, sent_at: datetime) -> None:
    """A calendar invitation from our side."""
    starts = (sent_at + timedelta(days=3)).replace(hour=10, minute=0, second=0)
    mail = bag.post(
        "invite",
        org.id,
        named(owner),
        [named(human)],
        f"Invitation: {last.subject}",
        "You are invited to a meeting.",
        sent_at,
    )
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//generated//world//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{mail.id}@{OWN_DOMAIN}",
        f"DTSTAMP:{sent_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
        f"DTEND:{starts + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{last.subject}",
        f"ORGANIZER:mailto:{owner.email}",
        f"ATTENDEE:mailto:{human.emails[0]}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    mail.attachments.append(("invite.ics", "text/calendar", "\r\n".join(lines).encode()))


def send_newsletters(bag: Mailbag, org: Org) -> None:
    """A few issues of one newsletter to one mailbox; nobody answers."""
    owner, issue = mailbox_owner(bag), bag.rng.randint(3, 80)
    for number in range(issue, issue + bag.rng.randint(2, 4)):
        subject = bag.rng.choice(phrases.NEWS_SUBJECTS).format(number=number)
        sender = (org.name, f"news@{org.domains[0]}")
        bag.post(
            "newsletter",
            org.id,
            sender,
            [named(owner)],
            subject,
            bag.rng.choice(phrases.NEWS_TEXTS),
            moment(bag),
        )


def write_internal(bag: Mailbag) -> None:
    """A mail between colleagues; at least one has a mailbox."""
    owner = mailbox_owner(bag)
    other = bag.rng.choice([staff for staff in bag.population.staff.values() if staff.id != owner.id])
    sender, reader = (owner, other) if bag.rng.random() < 0.5 else (other, owner)
    subject, text = bag.rng.choice(phrases.INTERNAL_SUBJECTS), bag.rng.choice(phrases.INTERNAL_TEXTS)
    bag.post("internal", None, named(sender), [named(reader)], subject, text, moment(bag))


def write_private(bag: Mailbag) -> None:
    """A mail from a friend's free-mail address, sometimes answered."""
    rng, owner = bag.rng, mailbox_owner(bag)
    given, family = rng.choice(words.GIVEN_NAMES["en"]), rng.choice(words.FAMILY_NAMES["de"])
    local = f"{naming.slug(given)}.{naming.slug(family)}.{rng.randint(100, 999)}"
    friend = (f"{given} {family}", f"{local}@{rng.choice(words.FREE_MAIL['en'])}")
    subject, sent_at = rng.choice(phrases.PRIVATE_SUBJECTS), moment(bag)
    mail = bag.post(
        "person", None, friend, [named(owner)], subject, rng.choice(phrases.PRIVATE_TEXTS), sent_at
    )
    if rng.random() < 0.4:
        bag.post(
            "person",
            None,
            named(owner),
            [friend],
            f"Re: {subject}",
            "Yes, see you then!",
            sent_at + timedelta(hours=2),
            answers=mail,
        )


def finish(rng: Random, mail: Mail, *, last: bool) -> None:
    """Form of one mail: HTML, attachment, an old charset that can hold it, and now and then no Message-ID.

    last: nothing answers it. Only private mails go without Message-ID: an evaluation finds the others by it.
    """
    if mail.kind in {"person", "newsletter"}:
        mail.html = rng.random() < (HTML_SHARE if mail.kind == "person" else 0.9)
    if mail.kind == "person" and rng.random() < ATTACHMENT_SHARE:
        mail.attachments.append(rng.choice(FILES))
    if rng.random() < OLD_CHARSET_SHARE:
        charset = rng.choice(OLD_CHARSETS)
        if encodable(mail, charset):
            mail.charset = charset
    if last and mail.kind == "person" and mail.org_id is None and rng.random() < NO_MESSAGE_ID_SHARE:
        mail.message_id = None


def encodable(mail: Mail, charset: str) -> bool:
    """Whether the whole mail can be written in a charset."""
    whole = "".join(
        (mail.subject, mail.text, mail.quoted or "", mail.sender[0], *(n for n, _ in mail.to + mail.cc))
    )
    try:
        whole.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
