"""Hindi, in Devanagari and in the Latin letters of speech recognisers, with the English that speakers mix in."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from judging.core.languages.base import Answers, Exclusion, Language, Repairs
from judging.core.languages.devanagari import in_latin
from judging.core.languages.en import ENGLISH
from judging.core.languages.hindi_words import (
    MONTH,
    MONTHS,
    PARTS,
    RELATIVE,
    WEEKDAY,
    WEEKDAYS,
    is_number,
    numerals,
)
from judging.core.languages.phrases import Phrases, digits
from judging.core.languages.reading import Reader, Tables
from judging.core.languages.spelling import either, folder, gloss_of
from judging.core.numbers import SCALES
from judging.core.patterns import AnyCase
from judging.core.text import Token

_HINDI_PART = either([part for part in PARTS if part not in ("am", "pm")])
_BEFORE = rf"(?:(?P<part>{_HINDI_PART}) (?:ko |को |के |ke |mein |में )?(?:lagbhag |करीब |kareeb )?)?"
_AFTER = rf"(?: (?:in the |at |ki |की )?(?P<part2>{either(PARTS)}))?"
_MO = rf"(?P<mo>{either(MONTH)})"
_NEXT = r"(?:(?:अगले|agle|इस|is|next|this|aane wale|आने वाले|on) )?"
_DATES = tuple(
    re.compile(rf"(?<!\S){rule}(?!\S)")
    for rule in (
        rf"(?P<d>\d{{1,2}})(?: (?:st|nd|rd|th|of|तारीख|tareekh))? {_MO}(?: (?P<y>(?:19|20)\d\d))?",
        rf"(?P<d>\d{{1,2}})º?(?= (?:से|se|to) \d{{1,2}}º? {_MO})",
        rf"{_MO} (?:ki |की |the )?(?P<d>\d{{1,2}})(?: (?:st|nd|rd|th))?",
        rf"{_MO} (?=में|mein|ke|के|ko|को)",
        r"(?P<d>\d{1,2}) (?:तारीख|tareekh|tarikh|taareekh)",
        rf"{_NEXT}(?P<wd>{either(WEEKDAY)})",
        rf"(?<!beete )(?P<rel>{either(RELATIVE)})",
        r"(?P<n>\d+) (?P<unit>दिन|din|days|हफ़्ते|हफ्ते|hafte|weeks) (?:बाद|baad|mein|में|later)",
        r"(?P<week>(?:अगले|agle|next) (?:हफ़्ते|हफ्ते|hafte|सप्ताह|saptah|week))",
    )
)
_BAJE = r"(?:बजे|baje|bajे|बजकर|bajkar|bajke|o'clock)"
_CLOCKS = tuple(
    re.compile(rf"(?<!\S){_BEFORE}{rule}{_AFTER}(?!\S)")
    for rule in (
        r"(?P<h>\d{1,2}) (?:बजकर|bajkar|bajke|baj kar) (?P<min>\d{1,2})(?: (?:मिनट|minute))?(?: (?:पर|par|pe))?",
        rf"(?P<h>\d{{1,2}}):(?P<min>\d\d)(?: {_BAJE})?",
        rf"(?P<h>\d{{1,2}})\.(?P<min>[0-5]0|[0134]5) {_BAJE}",
        rf"(?P<h>\d{{1,2}}(?:\.(?:25|5|75))?) {_BAJE}",
        r"(?:at |by |around )?(?P<h>\d{1,2})(?= (?:am|pm|in the (?:morning|evening|afternoon)))",
        r"(?P<half>half) past (?P<h>\d{1,2})",
        r"(?P<named>आधी रात|aadhi raat|midnight|noon)",
    )
)

_TABLES = Tables(
    numerals=numerals(),
    scales={
        **SCALES,
        "सौ": 100,
        "sau": 100,
        "हज़ार": 1000,
        "हजार": 1000,
        "hazaar": 1000,
        "hazar": 1000,
        "hajar": 1000,
        "लाख": 10**5,
        "lakh": 10**5,
        "करोड़": 10**7,
        "crore": 10**7,
    },
    one=frozenset({"एक", "ek", "one"}),
    only=frozenset("सिर्फ़ सिर्फ sirf बस bas केवल keval only just नहीं nahi nahin no".split()),
    vague={
        "दर्जन": 12,
        "darjan": 12,
        "dozen": 12,
        "जोड़ी": 2,
        "दोनों": 2,
        "dono": 2,
        "donon": 2,
        "couple": 2,
        "double": 2,
    },
    joins=frozenset({"and"}),
    ordinals={},
    months=MONTH,
    weekdays=WEEKDAY,
    relative=RELATIVE,
    units={"दिन": 1, "din": 1, "days": 1, "हफ़्ते": 7, "हफ्ते": 7, "hafte": 7, "weeks": 7},
    parts=PARTS,
    named_times={"आधी रात": 0, "aadhi raat": 0, "midnight": 0, "noon": 720},
    currencies=frozenset(
        "रुपये रुपए रुपया रूपये rupaye rupay rupees rupee rupiya rs inr डॉलर dollar dollars euro euros".split()
    ),
    coins=frozenset("पैसे paise paisa cents".split()),
    date_rules=_DATES,
    time_rules=_CLOCKS,
    has_comma=False,
    is_number=is_number,
)

_GLOSS = gloss_of(
    "one: एक ek; and: और aur तथा; or: या ya; with: साथ saath; without: बिना bina बगैर bagair; no: नहीं नही nahi "
    "nahin nhi nahee "
    "nai mat मत naa ना; of: का के की ka ke ki; to: को ko तक तो toh; from: से se; in: में mein mai; on: पर par pe; "
    "for: लिए liye; is: है hai हैं hain; be: हो ho; was: था tha थी thi; i: मैं main; you: आप aap तुम tum; we: हम hum; "
    "me: मुझे mujhe मुझको mujhko; my: मेरा मेरी मेरे mera meri mere; your: आपका आपकी आपके aapka aapki aapke; "
    "it: वह वो wo woh vo; this: यह ये yeh ye इस; that: उस us; please: प्लीज़ प्लीज please कृपया kripya; "
    "thanks: धन्यवाद dhanyavaad शुक्रिया shukriya; also: भी bhi; want: चाहिए chahiye chahie; can: सकते sakte सकता "
    "sakta; "
    "do: करो karo कर kar करना karna कीजिए kijiye; give: दीजिए dijiye देना dena दे; make: बना bana; but: लेकिन lekin "
    "मगर magar par; "
    "now: अब ab अभी abhi; then: फिर phir; instead: बजाय bajay जगह jagah; rather: बल्कि balki; only: सिर्फ़ सिर्फ "
    "sirf केवल "
    "bas बस; remove: हटा हटाओ हटाइए hata hatao hataiye निकाल निकालिए nikal nikaal; leave: छोड़ chhod छोड़िए; cancel: "
    "रद्द radd कैंसिल; "
    "forget: भूल bhool; yes: हाँ हां haan ha जी ji; sorry: सॉरी माफ़ माफ maaf; actually: असल दरअसल asal darasal; "
    "two: दो; three: तीन teen; four: चार char chaar; five: पाँच पांच paanch panch; six: छह छः chhe che; seven: सात "
    "saat; "
    "eight: आठ aath; nine: नौ nau; ten: दस; zero: शून्य ज़ीरो जीरो shunya; some: कुछ kuch; never: कभी kabhi; "
    "exclude: allergy एलर्जी; keep: रखना रख रखिए rakhna rakhiye"
)
_KEPT = frozenset(
    "no not without skip avoid hold remove instead rather never forget cancel leave don't dont actually sorry wait "
    "mean make "
    "scratch correction the a an of at in on for to and or with by from is are be it this that i you we my your me "
    "us do "
    "would can could please thanks only just then now but so one two three four five six seven eight nine ten "
    "zero".split()
)


def _bare(low: str) -> str:
    """One spelling for both scripts: "पनीर" and "paneer", "प्याज़" and "pyaaz"."""
    return low if low in _KEPT else in_latin(low)


_FOLD = folder(_GLOSS, _bare)


def _split(tokens: list[Token]) -> list[Token]:
    """The same tokens; letters with a dot, which are written in two ways, as the tables have them."""
    return [one if one.low.isascii() else one._replace(low=unicodedata.normalize("NFC", one.low)) for one in tokens]


def _or_english(pattern: str, english: AnyCase) -> AnyCase:
    return AnyCase(f"(?:{pattern})|(?:{english.pattern})")


_E = r"(?![\w\u0900-\u097f])"  # a word's end: vowel signs are no word characters to ``re``
_S = r"(?<![\w\u0900-\u097f])"
_NO = r"(?:नहीं|नही|nahi|nahin|nhi|nahee|ना|na|no)"
_ANSWERS = Answers(
    yes=_or_english(
        r"\s*(?:(?:अच्छा|achha|accha|acha|ठीक|ओके|ok|okay|ji|जी|oh)[\s,.!।]+)*"
        r"(?:हाँ|हां|जी हाँ|जी हां|जी|haan+|han|haa|ha|ji haan|ji|बिल्कुल|बिलकुल|bilkul|सही|sahi|ठीक(?: है)?|"
        r"theek(?: hai)?|"
        rf"thik(?: hai)?|अच्छा|achha|कर दीजिए|कर दो|kar do|kar dijiye|हो जाएगा|चलेगा|chalega|पक्का|pakka|ओके|जरूर|"
        rf"zaroor|सही है){_E}",
        ENGLISH.answers.yes,
    ),
    no=_or_english(
        r"\s*(?:(?:अच्छा|अरे|arre|are|ओह|सॉरी|sorry|ji|जी|oh|माफ़ कीजिए)[\s,.!।]+)*"
        rf"(?:नहीं|नही|जी नहीं|nahi+|nahin|nhi|ना|गलत|galat|रुकिए|रुको|rukiye|ruko|ek minute|एक मिनट|असल में|"
        rf"asal mein|मत){_E}",
        ENGLISH.answers.no,
    ),
    correction=_or_english(
        rf"{_S}(?:बल्कि|balki|मेरा मतलब|मतलब|mera matlab|matlab|असल में|asal mein|दरअसल|darasal|की जगह|ki jagah|"
        rf"के बजाय|ke bajay|"
        r"बदल\S*|badal\w*|रहने दो|रहने दीजिए|rehne do|rehne dijiye|रुकिए|rukiye|ruko|नहीं नहीं|nahi nahi|nahin nahin|"
        rf"nahi|nahin|नहीं|change|कर दो|कर दीजिए|kar do|kar dijiye|kar dena|सॉरी){_E}",
        ENGLISH.answers.correction,
    ),
    asks_to_confirm=_or_english(
        rf"{_S}(?:कन्फ़?र्म|पुष्टि|confirm|सही है|sahi hai|ठीक है|theek hai|thik hai|सही\s*\?|ना\s*\?|न\s*\?|"
        rf"क्या (?:मैं|यह|ये)|kya (?:main|yeh|ye)|कर दूँ|कर दूं|kar doon|kar du){_E}",
        ENGLISH.answers.asks_to_confirm,
    ),
)
_JOINED = r"(?:[\w\u0900-\u097f]+\s+(?:और|या|aur|ya|or)\s+)*"
_EXCLUSION = Exclusion(
    words=ENGLISH.exclusion.words | {"mat", in_latin("एलर्जी")},
    before=(
        re.compile(
            rf"{_S}(?:बिना|बग़ैर|बगैर|bina|bagair)\s+{_JOINED}$|(?:{ENGLISH.exclusion.before[0].pattern})",
            re.I,
        ),
        *ENGLISH.exclusion.before[1:],
    ),
    around=(
        *ENGLISH.exclusion.around,
        (
            re.compile(r""),
            re.compile(
                r"\s+(?:(?:(?:और|या|aur|ya)\s+[\w\u0900-\u097f]+\s+)?(?:के|ke)\s+(?:बिना|बग़ैर|बगैर|bina|bagair)|"
                r"(?:के|ke|ki|की)\s+(?:बजाय|जगह|bajay|jagah)|"
                r"(?:(?:तो|to|toh|बिल्कुल|bilkul|वगैरह|wagairah|bhi|भी|ko|को)\s+)*"
                rf"(?:मत|mat|{_NO}\s+(?:चाहिए|चाहिये|डालना|डालिए|डालिएगा|लगाना|रखना|देना|खाता|खाती|chahiye|chahie|"
                rf"daalna|dalna|"
                r"daaliye|lagana|rakhna|dena|khata|khati|daal|dal)|"
                r"(?:हटा|निकाल|hata|nikaal|nikal|remove|skip|avoid|cancel)\s*(?:दो|दीजिए|देना|कर|do|dijiye|dena|kar|"
                r"karo|karna)?|"
                r"से एलर्जी|se allergy)"
                rf"|{_NO}\s*(?=[,.!।]|$)){_E}",
                re.I,
            ),
        ),
    ),
)
_FILLER = (
    r"(?:अरे|arre|are|oh|uh|um|अच्छा|सॉरी|sorry|नहीं|nahi|nahin|no|na|रुकिए|ruko|rukiye|wait|actually|ek minute|"
    r"एक मिनट)"
)
_STRONG = (
    r"(?:नहीं नहीं|नहीं,? (?:सॉरी|रुकिए|बल्कि|मेरा मतलब)|nahi+n?,? (?:nahi+n?|sorry|ruko|rukiye|balki|matlab|wait|"
    r"actually)|"
    r"मेरा मतलब(?: है| था)?|मतलब|mera matlab(?: hai| tha)?|matlab|बल्कि|balki|सॉरी|sorry|माफ़ कीजिए|रुकिए|rukiye|ruko|"
    r"no,? (?:no|wait|sorry|actually|nahi)|wait|actually|i mean(?:t)?|oops|correction)"
)
_REPAIRS = Repairs(
    marker=AnyCase(
        rf"(?<=[\w\u0900-\u097f'’)])[,\s.…।–-]+(?:{_FILLER}[\s,.।]+)*?(?:(?P<strong>{_STRONG})|नहीं|nahi+n?|no){_E}"
        rf"(?:[\s,.…।–-]+{_FILLER}{_E})*",
    ),
    own_sentence=re.compile(r"मतलब|matlab|i mean|correction|no,? wait|नहीं नहीं|nahi nahi", re.I),
    words=ENGLISH.repairs.words | {_FOLD(word) for word in "matlab rukiye ruko रुकिए मतलब माफ़".split()},
)  # fmt: skip
_TIMES_OF_DAY = ((4, "रात"), (12, "सुबह"), (16, "दोपहर"), (20, "शाम"), (24, "रात"))


def _day(day: date) -> str:
    """ "शुक्रवार, 6 मार्च को"."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} को"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    part = next(name for end, name in _TIMES_OF_DAY if hour < end)
    return f"{part} {(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''} बजे"


