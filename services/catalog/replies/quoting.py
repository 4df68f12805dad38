"""What somebody wrote in an answer, without the mail it quotes: line by line, so that no text takes long.

French and English, as mail programs write them: Gmail, Outlook, Apple Mail, Thunderbird, Orange, La Poste.
"""

import re
from collections.abc import Sequence

from shared.phrases.replies import ABOVE

# Spaces of every kind are one: programs put those that do not break before a colon, or around an address.
SPACES = re.compile(r"[\t\u00a0\u2007\u2009\u202f]")
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
# « Le mar. 3 mars 2026 à 10:00, X <x@y.fr> a écrit : » may be wrapped over three lines; a date has a digit.
WROTE = re.compile(r"(?:Le|On)\s(?=[^\n]{0,80}\d)[^\n]{1,400}\s(?:a écrit|wrote) ?:", re.IGNORECASE)
WRAPPED = 3
HEADER = re.compile(r"\*{0,2}(?:De|From|Expéditeur)\*{0,2} ?:", re.IGNORECASE)
SENT = re.compile(r"\*{0,2}(?:Envoyé|Sent|Date|À|A|To|Destinataire)\*{0,2} ?:", re.IGNORECASE)
# Who writes where a lorry comes from, and when, writes no subject below.
SUBJECT = re.compile(r"\*{0,2}(?:Objet|Subject|Sujet)\*{0,2} ?:", re.IGNORECASE)
SEPARATOR = re.compile(
    r"[-_]{2,} ?(?:Message d['’]origine|Message original|Original Message|Message initial|Message transféré"
    r"|Forwarded message) ?[-_]{2,}",
    re.IGNORECASE,
)
RULE = re.compile(r"[-_]{10,}")
# RFC 3676, and what telephones add.
SIGNATURE = re.compile(
    r"--|(?:Envoyé (?:de|depuis) mon|Envoyé à partir de|Sent from my|Sent from Outlook|Télécharger Outlook|Get Outlook"
    r"|Obtenir Outlook) ?.{0,80}",
    re.IGNORECASE,
)
# Whatever is behind it is not read: far more than a message may say.
MOST_LINES = 3000


def without_quotes(text: str) -> str:
    """What was written above the quoted mail, or between its lines where these begin with `>`; may be empty."""
    lines = [_plain(each) for each in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]]
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if header := _wrote(lines, at):
            at += header
            # Quoted line by line below it: what stands between those lines is an answer, too.
            if not _next(lines, at).startswith(">"):
                break
            continue
        if any(above in line for above in ABOVE) and not line.startswith(">"):
            break
        if SEPARATOR.fullmatch(line) or _is_header(lines, at) or SIGNATURE.fullmatch(line):
            break
        if not line.startswith(">"):
            kept.append(line)
        at += 1
    while kept and (not kept[-1] or RULE.fullmatch(kept[-1])):
        kept.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _plain(line: str) -> str:
    return INVISIBLE.sub("", SPACES.sub(" ", line)).strip()


def _wrote(lines: Sequence[str], at: int) -> int:
    """How many lines say who wrote what is quoted below them; none here: 0."""
    if not lines[at][:3].lower().startswith(("le ", "on ")):
        return 0
    for count in range(1, WRAPPED + 1):
        if WROTE.fullmatch(" ".join(lines[at : at + count])[:600]):
            return count
    return 0


def _next(lines: Sequence[str], at: int) -> str:
    return next((each for each in lines[at:] if each), "")


def _is_header(lines: Sequence[str], at: int) -> bool:
    """Outlook's block: who, then when or to whom, and about what."""
    if not HEADER.match(lines[at]):
        return False
    below = lines[at + 1 : at + 7]
    return any(SENT.match(each) for each in below) and any(SUBJECT.match(each) for each in below)
