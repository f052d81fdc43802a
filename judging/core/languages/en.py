"""English."""

from __future__ import annotations

import re

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.mentions import find_mentions
from judging.core.patterns import AnyCase

_YES = AnyCase(
    r"\s*(?:(?:oh|ah|ok|okay|well|um|uh|hmm|great|good|alright|perfect|yeah|yes|and)[\s,.!]+)*"
    r"(?:yes|yeah|yep|yup|yea|sure|correct|right|exactly|absolutely|definitely|certainly|indeed|ok|okay|"
    r"perfect|great|"
    r"fine|alright|all right|please do|go ahead|sounds? (?:good|great|perfect|fine|right|nice|like)|"
    r"(?:that(?:'s| is| would be| sounds| works| looks| seems|'ll)|it (?:is|does|sounds))"
    r"(?! (?:\w+ly |quite |all )?(?:not|wrong|incorrect|never)\b)|"
    r"looks? (?:good|great|right)|works (?:for|great|well|fine)|"
    r"i (?:do|confirm|agree|would(?! (?:rather|prefer|also|want|need)\b| (?:like|love)\b(?! (?:that|it)\b)))|"
    r"do it|confirmed?|nice|cool|awesome|wonderful|excellent|good|you got it|yess)\b"
)
_NO = AnyCase(
    r"\s*(?:(?:oh|ah|um|uh|hmm|well|sorry|ok|okay)[\s,.!]+)*"
    r"(?:no|nope|nah|not (?:quite|really|exactly|that|this|yet|now)|wrong|actually|wait|hold on|hmm no|"
    r"incorrect|negative|(?:that|this|it)(?:(?:['’]s| is) (?:\w+ly )?(?:wrong|incorrect)|"
    r"(?:['’]s not| is not| isn['’]t)(?: \w+ly| quite| all)? (?:right|correct|true|what|it|how|accurate)))\b"
)
_CORRECTION = AnyCase(
    r"\b(?:actually|instead|rather|scratch that|i mean(?:t)?|make (?:it|that)|change (?:it|that|the|my)|"
    r"let'?s (?:make|do)|"
    r"on second thought|changed? (?:my mind|of plans?)|forget (?:that|it|the)|i(?:'d| would) (?:rather|"
    r"prefer)|correction|wait|not (?:the|that|a))\b"
)
_ASKS_TO_CONFIRM = AnyCase(
    r"\b(?:confirm(?:ation|ing)?|verify|everything (?:right|correct)|got (?:it|that|everything|"
    r"this) (?:right|correct)|is (?:that|this|it|everything|all)(?: all)? (?:right|correct|ok|okay|good|"
    r"fine)|correct\s*\?|right\s*\?|"
    r"(?:does|do) (?:that|this|it|these|everything) (?:sound|look|work)|did i get|just to (?:check|"
    r"be (?:clear|sure))|"
    r"to be clear|shall i|should i (?:go|proceed|book|place|make|order)|(?:are|is) (?:these|those|the) details|"
    r"you(?:'d| would) like|so (?:that(?:'s| is)|you)|you want|okay\s*\?|verify|double.check)(?:\b|(?<=\?))"
)

# Words without which nothing is ruled out; the exclusion check looks closer.
_EXCLUDERS = frozenset(
    "no without hold avoid skip exclude excluding minus leave lose free instead rather nothing not dont don't didn't "
    "wouldn't remove drop forget scrap scratch cancel delete take keep never hate dislike can't cant allergic".split()
)
# What opens an exclusion right before the thing excluded; "or" carries it on to the next thing.
_EXCLUDES = re.compile(
    r"\b(?:no|without|hold|avoid(?: adding| putting| any)?|skip|exclude|excluding|minus|leave (?:off|out)|lose|"
    r"free of|instead of|rather than|nothing with|"
    r"(?:do not|don'?t|didn'?t|wouldn'?t|never) (?:want|need|like|put|add|include|give me|"
    r"care for)(?: to (?:add|have|put|include))?|"
    r"(?:make sure )?(?:it'?s |there'?s |there is |there are )?not|hate|dislike|can'?t have|allergic to)\s+"
    r"(?:(?:any|the|a|an|some|of|more|on|for|my|your|that|those)\s+)*(?:[\w'’-]+(?: [\w'’-]+)? (?:or|"
    r"nor)\s+(?:any |the )?)*$",
    re.I,
)
# What takes a thing back right before it or right after it: "take the olives off", "forget the olives".
_TAKES_BACK = re.compile(
    r"\b(?:remove|drop|forget(?: about)?|scrap|scratch|cancel|delete|leave out|take (?:off|out|away)|lose|skip)\s+"
    r"(?:the|my|that|those|all(?: the)?)\s+$",
    re.I,
)
_TAKEN_OFF = re.compile(r"\b(?:take|leave|keep|hold)\s+(?:(?:the|my|that|those|any)\s+)?$", re.I)
_OFF = re.compile(r"\s*(?:s\b)?\s*(?:off|out|away)\b", re.I)

