"""English verbs as rules use them: which words can be one, and from any form to the base and to "she does it".

The list is common English, of no trade; it is needed to tell "read out or confirm a number" from "a date or time".
"""

from __future__ import annotations

from functools import lru_cache

_REGULAR = """
hand mask observe rephrase restate route screen tolerate wrap weigh disturb disrupt doubt downplay embarrass evade
impose insinuate patronise patronize scare shame solicit steer trivialise trivialize outline park queue ping shorten
abandon accept access accommodate acknowledge act activate add address adjust admit advertise advise agree alert
allow analyse analyze announce answer anticipate apologise apologize appear apply appoint approach approve argue
arrange ask assess assign assist assume assure attach attempt attend authenticate authorise authorize avoid await
balance ban bargain beg behave believe bill blame block book bother brief bypass calculate call calm cancel
capture care carry cast categorise categorize cause caution challenge change charge chat check cite claim clarify
classify clear click close collect comfort comment commit communicate compare compensate complain complete comply
compute conceal conclude conduct confirm confuse congratulate connect consent consider consult contact continue
contradict contribute convert convey convince cooperate copy correct count cover create credit criticise criticize
curse deactivate debate debit decide decline deduct defer define delay delegate delete deliver demand deny depart
depend describe deserve detail detect determine deviate diagnose dial direct disable disagree disclose disconnect
discount discourage discuss dismiss dispatch display dispute distinguish distribute document donate double
downgrade draft drop edit elaborate email emphasise emphasize employ empathise empathize enable encourage end
endorse enforce engage enrol enroll ensure enter entertain escalate establish estimate evaluate exaggerate examine
exceed exchange exclude excuse execute exit expect expedite explain explore expose express extend fabricate
facilitate fail fax file fill filter finalise finalize finish fix flag flirt focus follow force forward frame
fulfil fulfill gather generate greet grant guarantee guess guide hand gossip handle happen harass haggle help hesitate
hint honour honor hurry identify ignore imitate imply impersonate include increase indicate infer inform initiate
inquire enquire insist inspect instruct insult insure intend interrupt intervene introduce invent invite invoice
invoke involve issue joke judge justify label laugh launch learn lecture levy lift limit link list listen load locate
lock log lower maintain manage manipulate mark match measure mediate mention message minimise minimize
misrepresent mock modify monitor move name narrate negotiate notify note obey object obtain offer omit open opt
order outline overpromise override oversell own pass pause pay perform permit persuade phone place plan play
pledge point pose postpone practise praise pray predict prefer prepare prescribe present press pressure pretend
prevent proceed process produce promise promote prompt pronounce propose protect prove provide publish purchase
push qualify question quote raise rate reach react reactivate reassure rebook recall receive recite recommend
record redirect reduce refer refill refrain refund refuse register reimburse reinstate reiterate reject relate
relay release remain remember remind remove renew rent reopen repair repeat replace reply report represent request
require reschedule reserve reset resolve respect respond restart restore restrict resume retain retract retrieve
return reveal reverse review revise reward ring rush sanction save scan schedule scold scream search secure select
separate serve settle share ship shout sign signal simulate skip smile sound spam specify speculate spell split
stall start state stay step stop store stress submit subscribe substitute suggest summarise summarize supply
sympathise sympathize
support suppose suspect suspend swap switch talk tamper target tease terminate test text thank threaten touch
trace track trade train transcribe transfer translate transmit treat trick trigger troubleshoot trust try turn
unblock unlock update upgrade upload upsell urge use utter validate verify view violate visit voice volunteer vote
vouch wait waive walk want warn welcome whisper wish withhold work worry yell
""".split()
# base, past, participle; the third person where it is not regular
_IRREGULAR = """
be was been is/have had had has/do did done does/go went gone goes/become became become/begin began begun/
bid bid bid/break broke broken/bring brought brought/build built built/buy bought bought/catch caught caught/
choose chose chosen/come came come/cost cost cost/cut cut cut/deal dealt dealt/draw drew drawn/
drive drove driven/eat ate eaten/feel felt felt/find found found/fly flew flown/forget forgot forgotten/
forgive forgave forgiven/get got gotten/give gave given/hang hung hung/hear heard heard/hide hid hidden/
hold held held/keep kept kept/know knew known/lay laid laid/lead led led/learn learnt learnt/
leave left left/lend lent lent/let let let/lie lied lied/lose lost lost/make made made/mean meant meant/
meet met met/mislead misled misled/overstate overstated overstated/put put put/quit quit quit/read read read/
rebuild rebuilt rebuilt/redo redid redone redoes/resell resold resold/ring rang rung/run ran run/
say said said/see saw seen/seek sought sought/sell sold sold/send sent sent/set set set/show showed shown/
shut shut shut/sing sang sung/sit sat sat/speak spoke spoken/spell spelt spelt/spend spent spent/
split split split/stand stood stood/steal stole stolen/stick stuck stuck/swear swore sworn/take took taken/
teach taught taught/tell told told/think thought thought/throw threw thrown/undo undid undone undoes/
understand understood understood/upset upset upset/withdraw withdrew withdrawn/withhold withheld withheld/
write wrote written/pay paid paid/overcharge overcharged overcharged/belittle belittled belittled/
undersell undersold undersold
""".replace("\n", "").split("/")

