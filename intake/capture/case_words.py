"""Two plain words for an interview that waits on a laptop which travels, for paper and the ear.

Things of house, kitchen, garden and weather: nothing that says anything about anybody. No two begin
with the same four letters, so four are enough to type. They open nothing; they only tell one
waiting interview from another.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Final

from intake.errors import UnknownCaseError

_LIST: Final = """
acorn adobe alder almond amber anchor anise ankle antler anvil apple apricot apron arbor arrow
aspen atlas attic autumn awning badge bagel bakery balcony ballad bamboo banjo banner barley barn
basil basket bassoon bayou beach beagle beaver bedrock beech beetle bellows bench berry bicycle
birch biscuit bison blanket blossom blouse bobbin bonnet bookend bottle bough boulder bouquet
bracelet bramble branch brass bread breeze brick bridge bright brook brush bubble bucket bugle
bundle burlap burrow bushel butter buzzard cabbage cabin cactus camel canal candle canoe canvas
canyon caramel cardigan caribou carnation carpet carriage cashew castle catalog cattle cavern
cedar celery cello chair chalk chapel charcoal cheese cherry chess chimney chisel chorus cider
cinnamon circle citrus clarinet clay clover cobalt cobble coconut coffee collar comet compass
copper coral cordial corner cotton cougar counter cousin cradle crane crayon creek crescent
cricket crimson crochet crystal cube cuckoo cucumber cupboard curtain cushion cycle cymbal cypress
daffodil dahlia daisy dandelion dapple date dawn decade deer delta denim desert desk diamond
dinner dipper dolphin domino donkey doorway dormouse dough dragonfly drawer drift drizzle drummer
duck dumpling dune dusk dusty eagle earring earth easel echo eclipse elbow elder elegant elephant
elevator elk elm ember emerald enamel engine envelope equator ermine estuary evening evergreen
fabric falcon family farmer feather fence fennel ferry fiddle field figure filbert finch finger
firefly flagstone flannel flask flax flint flock flour flower flute foghorn folder forest forge
fossil fountain foxglove frame freckle fresco frost fruit funnel furrow gable galaxy gallery
gander garden garlic garnet gazebo gecko geese geranium ginger giraffe glacier glass glider globe
glove gnome goat goblet goldfish goose gopher gorse gosling gourd grain granite grape grass gravel
green grotto grove guitar gull gumdrop gypsum habitat hamlet hammock hamper hamster handle harbor
harness harp harvest hazel heather hedge helmet hemlock hemp herald heron herring hickory hillside
hinge hollow honey horizon hornet horse hotel hour hummingbird hyacinth hyena ibis iceberg icicle
igloo indigo inlet insect iris iron island ivory ivy jacket jaguar jam jar jasmine jelly jersey
jewel jigsaw journal jubilee juggler juice jungle juniper kayak kelp kennel kernel kettle keyboard
kiln kimono kitchen kite kitten kiwi knapsack knitting knoll koala kumquat label lacquer ladder
ladle lagoon lake lamb lamp lantern larch lark lasso lattice laurel lavender lawn leaflet leather
legend lemon lentil leopard letter library lichen lighthouse lilac lily lime linden linen lizard
llama lobster locket lodge lotus lumber lupine lute lynx lyric macaw magnet magpie mahogany
mallard mandolin mango mantle maple marble margin marigold market marmot marsh mast meadow medal
melody mercury merlin mesa metal meteor midday milk millet minnow mint mirror mitten mocha
molasses moon moose mortar mosaic moss moth mountain muffin mulberry museum mushroom mussel
mustard myrtle napkin narrow nautilus nebula nectar needle nest nettle newt nickel nightingale
noodle north notebook nougat novel nugget nutmeg nylon oakwood oasis oatmeal oboe ocean octagon
octopus olive omelet onion onyx opal orange orbit orchard oregano organ oriole ostrich otter oval
oven owl oxygen oyster packet paddle pagoda paint palace palette pamphlet pancake panda pansy
pantry papaya paper paprika parade parcel parka parrot parsley pasta path patio peach peanut pearl
pebble pecan pedal pelican pencil penguin peony pepper perch petal petunia pewter piano pickle
picnic pigeon pillow pine pink pistachio pitcher plain planet plaster plate plaza plover plum
plush pocket poem polar pollen pond pony poplar poppy porch portrait potato pottery poultry powder
prairie pretzel primrose prism pudding puffin pumpkin puppet purple puzzle pyramid quail quarry
quilt quince quiver rabbit raccoon radish rafter rail rainbow raisin ramp ranch raspberry raven
ravine reef reindeer relay rhubarb ribbon rice ridge river robin rocket rooster rosemary rowboat
ruby rudder rug runway russet rustic rye saddle saffron sage sail salad salmon salt sandal sapling
sapphire satchel satin saucer savanna saxophone scallop scarf school scissors scooter seagull
season sequoia sesame shadow shale shamrock shawl sheep shelf sherbet shingle shoreline shovel
shrub siesta silk silver skein sketch skillet skylark slate sleigh slipper sloth snail snow soap
socket sofa soil sonata sorrel soup south soybean spade sparrow spatula spice spider spinach
spiral spoon spring spruce square squirrel stable staircase stamp starling statue steam stencil
stone stork stove straw stream string stucco sugar summer sundial sunrise surf swallow swan
sweater sycamore syrup table tadpole tailor talcum tamarind tangerine tapestry tarragon teacup
teal teapot tempo tennis tent terrace thicket thimble thistle thrush thunder thyme ticket tiger
timber tinsel toast toffee tomato topaz tortoise toucan towel trail tram treble trellis tricycle
trombone trout trowel trumpet tulip tundra tunic turkey turnip turquoise turtle twilight twine
umbrella unicorn upland urchin valley vanilla vase velvet veranda vest village vinegar violet
vista volcano voyage waffle wagon walnut walrus waltz warbler wasp water wave weasel weaver wheat
wheel whisker wicker willow window winter wisteria wombat wool workshop wren yacht yarn yearling
yellow yew yogurt zebra zenith zephyr zest zinc zinnia zither
"""
WORDS: Final = tuple(_LIST.split())
_SHORTEST: Final = 4
_DOMAIN: Final = "intake/case/v1"
_ID_BYTES: Final = 16


def draw_words() -> str:
    """Return two random words with a hyphen between, such as heron-cedar."""
    return f"{secrets.choice(WORDS)}-{secrets.choice(WORDS)}"


def read_words(typed: str) -> str:
    """Return the two words that a person typed, whole: any case, four letters are enough.

    Raises `UnknownCaseError` for what are not two words of the list.
    """
    parts = [each for each in re.split(r"[\s,;.-]+", typed.lower()) if each]
    found = [_word(each) for each in parts]
    if len(found) != len(("first", "second")) or not all(found):
        raise UnknownCaseError
    return "-".join(found)


def are_words(typed: str) -> bool:
    """Tell whether somebody typed two words of the list, rather than an interview's code."""
    try:
        read_words(typed)
    except UnknownCaseError:
        return False
    return True


def case_id(vault: str, device: str, words: str) -> str:
    """Return the id of a waiting interview: of its vault, of this journey, and of its two words."""
    content = f"{_DOMAIN}\0{vault}\0{device}\0{words}".encode()
    digest = hashlib.sha256(content).digest()[:_ID_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _word(typed: str) -> str:
    for word in WORDS:
        if word == typed or (len(typed) >= _SHORTEST and word.startswith(typed)):
            return word
    return ""
