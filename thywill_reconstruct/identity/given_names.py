"""Common given names, beside those of the table of nicknames: each is a name of its own, not a slip of the pen.

Two users of whom one is called Elena and the other Elina are two people more likely than one who mistyped herself. A name
that is missing here costs a question; a name too many costs one where somebody did mistype one name as another. Source:
the commonest given names of the census of the United States (1990), and those common in at least three European languages,
in plain letters.
"""

from __future__ import annotations

_TEXT = """
abdul adam adolf adriana agata agnieszka aida aimee alana alberto albin albina aldo aleksander aleksandra alena
alexandre alfonso alfredo alida alina alisa alisha alma alta alton alvaro alvin amalia amber amelie amir amos anders
andre andreas andrei andrej andres andrzej aneta anette angelia angelika angeline angelo anica anita anja anka
annamaria anneli annemarie annika anton antonina april archie ariadna ariana ariel armando arne aron artur arturo
ase asta astrid audra augustin augusto aurelia aurora austin autumn ava barbra barry beata beatriz benito bennie
bente berit bernadette bernadine bernardo bernice berta bethany bette bettina bettye beulah bianca bianka birger
birgit birgitta bjorn blake blanca blanka bobbi bogdan bonita bonnie boris boyd bozena brandi branka branko brendan
brent brett brianna bridgette brigita britta brooke bruce bruno byron callie camila camilla candice cara carina
carlo carlos carlota carmela carmelo carmen carole carolina carroll cary casey catalina catarina caterina catharina
cathrine cecelia cecile cedric celine cesar chad charlene chelsea cheri cherie chloe christi christie clarice clark
claude claudette claudio clay clayton cleo clyde cody colin colleen concepcion consuelo corey corrine cory courtney
craig cristian cristina cristobal dagmar dale dalibor dallas damian damon dana danica daniela danilo dante daria
darin dario darius darko darnell darrel darrell darren darrin darryl daryl dawn dean deana deanna debora delia
deloris dena denis denisa denise desiree devin dewey dexter dianna diego dino dixie dolores domingo dominik
dominique doreen dorina dorota dorthy doyle dragan dragica duane dusan dustin dwayne dwight dylan earl earline ebony
edit edita edmond eduard edvard effie einar elbert elena eleonora eliana elin elina elisa elisabet elisabeth elise
elliot ellis elma elsa else elva elvis ema emilia emilie emilio emin emmett enrico enrique erica erik erika erin
erling erma ernesto ernst ervin esperanza estela ester ethel eugen eugenia eula eunice evan evelina everett ewa
fabian fabiana fabio faith fatima fay faye federico felipe fern fernanda filip filippa finn fiona flavia flavio
florian forrest francisca franjo frederic frederik fredrick frida gabriella gale gaspar gavin gayle gemma geneva
georg georgia georgina gerard gerardo gerd gerda german geronimo gertrud gilberto giovanna gisela gladys glenda
glenna goldie goran gordana graciela grady grant gregg gregor grete guadalupe gunhild gunnar gustavo haley hana
hanne harald harvey hasan hazel hector helge henri henriette henrik hilda holger holly homer hope horace hugo
ibrahim ida igor ila ilona ilse imelda imogene ina ines inez inga inge ingeborg inger ingrid ingrida ira irena irina
iris irma irvin isabela ismael ismail israel iva ivana iveta ivo ivona ivy jaclyn jacquelyn jade jaime jakob jakub
jana janelle janette janina janine janis janko janne jared jari jaroslav jasmin jasmina jason javier jayne jeanine
jeanne jeannette jeannie jeannine jelena jenifer jenna jens jerald jeri jermaine jesper jesse jewel jewell joachim
joakim joana jocelyn jodie joel jolanda jolene jonas jonathon joni jonna jordan jorge jorgen josefina josefine josip
joy joyce jozef julio julius june justina justine kai kamil kamila kara karin karina karl karol karolina karoline
kasper katarina katharine katja katrin kayleigh keisha keith kelli kelsey kelvin keri kerri kerry kirk kirstin klara
klaudia knut konrad kornel kornelia krista kristi kristian kristie krystal krzysztof kurt kyle lacey ladislav
ladonna laila lamar lana lance lasse latasha latonya latoya laverne lea leah leandro leann leanne leena leif leigh
leila lela leland lene leola leona leonardo leonor leopold lesley letha leticia lia liana lidia lidija lila lili
liliana lillie lindsay lindsey linn lionel livia ljubica ljudmila lorena lorene lorie lorna lourdes lowell luana
luca luciana luciano lucija ludmila luella luis luisa luka lukas lula luna lupe luz lyle lynda lynette lynne mable
mack madeleine magnus maja manuela mara marcel marcela marco marcos marcy mare marek maren margareta margit margret
marguerite mari mariana marianna mariano maribel marica marija marijan marika marina mario marisa marisol marissa
marit marita maritza marius marko markus marla marlene marlon marshall marta martine matej mateo mathias mathilde
matias matteo maude maura mauro mavis maxim maya mayra meagan meghan mehmet melania melba melina melody meredith
merle mette michal michel michele mika mikael mila milan milena milica milka milo milos milton minerva minna mirjam
mirko miroslav miroslava misty mohamed mohammad mohammed monika monique moses mustafa myra myrna myron nada nadezda
nadia nadja natalija natasa nathalie neal nelda nevenka nichole nicola niels niklas niko nikola nikolaj nils nina
noa noah noel noemi nola norma nova ofelia olaf olav ole olga omar opal ora orville oskar otilia otis oto owen pablo
paige paola patrica patrice patrik paulette paulo pavel pawel pearl pedro per percy perla perry petar petra pia
pierre pietro pilar piotr preston rachelle radovan rafael rafaela ragnhild ramiro ramon randal randi raquel rasmus
raul rebeca rebeka rebekah renata renato rene renee rex reza rickey robin robyn rochelle rodolfo rodrigo rogelio
rolando roman romana ronda roosevelt rosalia rosalie rosario rosetta ross roza rozalia ruben ruby rudi rudolf rufus
rune ryan sabina sabine sallie sami sander sandro santiago santos saskia saul selma sergio seth severin shana shane
shanna shannon sharron shauna shawna sheena sheila shelia sheri sherman sherri sherrie sigrid sigurd silvio simona
simone slavica slavko socorro sofia sofie solveig sondra sonia sonja sonya soren spencer stacie stanislav stanislava
stefan stefania stefanie sten stig stjepan summer susana susanne suzana sven sybil sylvie tamika tania tanja tara
tatjana taylor teodor terrance terrell terrie thea thelma theodor therese tia tibor timea timo todd tomas tomasz
tommie tonia tove traci tracie travis trevor trine trisha tristan troy tyler tyrone ulf ulla urban valarie valdemar
valentin valentina valeria valter van vanesa velma verna veronika vesna vicente viktor viktoria vilma violet violeta
virgie virgil vito vlado vlasta wade wanda warren wayne wendell werner whitney wilbert xavier xenia yasmin yolanda
yusuf yvette zahra zara zdenka zdravko zeljko zita zlatko zoe zoltan zora zoran
"""

GIVEN_NAMES = frozenset(_TEXT.split())
