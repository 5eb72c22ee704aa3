"""Given names that people commonly shorten or vary, and titles and suffixes that are no part of a name.

A nickname only ever proposes a candidate: half of the people called Jack are no John.
"""

from __future__ import annotations

from functools import cache

# One line per given name: the name, then what its bearers are also called.
_TABLE = """
abigail abby abbie gail
abraham abe bram
adelaide addie della heidi
albert al bert bertie
alexander alex alec sandy sasha xander lex
alexandra alex sandra sandy sasha lexi alexa
alfred al alf fred alfie
alice allie ali
allan allen alan al
amanda mandy manda
andrew andy drew
angela angie angel
angelica angie angel angela
angelina angie angel lina
anna ann anne annie nan nancy ana
anne ann anna annie nan nancy
annette nettie anne ann
anthony tony ant
antoinette toni nettie tony
antonia toni tonya
antonio tony tonio
arthur art artie
augustus gus august
barbara barb barbie babs bobbie
beatrice bea trixie bee
benjamin ben benny benji
bernard bernie barney
bradley brad
brandon brand
brenda brandy
caroline carol carrie lina caro
carolyn carol carrie lyn
catherine cathy kate katie kathy cat kitty kathryn katherine
cecilia cecily celia sissy
charles charlie chuck chas carl chip
charlotte lottie charlie lotte
cheryl cher sherry
christian chris
christina chris tina chrissy christy
christine chris tina chrissy christy
christopher chris kit topher kris
clarence clare
clifford cliff
constance connie
cornelius neil con
curtis curt
cynthia cindy
daniel dan danny
david dave davy
deborah deb debbie debra
debra deb debbie deborah
diana di diane
dominic dom nick
donald don donny donnie
dorothy dot dottie dotty dolly dora
douglas doug
edith edie edye
edmund ed eddie ned ted
edward ed eddie ned ted teddy
edwin ed eddie ned
eleanor ellie nell nora nellie ella elinor
elizabeth liz beth betty lizzie eliza bess libby lisa betsy bettie elsie liza
ellen nell ellie helen nellie
emily em emmy millie
emma em emmy
ernest ernie
esther essie hester
eugene gene
evelyn eve evie
ferdinand ferdie
florence flo flora flossie
frances fran frannie fanny francie
francesca fran chesca
francis frank fran
franklin frank
frederick fred freddie freddy fritz
gabriel gabe
gabrielle gabby gaby
geoffrey geoff jeff
george georgie
gerald gerry jerry
geraldine gerry jerry geri
gertrude trudy gert gertie
gilbert gil bert
giovanni gianni
gloria glory
grace gracie
gregory greg
guillermo memo
gwendolyn gwen wendy
hannah nan anna hanna
harold harry hal
harriet hattie harry
helen nell ellen ella nellie lena
henrietta etta hettie hattie
henry harry hank hal
herbert herb bert
howard howie
hubert bert hugh
ignacio nacho
irene rena
isaac ike zac
isabel izzy bella belle isa
isabella izzy bella belle isa
jacob jake
jacqueline jackie
james jim jimmy jimmie jamie jem
jane janie jenny jessie jean
janet jan
jasmine jaz
jeanette jean nettie jenny
jeffrey jeff
jennifer jen jenny jenn
jeremiah jerry jem
jeremy jerry jem
jerome jerry
jessica jess jessie
joan joanie
joanna jo joanne
johannes hans jo
john jack johnny jock johnnie ian jon
jonathan jon nathan jonny
jose pepe
josef sepp
joseph joe joey jody jo
josephine jo josie fina
joshua josh
josiah joe
juan juanito
juana juanita
juanita nita nettie
judith judy jude
julia julie jules
julian jules
katherine kate kathy katie kitty kay kit kathryn catherine
kathleen kathy kate kay katie
kathryn kathy kate katie kay
kendall ken kenny
kenneth ken kenny
kimberly kim kimberley
kristina kris tina kristy
larry lawrence laurence
laura laurie lori
lawrence larry lawrie laurence lon
leonard leo len lenny
leroy lee roy
leslie les
lewis lew louis
lillian lil lilly lily
lilly lil lily lillian
linda lindy lynn
lorenzo enzo lon
lorraine lori rainie
louis lou louie lewis
louisa lou
louise lou
lucille lucy lu lucile
lucy lucia lucinda
luigi gino
madeline maddy maddie magda lena madie madelyn
madelyn maddy maddie madie
magdalena magda lena
malcolm mal
manuel manny
margaret maggie meg peggy marge greta daisy madge rita margie
maria mary mia marie ria
marianne mary anne marian
marilyn mary
marjorie marge margie
mark marc marcus
martha marty mattie patty
martin marty
mary molly polly mamie marie maria mae may minnie mimi
matilda tilly mattie maud
matthew matt matty
maurice morris
maximilian max
melanie mel
melinda mel mindy lindy linda
melissa mel lissa missy
melvin mel
michael mike mikey mick mickey misha
michaela mickey kayla mica
michelle shelly shelley shellie chelle mickey
mildred millie
miriam mimi
mitchell mitch
mollie molly mary
monica monnie
montgomery monty
nancy nan ann
natalie nat natty tally
natasha tasha nat
nathan nat nate
nathaniel nat nate nathan
nicholas nick nicky klaus nico
nicole nicki nikki nicky cole
norman norm
oliver ollie
olivia liv livvy ollie
oscar ozzie
oswald ozzie
pamela pam
patricia pat patty trish tricia patsy
patrick pat paddy pate
paul polly
paula polly
penelope penny nell
peter pete
philip phil pip phillip
phillip phil pip philip
phyllis phyl
prudence prue
rachel shelly rae
ralph rafe
randall randy
raphael rafe raf
raymond ray
rebecca becky becca
reginald reg reggie
rhonda ronnie
richard rick dick rich ricky richie
robert bob rob bobby bert robbie bill
roberta bobbie robbie bert
rodney rod
roger rog rodge hodge
roland rollo rowland
ronald ron ronnie
rosemary rose rosie mary
roxanne roxy
rudolph rudy rolf
russell russ rusty
ruth ruthie
salvatore sal
samantha sam sammy
samuel sam sammy
sarah sally sadie sara
scott scotty
sebastian seb bastian
sharon shari sherry
sheldon shelly
shirley shirl
sidney sid sydney
silvia syl
simon sy
sophia sophie fia
stanley stan
stephanie steph stephany stevie fannie
stephen steve stevie steven
steven steve stevie stephen steph
stuart stu stewart
susan sue susie suzy
susanna sue susie anna
suzanne sue susie suzy
sylvester sly syl
tabitha tabby
tamara tammy tam
teresa terry tess tessa theresa teri
terrence terry
theodora dora theo
theodore ted teddy theo
theresa terry tess tessa teresa
thomas tom tommy
timothy tim timmy
tobias toby
valerie val
vanessa nessa
vernon vern
veronica ronnie vera nica
victor vic
victoria vicky torrie tori vicki
vincent vince vinny
virginia ginny ginger
vivian viv
walter walt wally
wendy gwen
wilfred will fred
wilhelmina mina willa minnie wilma
william will bill billy willie liam bela bil
wilma billie willa mina
winifred winnie fred freda
zachary zach zack zac
alejandro alex ale
aleksandr sasha sanya
anastasia nastya stacy
dmitri dima mitya
ekaterina katya
evgeny zhenya
francisco paco pancho cisco
giuseppe beppe peppe
ivan vanya
jesus chuy
katarzyna kasia
malgorzata gosia
mikhail misha
nikolai kolya
sergei seryozha
svetlana sveta
tatiana tanya
vladimir vova volodya
yekaterina katya
"""

_TITLE_WORDS = "mr mrs ms miss mx dr prof rev fr sir dame pastor brother sister deacon elder father"
TITLES = frozenset(_TITLE_WORDS.split(" "))
GENERATIONS = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})


@cache
def _variants() -> dict[str, frozenset[str]]:
    """Return given name -> every name that its bearer may also be called, in both directions and between siblings."""
    found: dict[str, set[str]] = {}
    for line in _TABLE.split("\n"):
        names = line.split()
        for name in names:
            found.setdefault(name, set()).update(other for other in names if other != name)
    return {name: frozenset(others) for name, others in found.items()}


def variants(given: str) -> frozenset[str]:
    """Return the names by which a bearer of a given name (lower case, plain letters) may also be known.

    >>> sorted(variants("dotty"))[:3]
    ['dolly', 'dora', 'dorothy']
    """
    return _variants().get(given, frozenset())


@cache
def common_given_names() -> frozenset[str]:
    """Return the given names of the table: each is a name of its own, not a slip of the pen."""
    return frozenset(_variants())