_MONEY = {"dollars": "डॉलर", "euros": "यूरो", "pounds": "पाउंड", "rupees": "रुपये", "cents": "सेंट"}

LANGUAGE = Language(
    code="hi",
    answers=_ANSWERS,
    exclusion=_EXCLUSION,
    repairs=_REPAIRS,
    meant=re.compile(
        rf"(?:{_S}(?:मेरा मतलब|मतलब|[Mm]era matlab|[Mm]atlab|बल्कि|[Bb]alki)(?: है| था| hai| tha)?|"
        rf"^\W*(?:(?:arre|oh|ji|जी|अरे)\W+)*(?:[Nn]ahi+n?|नहीं|[Nn]o)(?:\W+(?:sorry|nahi+n?|सॉरी|"
        rf"नहीं))?)[\s,.।]+(?=[A-Z])|"
        rf"(?:{ENGLISH.meant.pattern.replace('(?=[A-Z])', '')})(?=[A-Z])"
    ),
    read_mentions=Reader(_TABLES, _FOLD),
    split=_split,
    fold=_FOLD,
    leaves_out=re.compile(
        rf"{_S}(?:नहीं|बिना|मत|हटा\S*|निकाल\S*|बदल\S*|रद्द|सॉरी|माफ़|nahi+n?|bina|mat|hata\w*|nikal\w*|nikaal\w*|"
        rf"badal\w*|radd|"
        rf"no|not|without|remov\w*|skip\w*|instead|cancel\w*|chang\w*|sorry|jagah|जगह){_E}",
        re.I,
    ),
    settles=re.compile(
        rf"{_S}(?:आ रहा है|भेज रहा|भेज रही|ऑर्डर कर|बुक कर|कर दिया|कर रहा|कर रही|लिख लिया|aa raha|bhej rah\w+|"
        rf"order kar\w*|"
        rf"book kar\w*|kar diya|kar rah\w+|likh liya|confirm kar\w*|तो आपका|to aapka|aapka order|आपका ऑर्डर|"
        rf"coming up|i'm "
        rf"(?:placing|ordering|adding|booking)|on (?:its|the) way){_E}",
        re.I,
    ),
    worked_out=re.compile(
        rf"{_S}(?:कुल|kul|total|बाकी|baaki|baki|हर|har|प्रति|per|लगभग|lagbhag|करीब|kareeb|around|about|से पहले|"
        rf"se pehle|के बाद|"
        rf"ke baad|तक|tak|within|कम से कम|kam se kam|जैसे|jaise|plus|minus|बचत|each|before|after){_E}",
        re.I,
    ),
    done={
        act: re.compile(
            rf"{_S}(?:{words})\s+(?:कर दिया|हो गया|हो गई|कर दी|हो चुका|kar diya|ho gaya|ho gayi|kar di|ho chuka){_E}",
            re.I,
        )
        for act, words in {
            "canceled": "रद्द|कैंसिल|radd|cancel",
            "refunded": "रिफंड|रिफ़ंड|refund|वापस|paise wapas|पैसे वापस",
            "charged": "चार्ज|charge",
            "emailed": "ईमेल|email|e-mail",
        }.items()
    },
    acts={"canceled": ("radd",), "refunded": ("wapas", "vapas"), "charged": ("bhugtan",), "emailed": ("bhej",)},
    phrases=Phrases(
        instead="बस पक्का करने के लिए: {new}, {old} नहीं, सही है?",
        without="बस पक्का करने के लिए: {old} नहीं चाहिए, सही है?",
        confirm="बस पक्का करने के लिए: {new}, सही है?",
        with_it="{value} के साथ",
        without_it="{value} के बिना",
        read_back="आगे बढ़ने से पहले मैं दोहरा देता हूँ: {parts}। क्या यह सही है?",
        amount_is="बस पक्का करने के लिए: राशि {value} है, सही है?",
        amount_check="माफ़ कीजिए, आगे बढ़ने से पहले एक बार राशि जाँच ली जाए।",
        again="माफ़ कीजिए, आपकी बात ठीक से समझनी ज़रूरी है। कृपया एक बार फिर बताइए, आपको क्या चाहिए?",
        safe="माफ़ कीजिए, एक पल दीजिए, इसे फिर से जाँच लेते हैं।",
        buffer="माफ़ कीजिए, एक पल, आपकी बात ठीक से समझी गई है या नहीं, यह देख लेते हैं...",
        disregard="माफ़ कीजिए, अभी जो कहा गया, उस पर ध्यान न दें। और क्या मदद चाहिए?",
        no_promise="माफ़ कीजिए, इसका वादा नहीं किया जा सकता।",
        not_done="माफ़ कीजिए, यह काम अभी हुआ नहीं है। क्या इसे अभी कर दिया जाए?",
        not_done_alone="माफ़ कीजिए, यह काम अभी हुआ नहीं है।",
        have_here="माफ़ कीजिए, सही जानकारी यह है: {value}।",
        let_me_check="माफ़ कीजिए, अभी इसकी पुष्टि नहीं हो सकती। एक बार जाँच लेते हैं।",
        before_that="यह करने से पहले आपसे एक ज़रूरी बात करनी है।",
        ask={
            "date": "माफ़ कीजिए, किस दिन के लिए चाहिए?",
            "time": "माफ़ कीजिए, कितने बजे के लिए चाहिए?",
            "count": "माफ़ कीजिए, कितने चाहिए?",
            "name": "माफ़ कीजिए, कृपया नाम एक बार फिर बताइए।",
            "phone": "माफ़ कीजिए, कृपया फ़ोन नंबर एक बार फिर बताइए।",
            "email": "माफ़ कीजिए, कृपया ईमेल पता एक बार फिर बताइए।",
            "address": "माफ़ कीजिए, कृपया पता एक बार फिर बताइए।",
            "number": "माफ़ कीजिए, कृपया नंबर एक बार फिर बताइए।",
            "place": "माफ़ कीजिए, आप किस जगह की बात कर रहे हैं?",
            "amount": "माफ़ कीजिए, कितनी राशि की बात हो रही है?",
        },
        count=lambda number, thing: f"{number} {thing}",
        day=_day,
        clock=_clock,
        amount=lambda number, currency: f"{digits(number, '.')} {_MONEY.get(currency, '')}".strip(),
        conjunction="और",
        alternative="या",
    ),
)
