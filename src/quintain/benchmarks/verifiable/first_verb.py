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
    "abandon accept accelerate access accompany accomplish account accumulate achieve acknowledge acquire act "
    "activate adapt add address adhere adjust admire admit adopt advance advise affirm aggregate agree aim align "
    "allocate allow alter amplify analyze analyse announce answer anticipate appear apply appoint appreciate "
    "approach approve arise arrange arrive articulate ask aspire assemble assert assess assign assist associate "
    "assume assure attach attain attempt attend attract authorize automate avoid await awaken bake balance become "
    "begin behold believe belong bend bind blend boil boost bore borrow bounce breathe bring broadcast browse "
    "build burn bury buy calculate capture carry cast catch categorize cease celebrate challenge chase check "
    "cherish choose chop cite clarify classify clean climb cling close coat collaborate collapse collect combine "
    "come commence commit communicate compare compete compile complete compose comprehend compress compute "
    "conceal conceive concentrate conclude conduct confess configure confirm confront confuse connect conquer "
    "consider consist consolidate construct consult consume contain contemplate continue contribute convert "
    "convey convince cook coordinate copy correct cover create cultivate cut deal debug decide declare decline "
    "decode decorate decrease deduce deepen defend define delay delegate delete deliver delve demand demonstrate "
    "deny depart depend depict deploy derive descend describe deserve destroy detail detect determine develop "
    "devise diagnose dice differentiate dig diminish disagree disappear discard discover discuss dismiss display "
    "dissolve distinguish distribute dive diversify divide document drain draw dream drift drink drive drop dwell "
    "earn ease eat edit educate elaborate elevate eliminate embark embed embody embrace emerge emphasize employ "
    "empower enable encounter encourage end endure enforce engage enhance enjoy enlighten ensure enter entertain "
    "envision equip erase escape establish estimate evaluate evoke evolve examine exceed excel exclude execute "
    "exercise exist expand expect experience experiment explain explore expose express extend extract facilitate "
    "fail fall familiarize fear feed feel fetch fight figure fill filter finalize find finish fix flee flow fly "
    "focus fold follow forge forget forgive form formulate foster frame freeze fulfill gain gather gaze generate "
    "give glide grab grasp greet grind grow guarantee guard guess guide hack halt handle happen harness hear heat "
    "help hesitate hide highlight hire hold honor hope host identify ignite ignore illuminate illustrate imagine "
    "immerse implement imply import improve include incorporate increase indicate infer influence inform inhale "
    "initialize initiate innovate insert inspect inspire install integrate intend interact interpret introduce "
    "invent invest investigate invite involve isolate iterate join journey judge jump justify keep kick know lack "
    "land last laugh launch lead lean learn leave lend lessen leverage lie lift light limit link list listen live "
    "load locate look lose love lower maintain manage manipulate map mark master match maximize mean measure "
    "meditate meet memorize mention merge minimize mitigate mix model modify monitor motivate move multiply "
    "navigate need negotiate note notice nourish nurture observe obtain occur offer open operate optimize "
    "orchestrate order organize outline overcome overlook own pack paint participate pass pause pay perceive "
    "perform persist persuade pick picture plant play please plug plunge ponder possess pour practice practise "
    "praise pray predict prefer prepare present preserve press prevent print prioritize proceed process proclaim "
    "produce promise promote propose protect prove provide publish pull purchase pursue push put question quit "
    "raise reach react read realize recall receive recognize recommend reconsider record recover reduce refer "
    "refine reflect refrain refuse regard register regret regulate reinforce reject relate relax release rely "
    "remain remember remind remove render repair repeat replace reply report represent request require research "
    "resist resolve respect respond rest restore restrict result retain retrieve return reveal reverse review "
    "revise ride rinse rise roast rotate run rush sail save savor say scan schedule search season secure see seek "
    "seem select sell send separate serve set settle shake shape share shift shine shoot show shut sift simmer "
    "simplify simulate sing sit sketch skip sleep slice slow smell smile soar solve sort sound speak specify "
    "spend split spread sprinkle stand stare start state stay steal step stick stir stop store strengthen stress "
    "stretch strike strive structure struggle study submit subtract succeed suffer suggest suit summarize supply "
    "support suppose surrender surround survey survive suspect sustain swap swim switch synthesize tackle tailor "
    "take talk target taste teach tell tend test thank think thrive throw tie touch tour track trade train "
    "transcend transfer transform translate transmit travel treat trigger trust try turn type uncover undergo "
    "understand undertake unfold unite unleash unlock unravel unveil update upgrade uphold urge use utilize "
    "validate value vary verify view visit visualize wait wake walk wander want warn wash waste watch weave weigh "
    "welcome whisk whisper win wish witness wonder work worry wrap write yield zoom".split()
)
_PAST = frozenset(
    "arose became began begun bent bound brought built bought burnt came cast caught chose chosen clung cut dealt "
    "dug drew drawn drove driven ate eaten fell fallen fed felt fought found flew flown forgot forgotten froze "
    "frozen gave given grew grown heard held hid hidden kept knew known laid led learnt left lent lay lost meant "
    "met overcame paid put quit ran read rode risen rose said sang sat saw seen sold sent set shaken shot shown "
    "shut slept sold spent split spoke spoken spread stood stole stolen struck stuck sung swam taught thought "
    "threw thrown told took taken understood undertook won woke woven wrote written".split()
)
_NOUNS_TOO = frozenset(
    "access account act address advance aim answer approach attempt balance blend bore bounce cast catch cause "
    "challenge chase check close coat copy cover cut deal delay demand detail dice display document drain dream "
    "drift drink drive drop ease end escape estimate exercise experience experiment experiments fear figure fight "
    "fill filter fix flow focus fold form frame gain gaze grasp guarantee guard guess guide halt handle heat help "
    "hope host increase influence judge journey jump kick lack land last laugh launch lead lean lie lift light "
    "limit link list live load look love lower map mark master match model monitor move need note notice offer "
    "order outline own pack paint pass pause pay picture plant play plug plunge pour practice praise present "
    "press process promise purchase question raise reach record regard register regret release repair reply "
    "report request research respect rest result return reverse review ride rise roast run rush sail scan "
    "schedule search season share shift shine show sketch slice smell smile sort sound spread stand stare start "
    "state stay step stick store stress stretch strike structure struggle study supply support survey suspect "
    "switch talk target taste test tie touch tour track trade train transfer travel treat trigger trust try turn "
    "type update upgrade urge use value view visit wait walk waste watch wish witness wonder work worry wrap "
    "yield set open clean slow correct complete secure separate cook embed".split()
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
