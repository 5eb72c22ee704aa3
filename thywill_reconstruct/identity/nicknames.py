"""Given names that people commonly shorten or vary, and titles and suffixes that are no part of a name.

A nickname only ever proposes a candidate: half of the people called Jack are no John.
"""

from __future__ import annotations

from functools import cache

from thywill_reconstruct.identity.given_names import GIVEN_NAMES

# Between semicolons a given name, then what its bearers are also called.
_TABLE = """
aaron ron ronnie; abel abe; abigail abby abbie gail; abraham abe bram; ada addie addy; adela adele della; adelaide
addie della heidi addy adele dell; adeline ada addie addy lena; adrian ade; adrienne addie enne; agnes aggie aggy
nessa; aileen allie lena eileen; albert al bert bertie; alberta allie bert bertie; alexander alex alec sandy sasha
xander lex; alexandra alex sandra sandy sasha lexi alexa; alexandria alex sandra; alexis alex lexi; alfred al alf
fred alfie; alfreda freda; alice allie ali elsie lisa alicia; alicia allie lisa; alison ali allie allison allyson;
allan allen alan al; allison ali allie ally; alonzo al lon lonnie; alyssa al ally lissa; amanda mandy manda; amelia
amy millie mel emmy; andrea andi drea; andrew andy drew; angela angie angel; angelica angie angel angela; angelina
angie angel lina; anna ann anne annie nan nancy ana; anne ann anna annie nan nancy; annette nettie anne ann; anthony
tony ant; antoinette toni nettie tony ann netta; antonia toni tonya netta; antonio tony tonio; arlene arly lena;
arnold arnie; arthur art artie; ashley ash lee; aubrey bree; audrey audree dee; augusta gussie; augustus gus august;
barbara barb barbie babs bobbie; bartholomew bart; beatrice bea trixie bee; belinda bel linda; benjamin ben benny
benji; bernard bernie barney berney; bertha bert bertie birdie; beverly bev; blanche bea; bradford brad ford;
bradley brad; brandon brand; brenda brandy; brian bryan bryant; bridget biddie biddy bridie; brittany britt;
brittney britt; caitlin cait kaitlin; caleb cal; calvin cal vin; cameron cam ron; camille cammie millie; candace
candy; carla carly karla; carlton carl; caroline carol carrie lina caro; carolyn carol carrie lyn caroline;
cassandra cassie sandra sandy; catherine cathy kate katie kathy cat kitty kathryn katherine; cathleen cathy kathy
kathleen; cecil cece; cecilia cecily celia sissy; celeste celia; charity chat cherry; charles charlie chuck chas
carl chip chick; charlotte lottie charlie lotte char; cheryl cher sherry; chester chet; christa chris crista;
christian chris kit kris christy; christina chris tina chrissy christy crissy kris; christine chris tina chrissy
christy crissy kris kristine; christopher chris kit topher kris; clara clare claire clarissa; clarence clare clair;
claudia claud; clement clem; clifford cliff; clifton cliff; clinton clint; conrad con conny; constance connie; cora
corinne; cornelia corny nelly; cornelius neil con corny; crystal chris crys; curtis curt; cynthia cindy; daniel dan
danny dani; danielle dani ellie dee; daphne daph; darlene darla lena; david dave davy davey day; deanne dee ann;
deborah deb debbie debra; debra deb debbie deborah; delbert bert del; delores dee dolly lola; dennis denny den;
derek derrick rick; desmond des; diana di diane; diane dian dianne; dominic dom nick; dominick dom nick; donald don
donny donnie; donna dona; donovan don donnie; doris dora; dorothea dora dot dorothy; dorothy dot dottie dotty dolly
dora; douglas doug; edgar ed eddie; edith edie edye edy; edmund ed eddie ned ted; edna edny; eduardo ed eddie;
edward ed eddie ned ted teddy eddy; edwin ed eddie ned; edwina winnie; elaine lainie helen; eleanor ellie nell nora
nellie ella elinor elaine nelly lenora; elias eli; elijah eli lige; elisha eli; elizabeth liz beth betty lizzie
eliza bess libby lisa betsy bettie elsie liza bessie lizzy; ella ellie el; ellen nell ellie helen nellie; elmer elm;
eloise louise; elvira elvie; elwood woody; emanuel manny manuel; emil em; emily em emmy millie mel; emma em emmy;
eric rick erick; ernest ernie earnest; ernestine erna tina; estella essie stella; estelle essie stella; esther essie
hester; eugene gene; evangeline eva vangie; evelyn eve evie ev eva; felicia fel felix; ferdinand ferdie; fernando
nando; florence flo flora flossie flossy; floyd lloyd; frances fran frannie fanny francie cissy frankie; francesca
fran chesca; francine fran francie; francis frank fran frankie; franklin frank fran; frederick fred freddie freddy
fritz rick; frieda freda; gabriel gabe; gabriela gaby; gabrielle gabby gaby; garrett gary garry; genevieve eve jenny
gen; geoffrey geoff jeff; george georgie; gerald gerry jerry; geraldine gerry jerry geri gerri dina; gertrude trudy
gert gertie; gilbert gil bert gilly; giovanni gianni; glenn glen; gloria glory; gordon gordie; grace gracie; gregory
greg; gretchen margaret; guillermo memo; gustav gus; guy guido; gwendolyn gwen wendy; hannah nan anna hanna; harold
harry hal; harriet hattie harry etta; harrison harry; heather hettie; helen nell ellen ella nellie lena; helena lena
nell helen ellen; helene ella ellen lena; henrietta etta hettie hattie; henry harry hank hal; herbert herb bert;
herman harman; hilary hillary; howard howie hal; hubert bert hugh hub; ignacio nacho; irene rena; irving irv; irwin
erwin; isaac ike zac zeke; isabel izzy bella belle isa bell; isabella izzy bella belle isa; isabelle bella belle
izzy; isaiah ike zay; jackson jack; jacob jake jay; jacqueline jackie; james jim jimmy jimmie jamie jem jamey; jane
janie jenny jessie jean jennie; janet jan; janice jan; jasmine jaz; jasper casper; jeanette jean nettie jenny;
jefferson jeff; jeffery jeff; jeffrey jeff; jennifer jen jenny jenn; jeremiah jerry jem jeremy; jeremy jerry jem jez
jezza; jerome jerry; jerry gerald jeremy; jessica jess jessie; jillian jill gill; joan joanie; joann jo; joanna jo
joanne jodi jody; johanna jo hanna joanna; johannes hans jo johan johnny; john jack johnny jock johnnie ian jon
jonny jonnie; johnathan jonathan john jon; jonathan jon nathan jonny john johnny; jose pepe; josef sepp; joseph joe
joey jody jo jos josie; josephine jo josie fina jody joey; joshua josh joe; josiah joe; juan juanito; juana juanita;
juanita nita nettie; judith judy jude judie judi; julia julie jules jill juli; julian jules; juliana julie; juliet
julie jules; justin jus; karen kari; katelyn kate kay; katherine kate kathy katie kitty kay kit kathryn catherine
katy trina cassie; kathleen kathy kate kay katie cathy kit; kathryn kathy kate katie kay; katrina trina kat; kelley
kelly kellie; kendall ken kenny; kendra kay ken; kenneth ken kenny kendrick; kent ken kenny; kevin kev; kimberly kim
kimberley; kirsten kirsty; kristen kris kristy chris; kristin kris kristy chris; kristina kris tina kristy; kristine
kris kristy tina chris; kristopher kris chris; lamont monty; larissa lara; larry lawrence laurence; latisha tish;
laura laurie lori lora; laurel laurie; lauren laurie lori; lawrence larry lawrie laurence lon lonny lonnie lars;
leander lee andy; lenora nora lee; leon leo; leonard leo len lenny; leroy lee roy; leslie les; lester les; levi lee;
lewis lew louis; lillian lil lilly lily lilian; lilly lil lily lillian; linda lindy lynn; lois louise lou; lorenzo
enzo lon loren; loretta etta lorrie; lorraine lori rainie; louis lou louie lewis; louisa lou eliza; louise lou;
lucas luke luc; lucille lucy lu lucile lucie lou; lucinda cindy lucy lou; lucy lucia lucinda; luigi gino; luther
luke; lydia liddy; mabel mab amabel; madeline maddy maddie magda lena madie madelyn madge maggie; madelyn maddy
maddie madie; magdalena magda lena maggie; malcolm mal; manuel manny; marcella marcie; marcia marcie; margaret
maggie meg peggy marge greta daisy madge rita margie margery gretta midge peg maisie margot; margarita rita margo;
maria mary mia marie ria mariah; marian marion marianne; marianne mary anne marian; marilyn mary; marion mary;
marjorie marge margie margy; mark marc marcus; marsha marcie; martha marty mattie patty pat; martin marty; martina
tina; marvin marv; mary molly polly mamie marie maria mae may minnie mimi; maryann mary; mathew matt mat; matilda
tilly mattie maud matty; matthew matt matty; matthias matt; maureen mary mo; maurice morris morey morrie; maximilian
max; maxine max; maxwell max; megan meg; melanie mel; melinda mel mindy lindy linda; melissa mel lissa missy milly;
melvin mel; mercedes mercy; michael mike mikey mick mickey misha micky mitch; michaela mickey kayla mica; micheal
mike; michelle shelly shelley shellie chelle mickey; miguel mike; mildred millie milly; millicent millie milly;
miranda mandy randy mira; miriam mimi mitzi; mitchell mitch; mollie molly mary; monica monnie; montgomery monty;
morgan morg; morton mort; muriel mur; myrtle myrt; nadine dee; nancy nan ann; naomi omi; natalie nat natty tally
natalia; natasha tasha nat; nathan nat nate; nathaniel nat nate nathan; nelson nels; nicholas nick nicky klaus nico;
nicolas nick nicky nico; nicole nicki nikki nicky cole; nora honora; norbert bert norb; norman norm; octavia tavia;
olive ollie; oliver ollie; olivia liv livvy ollie; orlando roland; oscar ozzie; oswald ozzie; otto ott; pamela pam;
patricia pat patty trish tricia patsy pattie patti; patrick pat paddy pate patsy; paul polly; paula polly lina;
paulina polly lina; pauline polly paula; penelope penny nell; peter pete pate; philip phil pip phillip; phillip phil
pip philip; phyllis phyl; priscilla cilla prissy; prudence prue; quentin quint; rachel shelly rae rachael; ralph
rafe; ramona mona; randall randy; randolph randy dolph; raphael rafe raf ralph; raymond ray; rebecca becky becca
beck reba; regina gina reggie; reginald reg reggie; reuben rube; rhoda rho; rhonda ronnie; ricardo rick ricky;
richard rick dick rich ricky richie dicky rickie; robert bob rob bobby bert robbie bill robby rupert; roberta bobbie
robbie bert; roberto rob berto; roderick rod rick erick; rodger rod roger; rodney rod; roger rog rodge hodge bob;
roland rollo rowland lanny orlando rolly; ronald ron ronnie naldo ronny; rosa rose; rosalind linda rosa rose roz;
rosalyn rosa rose roz; rosemarie rose rosie rosemary; rosemary rose rosie mary; roxanne roxy ann; rudolph rudy rolf;
russell russ rusty; ruth ruthie; sabrina brina; salvador sal; salvatore sal; samantha sam sammy; samson sam; samuel
sam sammy; sandra sandy sandi; sarah sally sadie sara; savannah anna vanna; scott scotty scottie; sebastian seb
bastian; serena rena; sharon shari sherry shay; shawn sean shaun; shelby shel; sheldon shelly; sheryl cheryl sherry;
shirley shirl; sidney sid sydney; silas si; silvester sly syl vester; silvia syl; simon sy si; solomon sal sol
solly; sophia sophie fia; stacey stacy staci; stanley stan; stephan steve; stephanie steph stephany stevie fannie
steffi annie; stephen steve stevie steven; steven steve stevie stephen steph; stuart stu stewart; susan sue susie
suzy suzie; susanna sue susie anna hannah susan; suzanne sue susie suzy susan suki; sylvester sly syl vester; sylvia
syl; tabitha tabby; tamara tammy tam; tammy tammie tami; terence terry; teresa terry tess tessa theresa teri; teri
terry terri; terrence terry; thaddeus thad; theodora dora theo; theodore ted teddy theo tad; theresa terry tess
tessa teresa tracy tessie; thomas tom tommy thom tam; tiffany tiff; timothy tim timmy; tobias toby; tracy tracey;
ulysses lyss; ursula sula; valerie val; vanessa nessa vanna; vernon vern; veronica ronnie vera nica ronny frankie;
victor vic vick; victoria vicky torrie tori vicki vickie; vincent vince vinny vin; viola vi ola; virginia ginny
ginger jennie gin; vivian viv; wallace wally; walter walt wally; wendy gwen; wesley wes; wilbur will; wilfred will
fred willie; wilhelmina mina willa minnie wilma willie; willard will; william will bill billy willie liam bela bil
willy wil; willis bill will; wilma billie willa mina; wilson will willie; winifred winnie fred freda wyn; winston
win; woodrow woody drew; yvonne vonnie; zachary zach zack zac zeke zak; alejandro alex ale; aleksandr sasha sanya;
anastasia nastya stacy; dmitri dima mitya; ekaterina katya; evgeny zhenya; francisco paco pancho cisco; giuseppe
beppe peppe; ivan vanya john; jesus chuy; katarzyna kasia; malgorzata gosia; mikhail misha; nikolai kolya; sergei
seryozha; svetlana sveta; tatiana tanya; vladimir vova volodya; yekaterina katya
"""

_TITLE_WORDS = "mr mrs ms miss mx dr prof rev fr sir dame pastor brother sister deacon elder father"
TITLES = frozenset(_TITLE_WORDS.split(" "))
GENERATIONS = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})


@cache
def _variants() -> dict[str, frozenset[str]]:
    """Return given name -> every name that its bearer may also be called, in both directions and between siblings."""
    found: dict[str, set[str]] = {}
    for entry in _TABLE.split(";"):
        names = entry.split()
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
    """Return given names that everybody knows: each is a name of its own, not a slip of the pen."""
    return GIVEN_NAMES.union(_variants())