# Words that only fill the gap, words that may correct, and words that do nothing else.
_PAUSES = r"uh+m*|um+|er+m*|erm+|eh+|ugh|ack"
_FILLERS = r"oh|ah+|oy|hmm+|well|or|and|but|like|yeah|just|gosh|maybe|perhaps|please|i (?:guess|think)"
_LINKS = r"(?:that|it)(?:['’]s| is| should be| would be| was)|(?:more )?(?:specifically|generally|precisely)"
_WEAK = (
    r"no|nope|sorry|wait|rather(?! than)|actually|instead(?! (?:of|for|in|at|on)\b)|"
    r"not (?:that|this|it|him|her|them)"
)
_STRONG = (
    r"i mean(?:t)?(?: to say)?|(?:scratch|strike|forget) (?:that|this|it)|make (?:it|that)|correction|oops|"
    r"or (?:rather(?! than)|instead(?! of))|my (?:mistake|bad)|shoot|apologies|i apologi[sz]e|pardon(?: me)?|"
    r"excuse me|never ?mind|(?:change|switch) (?:that|this|it)(?: to)?|"
    r"i(?:['’]m| am) sorry|that(?:['’]s| is) (?:not right|wrong)|let me rephrase|"
    r"no[\s,.]+(?:no|wait|sorry|rather(?! than)|actually|instead(?! of)|make (?:it|that))|(?:wait|sorry)[\s,]+no"
)
_UNIT = rf"(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK})|(?P<pause>{_PAUSES})|{_LINKS}|{_FILLERS})\b"
_GAP = r"[\s,.…–-]+"
_MARKER = AnyCase(rf"(?<=[\w'’).])(?:{_GAP}{_UNIT})+(?={_GAP}|$)")
# Markers that correct the sentence before; "and make that ..." goes on instead.
_OWN_SENTENCE = re.compile(
    r"(?:scratch|strike|forget) (?:that|this|it)|correction|my (?:mistake|bad)|i mean|oops|no,? wait", re.I
)
_GOES_ON = re.compile(r"and\W+(?:\w+\W+)?(?:make|change|switch|forget) (?:that|this|it)(?: to)?", re.I)
_MARKERS = frozenset(
    "no nope sorry wait rather actually instead mean meant scratch strike forget make correction oops mistake bad "
    "shoot change switch apologies apologize apologise pardon excuse nevermind wrong "
    "uh uhh uhm um umm uhhm er err erm errm eh ehm ugh ack".split()
)

_MEANT = re.compile(
    r"\b(?:i (?:meant|mean|said|wanted)|it(?:'s| is| should be)|that(?:'s| is| should be)|make (?:it|that)|"
    r"change (?:it|that) to)\s+(?:(?:to|for|from|in|at|the)\s+)*(?=[A-Z])",
    re.I,
)

ENGLISH = Language(
    code="en",
    answers=Answers(yes=_YES, no=_NO, correction=_CORRECTION, asks_to_confirm=_ASKS_TO_CONFIRM),
    exclusion=Exclusion(words=_EXCLUDERS, before=(_EXCLUDES, _TAKES_BACK), around=((_TAKEN_OFF, _OFF),)),
    repairs=Repairs(marker=_MARKER, own_sentence=_OWN_SENTENCE, words=_MARKERS, none=_GOES_ON),
    meant=_MEANT,
    read_mentions=find_mentions,
)
