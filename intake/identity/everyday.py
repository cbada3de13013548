"""Short list of English words that are also names, or that misheard names fall apart into.

A name that is also an everyday word ("May", "Will") cannot be set apart by its letters alone: it
is proposed at each place, never applied by itself. The list is ours, and only ever makes a match
ask a person or need more likeness; it never lets a name through.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_WORDS: Final = """
a able about above accept across act action actually add afraid after again against age ago agree
ahead air all allow almost alone along already also always am amber among amount an and anger
angry animal another answer any anyone anything anyway appear april are area arm arms army around
arrest arrive art as ask asked at attack august aunt autumn away baby back bad bag ball band bank
bar base basis bath be bear beat beaten beautiful became because become bed been before began
begin behind being believe bell below bench best better between beyond big bill bird birth bishop
bit black blank blood blow blue board boat body book boot border born boss both bottle bottom
bought bowl box boy boys brave bread break brick bridge bring broken brother brought brown build
building burn bus business but butcher buy by cable call called came camp can cannot captain car
card care carried carry carter case cash catch cause cell center chair chance change chapel charge
chase cheap check chief child children choice christian church circle city class clay clean clear
clerk close clothes coach coal coat coffee coffin cold collect color come coming common company
control cook cool cooper corner corn could count country couple course court cousin cover cow
crime cross crowd cry cup cut daisy damage dance danger dark date daughter dawn day days dead deal
dean dear death decide deep dentist did die died different dinner direct dirt do doctor does dog
doing dollar done door doubt down dozen draw dream dress drew drink drive driver drop dry duke
dust duty each ear earl early earth east easy eat edge eight either eleven else empty end enemy
enough enter evening ever every everyone everything evil exactly expect explain eye eyes face fact
faith fall family far farm farmer fast father favor fear feel feet fell felt fence few field
fields fifteen fifth fifty fight figure file fill final find fine finger finish fire first fish
fisher five flat flew floor flower fly follow food foot for force forest forget forth forty
forward found four fourteen frank free fresh friday friend friends from front full future garden
gate gave general get girl give given glad glass go god going gold gone good got grace grand grant
grass gray great green grew grey ground group grow guard guess gun guy had hair half hall hand
hands happen happy hard has hat have he head hear heard heart heat heaven heavy held hell help her
here hid hide high hill him himself his hit hold hole holy home honor hope horse hospital hot hour
hours house how however huge human hundred hunt hunter hurt husband i ice idea if important in
indeed inside into iron is it its ivy jack jay job join joy judge july jump june just keep kept
key kick kid kill killed kind king kitchen knee knew knife knight knock know known lady lake land
lane language large last late later laugh law lay lead leader leaf lean learn least leave led left
leg less let letter level lie life lift light like lily line lip list listen little live lock long
look lord lose lost lot loud love low luck lunch machine mad made mail main major make man manner
many march mark market marry mason master matter may maybe me meal mean meat meet men merit met
middle might mile military milk mill miller mind mine minute miss moment monday money month moon
more morning most mother mountain mouth move moved mr mrs much mud must my myself name narrow
nation near neck need neighbor never new news next nice night nine no noble nobody noise none noon
nor north nose not note nothing notice now number nurse object of off offer office officer often
oh oil okay old olive on once one only onto open or order other our out outside over own page pain
pair palm paper parent park parker part party pass past pat path pay peace pearl people perhaps
person phone pick piece pike piper place plan plane plant play please pocket point police pool
poor pope porter post potter pound power pray press pretty price priest prince prison private
promise property prove public pull push put queen question quick quiet quite rain ran rather ray
reach read ready real really reason red reed rest rice rich ride rifle right ring river road robin
rock roll roof room root rose rough round row ruby rule run sad safe sage said salt same sand sat
saturday save saw say says scared school sea search season seat second secret see seem seen sell
send sense sent sergeant serious serve set seven several shadow shall she shoe shop shore short
shot should shoulder shout show shut sick side sign silence silent silver simple since singer sing
sir sister sit six sixth sixty skin sky sleep slow small smell smile smith smoke snow so soft
soldier soldiers some somebody someone something sometimes son soon sorry sound south speak spoke
spring square stage stand star start state station stay steal steel step stick still stone stood
stop store storm story straight strange stream street strong student such sudden sue summer sun
sunday sure swear sweet table take taken talk tall tax tea teach teacher tear tell ten tent than
thank that the their them then there these they thick thin thing things think third thirteen
thirty this those though thought thousand three through thursday tie time times tired to today
together told tomorrow tonight too took top touch toward tower town track trade train tree trial
trouble truck true trust truth try tuesday turn turner twelve twenty twice two uncle under
understand unit until up upon us use used usual valley van very victor village violet visit voice
wait walk walker wall want war ward warm was wash watch water way we weak wear weather wednesday
week weeks well went were west wet what wheel when where which while white who whole whose why
wide wife will win wind window winter wish with within without witness woman women wood woods word
words work world worry would wound write wrong yard year years yellow yes yesterday yet you young
your
"""


@cache
def everyday_words() -> frozenset[str]:
    """Give all of them, lower case."""
    return frozenset(_WORDS.split())


def is_everyday(folded: str) -> bool:
    """Whether a folded form is one everyday word, or a single letter."""
    return len(folded) == 1 or folded in everyday_words()
