"""Verbs at the beginning of a text, told by a list of English verbs and the word behind.

The published check asks nltk's perceptron tagger, a download. Ours knows 700 verbs and how they are inflected. A verb
that is as often a noun, such as `plan`, counts where its object, an adverb or a preposition follows it.
"""

import re

from quintain.benchmarks.verifiable.english_words import STOP_WORDS
from quintain.benchmarks.verifiable.treebank import tokens

_AUXILIARIES = frozenset(
    "am is are was were be been being have has had having do does did doing done ai".split()
    + "let get got gets getting go goes went gone going make makes made making".split()
)
"""Forms of the commonest verbs; could, must and their like are modals, which taggers call no verbs."""

_VERBS = frozenset(
    "abandon accelerate accept access accompany accomplish account accumulate achieve acknowledge acquire act "
    "activate adapt add address adhere adjust admire admit adopt advance advise affirm aggregate agree aim align "
    "allocate allow alter amplify analyse analyze announce answer anticipate appear apply appoint appreciate "
    "approach approve arise arrange arrive articulate ask aspire assemble assert assess assign assist associate "
    "assume assure attach attain attempt attend attract authorize automate avoid await awaken bake balance ban beat "
    "become begin behold believe belong bend bet bid bind bite blend blow boil book boost bore borrow bounce box "
    "break breathe bring broadcast browse brush build burn bury buy calculate camp capture care carry cast catch "
    "categorize cause cease celebrate challenge change charge chase chat check cherish choose chop cite claim "
    "clarify classify clean click climb cling close coat code collaborate collapse collect combine come comfort "
    "command commence comment commit communicate compare compete compile complain complete compose comprehend "
    "compress compute conceal conceive concentrate concern conclude conduct confess configure confirm confront "
    "confuse connect conquer consider consist consolidate construct consult consume contact contain contemplate "
    "continue contrast contribute control convert convey convince cook coordinate copy correct count cover crash "
    "create cross cultivate cure cut damage dance date deal debate debug decide declare decline decode decorate "
    "decrease deduce deepen defend define delay delegate delete deliver delve demand demonstrate deny depart depend "
    "depict deploy derive descend describe deserve desire destroy detail detect determine develop devise diagnose "
    "dice differentiate dig diminish disagree disappear discard discover discuss dismiss display dissolve "
    "distinguish distribute disturb dive diversify divide document double doubt drain draw dream dress drift drink "
    "drive drop dwell earn ease eat edit educate elaborate elevate eliminate email embark embed embody embrace "
    "emerge emphasize employ empower enable encounter encourage end endure enforce engage enhance enjoy enlighten "
    "ensure enter entertain envision envy equal equip erase escape establish estimate evaluate evoke evolve examine "
    "exceed excel exchange exclude excuse execute exercise exist exit expand expect experience experiment explain "
    "explode explore expose express extend extract face facilitate fade fail fall familiarize farm fasten fear feed "
    "feel fetch fight figure fill filter finalize find finish fire fit fix flee float flood flow fly focus fold "
    "follow forge forget forgive form formulate foster frame freeze fuel fulfill fund gain gamble gather gaze "
    "generate give glide glow grab grade grasp greet grill grind grow guarantee guard guess guide hack halt hand "
    "handle hang happen harm harness hate haunt heal hear heat help hesitate hide highlight hire hold honor hope "
    "host hug hunt hurry hurt identify ignite ignore illuminate illustrate imagine immerse implement imply import "
    "improve include incorporate increase indicate infer influence inform inhale initialize initiate innovate "
    "insert insist inspect inspire install insult integrate intend interact interest interfere interpret introduce "
    "invent invest investigate invite involve isolate iterate join journey judge jump justify keep kick kiss kneel "
    "knit knock know label lack land last laugh launch lead lean learn leave lend lessen level leverage lick lie "
    "lift light limit link list listen live load locate lock log look lose love lower maintain manage manipulate "
    "map mark marry master match maximize mean measure meditate meet melt memorize mend mention merge mind minimize "
    "miss mitigate mix model modify monitor motivate mourn move multiply nail name navigate need negotiate nest nod "
    "note notice nourish number nurture obey object observe obtain occur offer open operate optimize orchestrate "
    "order organize outline overcome overflow overlook own pack paint park participate pass pause pay peel perceive "
    "perform persist persuade phone pick picture pinch plan plant play please plug plunge point polish ponder pop "
    "possess post pour practice practise praise pray predict prefer prepare present preserve press pretend prevent "
    "print prioritize proceed process proclaim produce program promise promote propose protect protest prove "
    "provide publish pull pump punish purchase pursue push put question quit race rain raise reach react read "
    "realize recall receive recognize recommend reconsider record recover reduce refer refine reflect refrain "
    "refuse regard register regret regulate reinforce reject relate relax release rely remain remember remind "
    "remove render repair repeat replace reply report represent request require research resist resolve respect "
    "respond rest restore restrict result retain retrieve return reveal reverse review revise rhyme ride rinse rise "
    "risk roast rob rock rotate rub ruin rule run rush sail satisfy save savor say scan scare scatter schedule "
    "scratch scream scrub seal search season secure see seek seem select sell send sense separate serve set settle "
    "sew shake shape share shelter shift shine shock shoot shop show shrug shut sift sign signal simmer simplify "
    "simulate sing sip sit sketch skip slap sleep slice slide slip slow smell smile snap sneeze snow soak soar "
    "solve sort sound spark speak specify spell spend spill split spoil spot spray spread sprinkle squeeze stain "
    "stamp stand stare start state stay steal steer step stick stir stitch stop store strengthen stress stretch "
    "strike strip strive stroke structure struggle study submit subtract succeed suffer suggest suit summarize "
    "supply support suppose surprise surrender surround survey survive suspect sustain swap swear sweat sweep swell "
    "swim swing switch synthesize tackle tailor take talk target taste teach team tease tell tempt tend test thank "
    "think thrive throw tick tie time tip tire toast toss touch tour trace track trade train transcend transfer "
    "transform translate transmit trap travel treat trick trigger trip trot trouble trust try tumble turn twist "
    "type uncover undergo understand undertake unfold unite unleash unlock unpack unravel unveil update upgrade "
    "uphold urge use utilize validate value vanish vary verify view visit visualize wait wake walk wander want warn "
    "wash waste watch wave wear weave weep weigh welcome whisk whisper whistle win wink wipe wish witness wonder "
    "work worry wound wrap wreck write yawn yield zoom".split()
)
_PAST = frozenset(
    "arose ate became began begun bent bought bound brought built burnt came cast caught chose chosen clung cut "
    "dealt drawn drew driven drove dug eaten fallen fed fell felt flew flown forgot forgotten fought found froze "
    "frozen gave given grew grown heard held hid hidden kept knew known laid lay learnt led left lent lost meant "
    "met overcame paid put quit ran read risen rode rose said sang sat saw seen sent set shaken shot shown shut "
    "slept sold spent split spoke spoken spread stole stolen stood struck stuck sung swam taken taught thought "
    "threw thrown told took understood undertook woke won woven written wrote".split()
)
_NOUNS_TOO = frozenset(
    "access account act address advance aim answer approach attempt balance ban beat bet bid bite blend blow book "
    "bore bounce box break brush camp care cast catch cause challenge change charge chase chat check claim clean "
    "click close coat code comfort command comment complete concern contact contrast control cook copy correct "
    "count cover crash cross cure cut damage dance date deal debate delay demand desire detail dice display "
    "document double doubt drain dream dress drift drink drive drop ease email embed end equal escape estimate "
    "exchange excuse exercise exit experience experiment experiments face farm fear fight figure fill filter fire "
    "fit fix float flood flow focus fold form frame fuel fund gain gaze glow grade grasp grill guarantee guard "
    "guess guide halt hand handle harm hate heat help hope host hug hunt hurry increase influence interest journey "
    "judge jump kick kiss knock label lack land last laugh launch lead lean level lie lift light limit link list "
    "live load lock log look love lower map mark master match mind miss model monitor move nail name need nest note "
    "notice number object offer open order outline own pack paint park pass pause pay phone picture plan plant play "
    "plug plunge point polish pop post pour practice praise present press process program promise protest pump "
    "purchase question race rain raise reach record regard register regret release repair reply report request "
    "research respect rest result return reverse review rhyme ride rise risk roast rock ruin rule run rush sail "
    "scan schedule scratch scream seal search season secure sense separate set share shelter shift shine shock shop "
    "show sign signal sketch slice slide slip slow smell smile snow sort sound spark spell spot spray spread stamp "
    "stand stare start state stay step stick store stress stretch strike strip stroke structure struggle study "
    "supply support surprise survey suspect sweat swing switch talk target taste team test tick tie time tip toast "
    "touch tour trace track trade train transfer trap travel treat trick trigger trip trouble trust try turn twist "
    "type update upgrade urge use value view visit wait walk waste watch wave wear whistle wish witness wonder work "
    "worry wound wrap yield".split()
)
_NEVER = frozenset(
    "nothing something anything everything during king ring spring string thing morning evening wing ceiling sibling "
    "red bed seed speed need indeed hundred sacred naked need feed breed united embedded advanced less "
    "interesting surprising amazing exciting outstanding fascinating".split()
)
_THEN_A_VERB = frozenset(
    "a an the this that these those my your his her its our their me you him us them it yourself yourselves myself "
    "all any both each every some no one two three up down out off over in into on onto at to for with from by about "
    "around through together away back as how what why when where whether which who if not carefully closely deeply "
    "quickly slowly always never".split()
)
_ENDINGS = (
    ("ies", "y"),
    ("es", ""),
    ("es", "e"),
    ("s", ""),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("ing", ""),
    ("ing", "e"),
)
_DOUBLED = re.compile(r"([bdfglmnprtvz])\1(?:ed|ing)\Z")


def starts_with_verb(text: str) -> bool:
    """True where the first token of a text is a verb in any form.

    >>> starts_with_verb("Imagine a world."), starts_with_verb("The world turns."), starts_with_verb("Running helps.")
    (True, False, True)
    """
    first, following = ([token.lower() for token in tokens(text[:_REACH])[:2]] + ["", ""])[:2]
    if first in _AUXILIARIES:
        return True
    if first in _NEVER or first in STOP_WORDS:
        return False
    if first in _VERBS:
        return first not in _NOUNS_TOO or following in _THEN_A_VERB
    if first in _PAST:
        return True
    if first.endswith("s"):  # a noun in the plural, but for its object
        return _stem(first) in _VERBS and following in _THEN_A_VERB
    return _stem(first) in _VERBS or (first.endswith("ing") and len(first) > len("being"))


_REACH = 400
"""Characters in which the first two tokens stand."""


def _stem(word: str) -> str:
    """The verb that a word is a form of; the word itself where it is none."""
    if _DOUBLED.search(word):
        single = _DOUBLED.sub(r"\1", word)
        if single in _VERBS:
            return single
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and (stem := word.removesuffix(ending) + instead) in _VERBS:
            return stem
    return word
