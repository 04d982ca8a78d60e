"""Short lists of English words: those that checks count, and those that tell a sentence's end from an abbreviation.

Source: STOP_WORDS is nltk's English list without its forms with an apostrophe, which no run of letters equals.
ABBREVIATIONS, OPENERS and NEVER_APART are what Punkt's English model learned from newspapers, `e.g.` and `etc.` not.
"""

import re
import string

STOP_WORDS = frozenset(
    "a about above after again against ain all am an and any are aren as at be because been before being below between "
    "both but by can couldn d did didn do does doesn doing don down during each few for from further had hadn has hasn "
    "have haven having he her here hers herself him himself his how i if in into is isn it its itself just ll m ma me "
    "mightn more most mustn my myself needn no nor not now o of off on once only or other our ours ourselves out over "
    "own re s same shan she should shouldn so some such t than that the their theirs them themselves then there these "
    "they this those through to too under until up ve very was wasn we were weren what when where which while who whom "
    "why will with won wouldn y you your yours yourself yourselves".split()
)
"""Words that carry little meaning, in small letters."""

PRONOUNS = frozenset(
    "i me we us you he him she her it they them "
    "my mine our ours your yours his hers its their theirs "
    "myself ourselves yourself yourselves himself herself itself themselves "
    "this that these those who whom whose which what whoever whomever whatever whichever "
    "anybody anyone anything everybody everyone everything nobody nothing somebody someone something "
    "each either neither both all some any none".split()
)
"""Personal, possessive, reflexive, demonstrative, interrogative, relative and indefinite pronouns."""

CONJUNCTIONS = frozenset("and but for nor or so yet".split())
"""Coordinating conjunctions."""

ABBREVIATIONS = frozenset(
    # titles, companies, countries, states, months, days, the time of day
    "adm col cos dr gen jr maj messrs mr mrs ms ph.d prof rep reps sen sgt sr "
    "bros c.o.m.b cie co corp inc ltd n.v b.v s.a s.p.a p.a.m a.g "
    "d.c l.a n.c n.d n.h n.j n.y s.c u.k u.n u.s u.s.a u.s.s.r w.va st ft ave "
    "ala ariz calif colo conn fla ga ill kan ky mich minn nev okla ore pa tenn va vt wash wis "
    "jan feb aug sep sept oct nov dec tues wed fri a.d a.m p.m yr "
    "chg ct kan lt mg ok p pt sw vs "
    # initials of persons and offices
    "a.a a.c a.h a.m.e a.s a.t b.f c.i.t c.v d.h d.w e.f e.h e.l e.m f.g f.j g.d g.f g.k h.c h.f h.m i.m.s j.b j.c "
    "j.j j.k j.p j.r l.f l.p m.b.a m.d.c m.j n.m r.a r.h r.i r.j r.k r.t s.a.y s.g s.s t.j w.c w.r w.w "
    "c d e f g h k l m n r s t v w".split()
)
"""What a full stop may follow inside a sentence, in small letters and without that stop."""

OPENERS = frozenset(
    "although among both but despite even he however if in indeed instead it many meanwhile moreover most nevertheless "
    "nonetheless nor sales separately similarly since so some the there these they this though thus under when while "
    "according yet".split()
)
"""Words that open a sentence behind an abbreviation when they have a capital."""

NEVER_APART = frozenset(
    ("##number##", word)
    for word in "abreast business colgate commodities cooper corrections credit dividend financing insider "
    "international leisure letters notable pepper review who".split()
)
"""A number, such as that of a list, and a word that stay in one sentence whatever the case."""

_ALSO_WITH_CAPITAL = STOP_WORDS - frozenset(
    "above ain being between didn does doesn doing hadn her here hers herself him himself into isn mightn myself "
    "needn nor ours ourselves same shouldn so such them themselves through ve very were weren which whom your "
    "yourself".split()
) | frozenset(
    "b z add air also answer art avoid bad bank because big black blue book books case cases cat change child children "
    "close come company cover cut day days death dog earth easy end face facts false fast father film find fire first "
    "five food four friends game get give go good green growth hand hard head heart help high home hope house ideas "
    "keep know large last late later law let life light long look love low make man market maybe men money month move "
    "music never next night nine none nurse often old one open part parts peace people perhaps place point price rate "
    "read reason reasons red room run say school sea second see set short show six small sound start steps stock stop "
    "strong student sun take tax tell then thing third three time times today trade tree two use voice want war water "
    "way weak week well white wind woman women work word world write year years young".split()
)
"""Words that newspapers write with a capital inside sentences too, so that their capital tells nothing."""

_COMMON = frozenset(
    "b z yes please thank thanks well maybe perhaps also often always never soon later today tomorrow yesterday first "
    "second third next last finally then thus hence because people man men woman women child children boy girl "
    "day days night week month year years time times way things thing work life home house hand hands eye eyes "
    "door room water food money book books word words number numbers list step steps part parts start end stop go "
    "come take make give get find use keep let put set try ask tell say see look think know want need call turn "
    "move run play show hear help open close read write add mix cut serve place remove cover apply choose select "
    "create build check avoid include consider remember note true false none one two three four five six seven "
    "eight nine ten good bad big small large long short high low old young early late easy hard fast slow strong "
    "weak happy sad light dark red blue green black white cold hot warm cool sun moon rain snow wind sea tree "
    "trees flower dog cat fish horse mother father brother sister friend friends world earth air fire light sound "
    "voice face heart mind head body blood love hope fear death war peace law art music film game team player "
    "school student teacher doctor nurse company market price cost tax bank stock trade growth change rate result "
    "results case cases fact facts point reason reasons problem problems idea ideas question questions answer "
    "answers example examples".split()
)
# Brackets around one letter keep the spell checker from reading an ending as a word.
_COMMON_ENDING = re.compile(
    r"\w{3}(?:ing|ed|[st]ions?|ness|m?ents?|ity|ous|fu[l]|[ai]ble|ly|ive|[ae]n[c]e|izes?|less|ers|ies|is[mt]|is[t]s|"
    r"ship|age|[ao]ry|ant|al|ic)\Z"
)


def is_common_word(word: str) -> bool:
    """True where a word, in small letters, is one of the language and no name; a rule of thumb.

    >>> is_common_word("the"), is_common_word("government"), is_common_word("smith")
    (True, True, False)
    """
    return word in STOP_WORDS or word in _COMMON or _COMMON_ENDING.search(word) is not None


def opens_only_sentences(word: str) -> bool:
    """True where a capital on a common word, in small letters, shows the beginning of a sentence."""
    return is_common_word(word) and word not in _ALSO_WITH_CAPITAL


_WITHOUT_PUNCTUATION = str.maketrans("", "", string.punctuation)
_AROUND = string.punctuation + " "


def without_punctuation(text: str) -> str:
    """Leave out every ASCII punctuation mark, inside words too.

    >>> without_punctuation("Don't stop, 3.5!")
    'Dont stop 35'
    """
    return text.translate(_WITHOUT_PUNCTUATION)


def bare(word: str) -> str:
    """Strip ASCII punctuation and spaces from both ends.

    >>> bare('"well-known,"')
    'well-known'
    """
    return word.strip(_AROUND)
