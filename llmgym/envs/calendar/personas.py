"""The people who keep a calendar: what they plan and what they talk about.

``{who}`` stands for a first name and ``{thing}`` for one of the persona's things; both are drawn for each use.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NAMES", "PERSONAS", "Persona"]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody with a day to plan.

    Attributes:
        voice: Key of the wordings in :mod:`~llmgym.envs.calendar.phrases`.
        things: What ``{thing}`` may stand for.
        events: Full and short name of each event; a short name is read after "the".
        chatter: Remarks that ask for nothing, each with an answer.
    """

    voice: str
    things: tuple[str, ...]
    events: tuple[tuple[str, str], ...]
    chatter: tuple[tuple[str, str], ...]


NAMES = (
    "Ada",
    "Bruno",
    "Chiara",
    "Dmitri",
    "Elif",
    "Femi",
    "Greta",
    "Hiro",
    "Ines",
    "Jonas",
    "Kavya",
    "Leo",
    "Mina",
    "Noor",
    "Oskar",
    "Priya",
    "Quentin",
    "Rosa",
    "Sven",
    "Tomoko",
    "Uma",
    "Viktor",
    "Wanda",
    "Yusuf",
)

PERSONAS: tuple[Persona, ...] = (
    Persona(
        "warm",
        ("local history shelf", "summer reading list", "seed library", "map collection", "audiobook corner"),
        (
            ("Story hour for toddlers", "story hour"),
            ("Planning the {thing} with {who}", "planning talk with {who}"),
            ("Volunteer orientation: desk and returns", "volunteer orientation"),
            ("Book repair bench", "book repair"),
            ("Weeding the {thing}", "weeding"),
            ("Call with the county about the roof leak", "county call"),
            ("Poetry circle rehearsal", "poetry rehearsal"),
            ("Scanner training for {who}", "scanner training"),
            ("Interlibrary loans catch-up", "loans catch-up"),
            ("Homework help drop-in", "homework drop-in"),
        ),
        (
            (
                "A boy of six asked me today whether books get tired of being read. I have been smiling about it ever since.",
                "What a lovely question. A worn spine does look a little like a book that has had a long day.",
            ),
            (
                "We finally got the {thing} into shape, and two people have already told me they had no idea it existed.",
                "That is good news, and a clear sign that the work on the {thing} was worth it.",
            ),
            (
                "{who} has offered to repaint the reading room over the weekend, which would brighten everything up.",
                "A fresh coat of paint does wonders for a reading room, and it is generous of {who} to offer.",
            ),
            (
                "I am wondering whether people would miss the card catalogue if I moved it to the attic. I think I would.",
                "A catalogue like that has a charm of its own, so it is understandable that you would miss it.",
            ),
        ),
    ),
    Persona(
        "casual",
        ("rye loaf", "plum cake", "sourdough starter", "croissant dough", "seeded roll"),
        (
            ("Tasting the new {thing} recipe", "tasting"),
            ("Flour delivery check", "flour check"),
            ("Oven service with the technician", "oven service"),
            ("Staff rota chat with {who}", "rota chat"),
            ("Window display makeover", "window makeover"),
            ("Wedding cake sketch with {who}", "cake sketch"),
            ("Phone call with the dairy", "dairy call"),
            ("Costing the {thing}", "costing session"),
            ("Apprentice lesson: shaping and scoring", "apprentice lesson"),
            ("Market stall packing", "stall packing"),
        ),
        (
            (
                "Been up since three, but the {thing} came out of the oven singing. You know that crackle? Best sound there is.",
                "That crackle means the crust is cooling just as it should. The {thing} clearly went well.",
            ),
            (
                "A regular told me our {thing} tastes like her grandmother's. I nearly cried into the till.",
                "There is hardly a finer compliment for a baker than that.",
            ),
            (
                "{who} dropped a whole tray of buns this morning and we laughed until our ribs hurt. The pigeons are happy.",
                "At least the buns found somebody who appreciates them, and a good laugh starts the day well.",
            ),
            (
                "Butter's gone up again. I'm not touching the recipe though, people can taste the difference.",
                "Keeping the recipe as it is makes sense: customers come back for the taste.",
            ),
        ),
    ),
    Persona(
        "formal",
        ("seagrass survey", "plankton net", "tide gauge", "coral nursery", "whale recordings"),
        (
            ("Calibration of the {thing}", "calibration"),
            ("Grant budget review with {who}", "grant review"),
            ("Dive safety refresher", "dive refresher"),
            ("Data call on the {thing}", "data call"),
            ("Interview with a doctoral candidate", "candidate interview"),
            ("Boat allocation meeting", "boat meeting"),
            ("Manuscript reading with {who}", "manuscript reading"),
            ("Harbour authority briefing", "harbour briefing"),
            ("Sample archive stock-take", "archive stock-take"),
            ("School visit to the wet lab", "school visit"),
        ),
        (
            (
                "The water was clearer this week than I have seen it in ten years. The {thing} will profit from that.",
                "Clear water is a gift for field work, and it should show in the results of the {thing}.",
            ),
            (
                "I have been revising the methods section again. {who} is right that the old wording promised too much.",
                "A modest methods section tends to age well. It sounds like a careful revision.",
            ),
            (
                "A seal has adopted our pontoon and regards every one of us as an intruder.",
                "Seals are creatures of habit, so the pontoon may have a new owner for a while.",
            ),
            (
                "Our students measure everything twice now, without being told. I could not be prouder.",
                "Measuring twice without being asked is a sign of very good teaching.",
            ),
        ),
    ),
    Persona(
        "brisk",
        ("second act", "fog machine", "revolving stage", "quick change", "thunder cue"),
        (
            ("Cue-to-cue run of the {thing}", "cue-to-cue"),
            ("Props table audit", "props audit"),
            ("Lighting focus with {who}", "lighting focus"),
            ("Understudy read-through", "understudy read"),
            ("Fire marshal walk-round", "fire walk-round"),
            ("Safety talk about the {thing}", "safety talk"),
            ("Costume fitting for {who}", "costume fitting"),
            ("Orchestra pit measurement", "pit measurement"),
            ("Front-of-house briefing", "house briefing"),
            ("Radio battery swap", "battery swap"),
        ),
        (
            (
                "The {thing} worked on the first try. Nobody in this building believes it will do so twice.",
                "A first clean run is still a good omen for the {thing}.",
            ),
            (
                "{who} knows every line of everyone else's part and not one of their own. Theatre.",
                "That may turn out to be useful on the night somebody else forgets a line.",
            ),
            (
                "Somebody has been feeding the theatre cat at the prompt desk again. I found crumbs in the cue book.",
                "The cat has clearly understood where the important decisions are made.",
            ),
            (
                "House is sold out for the weekend. The whole crew is walking a little taller.",
                "Congratulations to you and the crew. A full house is well earned.",
            ),
        ),
    ),
    Persona(
        "warm",
        ("frog pond unit", "fractions game", "class newspaper", "puppet play", "weather diary"),
        (
            ("Parent talk with the family of {who}", "parent talk"),
            ("Setting up the {thing}", "set-up session"),
            ("Reading assessment: group B", "reading assessment"),
            ("Staff room meeting about the timetable", "staff meeting"),
            ("Playground duty swap with {who}", "duty swap"),
            ("Marking session: spelling tests", "marking session"),
            ("Choir practice in the hall", "choir practice"),
            ("Field trip paperwork", "trip paperwork"),
            ("Mentor hour with the new teacher", "mentor hour"),
            ("Science cupboard tidy-up", "cupboard tidy-up"),
        ),
        (
            (
                "The children have named all eleven snails after footballers. I am not allowed to mix them up.",
                "Eleven snails make a full team. Learning the names will surely earn you respect.",
            ),
            (
                "{who} read a whole page aloud today for the first time. The class clapped without being asked.",
                "What a moment, for {who} and for the whole class.",
            ),
            (
                "The {thing} has taken over one wall and half the ceiling. I would not have it any other way.",
                "It sounds as if the {thing} has really caught their imagination.",
            ),
            (
                "I found a note in my coat saying 'you are a good teecher'. I am keeping it for ever.",
                "That is a note worth keeping, spelling and all.",
            ),
        ),
    ),
    Persona(
        "brisk",
        ("old greyhound", "barn cat litter", "pony", "rescue parrot", "tortoise"),
        (
            ("Dental check: {thing}", "dental check"),
            ("Vaccination slot for the {thing}", "vaccination"),
            ("X-ray machine inspection", "x-ray inspection"),
            ("Case conference with {who}", "case conference"),
            ("Pharmacy stock count", "stock count"),
            ("Stitches out: {who}'s terrier", "stitches appointment"),
            ("Farm call planning", "farm call planning"),
            ("Insurance forms catch-up", "forms catch-up"),
            ("Nurse appraisal: {who}", "nurse appraisal"),
            ("Puppy class for beginners", "puppy class"),
        ),
        (
            (
                "The {thing} walked out on its own feet today. A week ago I would not have bet on it.",
                "That is a wonderful recovery, and a credit to the care it was given.",
            ),
            (
                "{who} got bitten by a hamster and wants it in the accident book. I have written 'severe'.",
                "A small animal with a big entry in the accident book. I hope {who} recovers quickly.",
            ),
            (
                "The waiting room had a goat, a ferret and a goose this morning. The goose won.",
                "With that cast, the goose was always the favourite.",
            ),
            (
                "We are out of liver treats and the patients have noticed.",
                "Patients of that kind rarely forget, so new treats will be very welcome.",
            ),
        ),
    ),
    Persona(
        "casual",
        ("cargo bike", "gravel frame", "wheel truing stand", "kids' balance bike", "tandem"),
        (
            ("Fitting session for the {thing}", "fitting session"),
            ("Inventory of chains and cassettes", "inventory"),
            ("Wheel building with {who}", "wheel building"),
            ("Supplier call about the {thing}", "supplier call"),
            ("Brake bleeding workshop", "brake workshop"),
            ("Photo shoot for the web shop", "photo shoot"),
            ("Accounts with {who}", "accounts hour"),
            ("Test ride briefing", "test ride briefing"),
            ("Warranty claims pile", "warranty pile"),
            ("Community repair table", "repair table"),
        ),
        (
            (
                "Someone brought in a {thing} that had been under a tarp for nineteen years. Rolls like a dream now.",
                "Nineteen years is a long rest. Nice work bringing it back.",
            ),
            (
                "{who} rode up the hospital hill without getting off. Says it was the new gearing, I say it was the cake.",
                "Gearing helps, but cake should never be underestimated.",
            ),
            (
                "Rain all week, so everybody wants mudguards at the same time. Every single year.",
                "Mudguards do seem to be remembered only once the road is wet.",
            ),
            (
                "I painted the workshop floor green. It looks like we fix bikes in a meadow.",
                "A meadow sounds like a very pleasant place to fix bikes.",
            ),
        ),
    ),
    Persona(
        "formal",
        ("spectrograph", "meteor camera", "variable star list", "mirror coating", "visitor dome"),
        (
            ("Alignment of the {thing}", "alignment"),
            ("Observing proposal review with {who}", "proposal review"),
            ("Detector cooling test", "cooling test"),
            ("Public lecture rehearsal", "lecture rehearsal"),
            ("Archive migration call", "migration call"),
            ("Thesis supervision: {who}", "thesis supervision"),
            ("Budget line for the {thing}", "budget discussion"),
            ("Dome motor maintenance", "dome maintenance"),
            ("Press interview about the comet", "press interview"),
            ("Journal club", "journal club"),
        ),
        (
            (
                "We had four perfect nights in a row. I had forgotten what it is like to be tired for a good reason.",
                "Four clear nights in a row are rare. That is the best kind of tiredness.",
            ),
            (
                "The {thing} behaves impeccably as long as nobody important is watching.",
                "Instruments do seem to know who is in the room. It is good that the {thing} works when it counts.",
            ),
            (
                "{who} found an error in a table that all of us have used since my own student days.",
                "A sharp eye. Finding an error in a table that old is a real service to everyone.",
            ),
            (
                "A child asked me what is behind the last star. I said: another question.",
                "That is a fine answer, and probably the most honest one.",
            ),
        ),
    ),
    Persona(
        "formal",
        ("user manual", "court transcript", "cookbook", "poem cycle", "museum guide"),
        (
            ("Terminology call about the {thing}", "terminology call"),
            ("Proofreading: {thing}", "proofreading"),
            ("Contract talk with {who}", "contract talk"),
            ("Interpreting rehearsal", "interpreting rehearsal"),
            ("Glossary update", "glossary update"),
            ("Invoice hour", "invoice hour"),
            ("Peer feedback with {who}", "peer feedback"),
            ("Webinar on subtitling", "subtitling webinar"),
            ("Client briefing: spring catalogue", "client briefing"),
            ("Dictionary society committee", "committee"),
        ),
        (
            (
                "I spent an entire hour on one comma in the {thing}. It was the right comma in the end.",
                "Some commas carry a whole sentence. An hour was well spent on that one.",
            ),
            (
                "There is no word in English for the smell of a shop that sells only string. I keep looking.",
                "Some gaps in a language are part of its charm, although that one deserves a word.",
            ),
            (
                "{who} sent me a dialect dictionary from 1911. My afternoon is in danger.",
                "A dictionary like that is a dangerous and delightful present.",
            ),
            (
                "The author of the {thing} wrote to thank me. That happens about once in a decade.",
                "That must have been a pleasure, and it was surely well deserved.",
            ),
        ),
    ),
    Persona(
        "casual",
        ("old pear trees", "bee hives", "cider press", "drip irrigation", "farm stand"),
        (
            ("Check-up of the {thing}", "check-up"),
            ("Pruning lesson with {who}", "pruning lesson"),
            ("Soil sample drop-off", "soil drop-off"),
            ("Chat with the neighbours about the {thing}", "neighbour chat"),
            ("Tractor tyre change", "tyre change"),
            ("Jam label printing", "label printing"),
            ("Harvest crew sign-up", "crew sign-up"),
            ("Organic inspector's visit", "inspector's visit"),
            ("Apple tasting with {who}", "apple tasting"),
            ("Ladder safety talk", "ladder talk"),
        ),
        (
            (
                "Frost warning came to nothing, thank goodness. I'd already carried half the pots inside.",
                "Better carried in for nothing than left out in a frost. Good that it passed.",
            ),
            (
                "The {thing} kept me busy all morning and I don't even mind. Sun on the back of the neck, you know.",
                "A sunny morning with the {thing} sounds like a good way to be busy.",
            ),
            (
                "{who} swears the bees hum in a different key before rain. I'm starting to hear it too.",
                "Bees do change their behaviour before rain, so there may be something in it.",
            ),
            (
                "Somebody left three marrows on my doorstep with no note. Country life.",
                "An anonymous gift of marrows is hard to refuse, and harder still to finish.",
            ),
        ),
    ),
    Persona(
        "warm",
        ("textile room", "coin cabinet", "loan agreement", "clay figurines", "audio guide"),
        (
            ("Condition report: {thing}", "condition report"),
            ("Docent training with {who}", "docent training"),
            ("Courier arrival and crate check", "crate check"),
            ("Label writing for the {thing}", "label writing"),
            ("Donor tea", "donor tea"),
            ("Humidity sensor replacement", "sensor replacement"),
            ("Exhibition model walk-through", "model walk-through"),
            ("Insurance valuation call", "valuation call"),
            ("Family day planning with {who}", "family day planning"),
            ("Photography of the new acquisitions", "photography"),
        ),
        (
            (
                "We opened a drawer that nobody had opened since the war and found a very polite letter about mice.",
                "A polite letter about mice is a treasure of its own kind.",
            ),
            (
                "The {thing} looks so much better under the new lights. I keep walking past just to look.",
                "Good light changes everything. It is lovely that the {thing} gets its due.",
            ),
            (
                "{who} stood in front of one small painting for forty minutes today and then said simply 'yes'.",
                "Forty minutes and one word: that may be the best review a painting can get.",
            ),
            (
                "My favourite visitors are the ones who whisper, although nobody ever told them to.",
                "There is something about a quiet room full of old things that makes people whisper.",
            ),
        ),
    ),
    Persona(
        "brisk",
        ("backup server", "badge reader", "mail gateway", "printer fleet", "wireless survey"),
        (
            ("Patch window for the {thing}", "patch window"),
            ("Vendor call: {thing}", "vendor call"),
            ("Onboarding of {who}", "onboarding"),
            ("Incident review: Monday outage", "incident review"),
            ("Cable tray walk-through", "cable walk-through"),
            ("Licence audit", "licence audit"),
            ("Password policy talk", "password talk"),
            ("Restore drill", "restore drill"),
            ("Helpdesk handover with {who}", "helpdesk handover"),
            ("Rack cleaning", "rack cleaning"),
        ),
        (
            (
                "The {thing} has been up for four hundred days. Nobody is allowed to look at it.",
                "Four hundred days is impressive. Looking away seems a sound precaution.",
            ),
            (
                "{who} asked if the cloud is affected by the weather. I answered very kindly, I think.",
                "A kind answer was the right one, and the question comes up more often than one would think.",
            ),
            (
                "Closed the oldest ticket in the queue today. It was older than our newest colleague.",
                "Closing a ticket with that much history deserves a moment of celebration.",
            ),
            (
                "Labelled every cable in the cabinet. I know what happiness is.",
                "A fully labelled cabinet is a gift to everybody who comes after you.",
            ),
        ),
    ),
)
