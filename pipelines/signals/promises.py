"""Sentences in which one of us promises the other side something that can be kept or forgotten. Pure.

Precision goes before recall. A sentence counts when all of this is true of it:

- somebody says "we" or "I" and a future or a pledge: `we will`, `I'll`, `we promise to`, `wir werden`, `nous allons`,
  `vamos a` (English, German, French, Spanish);
- the verb is one of `ACTS`: things done for somebody that take work or money. To send, call, check, ask or answer is
  courtesy, done within days or never missed, and is none of them;
- it is done for the reader: `you`, `your`, `Ihnen`, `euch`, `vous`, `les`, …; in minutes of ours, where "you" may be
  either side, for `them`;
- it is no question, and hangs on no condition (`if`, `unless`, `could`, `wenn`, `si`, …) and on no `not`;
- it says what: `LEAST_WORDS` words of substance beside the verb.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LEAST_WORDS: Final = 2
SHORTEST_WORD, STEM = 4, 5
"""Words of substance have so many letters, and are the same word when they begin with the same so many."""


class Act(NamedTuple):
    """What can be promised. said: the verb as it follows `will`. called: words by which its task would be called."""

    said: str
    called: str


ACTS: Final[dict[str, Act]] = {
    "train": Act(
        r"train|coach|teach|certify|schulen|ausbilden|einweisen|zertifizieren|former|certifier|formar|capacitar",
        r"train|coach|teach|certif|workshop|schul|einweis|ausbild|zertifi|format|formaci|formar|capacit",
    ),
    "build": Act(
        r"build|develop|implement|integrate|entwickeln|bauen|umsetzen|développer|construire|desarrollar|construir",
        r"build|develop|implement|integrat|connector|interface|entwickl|schnittstelle|umsetz|développ|desarroll",
    ),
    "move data": Act(
        r"migrate|import|convert|migrieren|importieren|übernehmen|migrer|importer|migrar|importar",
        r"migrat|import|convert|migrier|übernahme",
    ),
    "translate": Act(
        r"translate|localize|localise|übersetzen|traduire|traducir",
        r"translat|locali[sz]|übersetz|tradu",
    ),
    "pay": Act(
        r"refund|reimburse|credit|waive|sponsor|fund|pay|erstatten|gutschreiben|bezahlen|übernehmen|rembourser|payer|"
        r"financer|reembolsar|pagar|financiar",
        r"refund|reimburs|credit|waive|sponsor|fund|pay|erstatt|gutschr|rembours|avoir|financ|reembols|abono",
    ),
    "staff": Act(
        r"assign|second|hire|abstellen|affecter|asignar",
        r"assign|engineer|resource|abstell|affect|asign",
    ),
    "host": Act(
        r"host|organize|organise|run|hold|ausrichten|organisieren|veranstalten|organiser|organizar",
        r"host|organi[sz]|event|workshop|webinar|day|ausricht|veranstalt",
    ),
    "extend": Act(
        r"extend|freeze|cap|guarantee|verlängern|einfrieren|garantieren|prolonger|geler|garantir|prorrogar|garantizar",
        r"exten|freeze|cap\b|guarant|verläng|garant|prolong|prorrog",
    ),
}
"""Kind of act → its verbs, and the beginnings of words that a task about it would use."""
MODIFIER: Final = r"(?:(?:also|then|gladly|of course|certainly|gerne?|auch|dann|también|aussi|bien sûr) )?"
PLEDGE: Final = (
    r"\b(?:we|I)(?:['’]ll| will| shall| are going to| am going to|['’]re going to|['’]m going to"
    r"| (?:promise|commit|undertake|pledge)(?: you)? to) "
)
ROMANCE: Final = (
    r"\b(?:nous allons|je vais|on va|nous nous engageons à|vamos a|voy a|nos comprometemos a)"
    r" (?:vous |os |les |te )?"
)
GERMAN: Final = r"\b(?:wir werden|ich werde|werden wir|werde ich)\b[^.!?\n]{3,160}?\b"
FOR_YOU: Final = re.compile(
    r"\b(?:you|your|yours|ihnen|ihre[rmns]?|euch|eure[rmns]?|dir|dich|deine?[rmns]?|vous|votre|vos|os|vuestr[oa]s?|"
    r"ustedes|les|sus?|te|tus?)\b",
    re.IGNORECASE,
)
FOR_THEM: Final = re.compile(
    r"\b(?:their|them|deren|ihre[rmns]?|ihnen|leurs?|leur|sus?|les)\b", re.IGNORECASE
)
OPEN: Final = re.compile(
    r"\b(?:if|unless|provided|could|would|might|(?-i:may)|maybe|perhaps|hope to|try to|not|never|wenn|falls|"
    r"sofern|könnten?|würden?|vielleicht|nicht|si|sauf|pourr\w+|peut-être|pas|podr\w+|quizás?|no (?:vamos|voy|nos))\b",
    re.IGNORECASE,
)
"""What makes a promise none."""
SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\n(?!\s*\n)[^.!?\n]+)*[.!?]*")
WORD: Final = re.compile(r"[^\W\d_]+")
EVERYDAY_TEXT: Final = (
    "will shall going your yours you with from that this then them they their have before after when also and both "
    "cost days weeks months year next this week month other each every more most soon gladly course certainly "
    "werden werde ihnen ihre ihren ihrem eure euch auch dann noch nach unsere allons vous votre avec pour "
    "dans avant après vamos nous para antes después vuestro vuestra"
)
EVERYDAY: Final = frozenset(EVERYDAY_TEXT.split())
"""Words that say nothing about what was promised."""


class Promised(NamedTuple):
    """A promise: the sentence, the kind of act, and the words of substance in it, as `stem` makes them."""

    sentence: str
    act: str
    words: frozenset[str]


def promises(text: str, *, minutes: bool = False) -> list[Promised]:
    """The promises of a text by one of us, in order; each sentence is one at most. minutes: of a call or meeting."""
    found, addressed = [], FOR_THEM if minutes else FOR_YOU
    for match in SENTENCE.finditer(text):
        sentence = " ".join(match.group().split())
        act = act_of(sentence)
        if act is None or sentence.endswith("?") or OPEN.search(sentence) or not addressed.search(sentence):
            continue
        words = words_of(sentence) - {stem(verb) for verb in ACTS[act].said.split("|")}
        if len(words) >= LEAST_WORDS:
            found.append(Promised(sentence, act, words))
    return found


def act_of(sentence: str) -> str | None:
    """The kind of act that a sentence promises, or None."""
    return next((act for act, pattern in PATTERNS.items() if pattern.search(sentence)), None)


def is_about(promised: Promised, text: str) -> bool:
    """Whether a task or commitment may be the promised thing: the act by name, or two of its words."""
    if CALLED[promised.act].search(text):
        return True
    return len(promised.words & words_of(text)) >= LEAST_WORDS


def words_of(text: str) -> frozenset[str]:
    """The words of substance in a text, as stems."""
    words = (word.lower() for word in WORD.findall(text))
    return frozenset(stem(word) for word in words if len(word) >= SHORTEST_WORD and word not in EVERYDAY)


def stem(word: str) -> str:
    """The beginning of a word: `planners` and `planner` are the same."""
    return word[:STEM]


PATTERNS: Final = {
    act: re.compile(
        rf"(?:{PLEDGE}{MODIFIER}|{ROMANCE})(?:{each.said})\b|{GERMAN}(?:{each.said})\b", re.IGNORECASE
    )
    for act, each in ACTS.items()
}
CALLED: Final = {act: re.compile(rf"\b(?:{each.called})", re.IGNORECASE) for act, each in ACTS.items()}