_FORMS = [entry.split() for entry in _IRREGULAR]
VERBS = frozenset([*_REGULAR, *(form[0] for form in _FORMS)])
_THIRD = {form[0]: form[3] for form in _FORMS if len(form) > 3}
_FROM_PAST = {past: form[0] for form in _FORMS for past in form[1:3]} | {"were": "be", "lying": "lie"}
_FROM_THIRD = {third: base for base, third in _THIRD.items()} | {"are": "be", "am": "be"}
# Verbs that are as often a noun: alone after "or" they are taken for the noun.
AMBIGUOUS = frozenset(
    """
    access address answer bill block book call change charge check claim click comment contact cost count cover
    credit debate debit delay demand deposit detail discount dispute document draft drop email estimate exchange
    excuse fax file fix flag focus force frame guarantee guess guide hint hold joke judge label lead limit link
    list lock log mark match measure message move name note object offer order pass pause pay phone place plan
    play pledge point practise praise present press pressure process produce promise prompt purchase question
    quote rate reach record refill refund release rent repair reply report request reserve reset return reverse
    review reward ring run sale sanction scan schedule search set share ship show sign signal smile sound split
    stall start state stay step stop store stress support swap switch talk target test text thank touch trace
    track trade train transfer trick trust turn update upgrade upset use view visit voice vote wait walk welcome
    wish work worry set cut deal draw drive feel find let meet bid call lie spell
""".split()
)
# Verbs that need no object: in "apologise and offer a call" the call is only offered.
INTRANSITIVE = frozenset(
    """
    apologise apologize empathise empathize sympathise wait listen proceed stop pause hang stay remain go smile
    respond reply laugh shout swear curse yell lie guess speculate argue gossip joke agree continue be behave work
    comply
""".split()
)
_VOWELS = frozenset("aeiou")


def is_verb(word: str) -> bool:
    """Whether a word can be the base form of a verb; forms with a known prefix count ("re-book")."""
    return word in VERBS or (word.startswith(("re", "un", "over", "pre")) and _without_prefix(word) in VERBS)


def _without_prefix(word: str) -> str:
    return next((word[len(part) :].lstrip("-") for part in ("re", "un", "over", "pre") if word.startswith(part)), word)


@lru_cache(maxsize=4096)
def third_person(base: str) -> str:
    """ "carry" -> "carries"."""
    if base in _THIRD:
        return _THIRD[base]
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{base}es"
    return f"{base[:-1]}ies" if base.endswith("y") and base[-2:-1] not in _VOWELS else f"{base}s"


@lru_cache(maxsize=4096)
def base_of(word: str) -> str:
    """The base of a third person, gerund or participle ("cancelling" -> "cancel"); "" where the word is none."""
    if word in _FROM_PAST:
        return _FROM_PAST[word]
    if word in _FROM_THIRD:
        return _FROM_THIRD[word]
    candidates = (*_stripped(word, "ing"), *_stripped(word, "ed"), *_of_third(word))
    return next((base for base in candidates if is_verb(base)), "")


@lru_cache(maxsize=4096)
def gerund_base(word: str) -> str:
    """The base of a gerund ("sharing" -> "share"); "" for any other word."""
    if word == "lying":
        return "lie"
    return next((base for base in _stripped(word, "ing") if is_verb(base)), "")


@lru_cache(maxsize=4096)
def participle_base(word: str) -> str:
    """The base of a past participle ("given" -> "give"); "" for any other word."""
    if word in _FROM_PAST:
        return _FROM_PAST[word]
    return next((base for base in _stripped(word, "ed") if is_verb(base)), "")


@lru_cache(maxsize=4096)
def third_base(word: str) -> str:
    """The base of a third person ("asks" -> "ask"); "" for any other word."""
    return _FROM_THIRD.get(word) or next((base for base in _of_third(word) if is_verb(base)), "")


def _stripped(word: str, ending: str) -> tuple[str, ...]:
    if not word.endswith(ending) or len(word) < len(ending) + 2:
        return ()
    stem = word[: -len(ending)]
    undoubled = (stem[:-1],) if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS else ()
    with_y = (f"{stem[:-1]}y",) if ending == "ed" and stem.endswith("i") else ()
    return (f"{stem}e", stem, *undoubled, *with_y) if not stem.endswith(("ss", "ll")) else (stem, *undoubled)


def _of_third(word: str) -> tuple[str, ...]:
    if not word.endswith("s") or word.endswith("ss"):
        return ()
    if word.endswith("ies"):
        return (f"{word[:-3]}y", word[:-1])
    return (word[:-1], word[:-2]) if word.endswith("es") else (word[:-1],)
