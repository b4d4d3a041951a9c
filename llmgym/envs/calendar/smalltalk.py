"""General questions and side remarks that interrupt a talk about a calendar."""

from __future__ import annotations

__all__ = ["ASIDES", "DECOYS", "LEADS", "QUESTIONS", "REMARKS", "SHOWING"]

LEADS = (
    "",
    "",
    "Something else: ",
    "Unrelated question. ",
    "Quick one on the side: ",
    "Before I forget: ",
    "Off topic, but ",
    "While I have you: ",
    "This has nothing to do with the calendar. ",
)
"""How a general question may begin. A lead that ends in a comma clause is followed by a lower-case letter."""

SHOWING = (
    "Here is the calendar as it stands:",
    "Your calendar is unchanged:",
    "The calendar for reference:",
    "And here is your current calendar:",
    "For the record, the schedule is still:",
    "Current calendar:",
)
"""Sentences that lead from an answer to the calendar."""

ASIDES = (
    "Thanks, that looks right.",
    "Perfect, thank you.",
    "Lovely.",
    "Good, that works.",
    "Thanks for sorting that out.",
    "Great, much appreciated.",
    "Very good.",
    "That helps a lot.",
)
"""Thanks that may come before a remark."""

QUESTIONS: tuple[tuple[str, str], ...] = (
    (
        "How do I get red wine out of a linen tablecloth?",
        "Blot it at once without rubbing, cover it with salt or pour soda water through it, then wash it with a stain remover.",
    ),
    (
        "What is the difference between a crocodile and an alligator?",
        "An alligator has a broad, rounded snout and hides its lower teeth; a crocodile has a narrow one and shows them.",
    ),
    (
        "How many tablespoons are there in a cup?",
        "A US cup holds 16 tablespoons, which is about 237 millilitres.",
    ),
    (
        "Why do leaves turn red in autumn?",
        "As chlorophyll breaks down, other pigments become visible, and some trees make red anthocyanins from trapped sugar.",
    ),
    (
        "Could you give me a short synonym for 'unavoidable'?",
        "Try 'certain', 'inevitable' or, shorter still, 'sure'.",
    ),
    ("What is 15 percent of 260?", "15 percent of 260 is 39."),
    (
        "How do I keep basil alive on a window sill?",
        "Give it plenty of light, water it from below when the soil feels dry, and pinch off the tips before it flowers.",
    ),
    ("Which planet has the shortest day?", "Jupiter: it turns once in just under ten hours."),
    (
        "How long should I boil an egg if I like it soft?",
        "About six minutes from boiling water for a set white and a runny yolk, then a short bath in cold water.",
    ),
    (
        "What is a polite way to decline an invitation?",
        "You could write: 'Thank you for thinking of me. I cannot make it this time, but I hope it is a lovely evening.'",
    ),
    (
        "Is it true that bats are blind?",
        "No. Bats see quite well, and many of them also find their way by echo.",
    ),
    (
        "How do I convert miles to kilometres in my head?",
        "Multiply by eight and divide by five: 10 miles are about 16 kilometres.",
    ),
    (
        "What is the plural of 'octopus'?",
        "'Octopuses' is the usual English plural, and 'octopodes' follows the Greek.",
    ),
    ("Who wrote Frankenstein?", "Mary Shelley wrote it; it was first published in 1818."),
    (
        "Why does bread go stale faster in the fridge?",
        "Cold makes the starch crystallise more quickly, so the crumb turns firm although it does not dry out.",
    ),
    (
        "What should I look for in a good umbrella?",
        "Fibreglass ribs that bend instead of breaking, a vented canopy, and a handle that suits your hand.",
    ),
    (
        "Can you explain compound interest in one sentence?",
        "You earn interest on your money and also on the interest that was added before, so growth speeds up over time.",
    ),
    (
        "How do I stop my glasses from fogging up?",
        "Wash the lenses with a drop of dish soap and let them air-dry: the thin film left behind keeps fog from forming.",
    ),
    (
        "What does 'ad hoc' mean?",
        "It is Latin for 'to this': something made or done for one particular purpose.",
    ),
    (
        "Which is heavier, a litre of oil or a litre of water?",
        "The water: a litre weighs about 1 kilogram, while a litre of cooking oil weighs about 920 grams.",
    ),
    (
        "How do I fold a fitted sheet?",
        "Tuck the four corners into one another, lay the sheet flat with the elastic inside, and fold it in thirds twice.",
    ),
    (
        "What is a good icebreaker for a group that knows each other?",
        "Ask everyone for a small thing they learned this month that surprised them.",
    ),
    (
        "Why is the sky blue?",
        "Air scatters short wavelengths more strongly than long ones, so blue light reaches us from every direction.",
    ),
    (
        "How often should I descale a kettle?",
        "With hard water about once a month, with soft water every three or four months. Diluted vinegar does it.",
    ),
    ("What is the capital of Kazakhstan?", "Astana."),
    ("How do I remember which way a screw turns?", "'Righty tighty, lefty loosey': clockwise tightens."),
    (
        "Do I need to rinse rice?",
        "For separate grains, yes: rinsing washes away loose starch. For risotto or rice pudding, leave it as it is.",
    ),
    ("What is the name for a group of owls?", "A group of owls is called a parliament."),
    (
        "How can I make my handwriting more legible?",
        "Slow down a little, keep the letters the same height, and leave the width of an 'o' between words.",
    ),
    (
        "Which metals does a magnet attract?",
        "Mainly iron, nickel and cobalt, and most alloys that contain them.",
    ),
    (
        "What is a haiku?",
        "A short Japanese poem, in English usually written as three lines of five, seven and five syllables.",
    ),
    (
        "How do I split a bill of 84 among three people with a tip of 10 percent?",
        "With the tip it is 92.40, so each of the three pays 30.80.",
    ),
    (
        "Is a tomato a fruit?",
        "Botanically it is a berry and so a fruit; in the kitchen it is treated as a vegetable.",
    ),
    (
        "What can I do with a lot of ripe bananas?",
        "Bake banana bread, freeze them in slices for smoothies, or mash them into pancakes.",
    ),
)
"""General questions, each with an answer."""

DECOYS: tuple[tuple[str, str], ...] = (
    (
        "My alarm went off at 5:45 this morning, by the way, and I slept straight through it.",
        "That happens to everyone now and then. I hope the rest of the morning was kinder.",
    ),
    (
        "The film at the Rialto starts at 8:30 tonight and I have had the ticket for weeks.",
        "Enjoy the film. Looking forward to something for weeks makes it better.",
    ),
    (
        "My sister's train arrived at 7:20 yesterday evening, almost two hours late, and she still brought cake.",
        "Two hours late and still with cake: that is a good sister.",
    ),
    (
        "The bakery downstairs opens at 6 and the smell comes right through my floor.",
        "There are worse ways to wake up than the smell of fresh bread.",
    ),
    (
        "My neighbour has a marathon behind him: 4 hours and 15 minutes, at the age of 61.",
        "A remarkable time, and even more so at 61.",
    ),
    (
        "I read that people used to sleep in two halves, with a break from 1 to 3 at night to write letters.",
        "There are records of such a 'first' and 'second' sleep in several countries before electric light.",
    ),
    (
        "We watched the sunrise at 5:12 this morning from the roof. Nobody said a word.",
        "A sunrise like that needs no words.",
    ),
    (
        "My grandfather's clock has said 11:30 since 1974 and nobody dares to wind it.",
        "It will be exactly right twice a day, as the saying goes.",
    ),
    ("The radio play I love is on at 9 this evening, all 55 minutes of it.", "I hope it is a good episode."),
    (
        "My son did 45 minutes of piano practice yesterday without a single reminder.",
        "That deserves some praise: practice without a reminder is rare.",
    ),
)
"""Remarks that name times which have nothing to do with the calendar, each with an answer."""

REMARKS: tuple[tuple[str, str], ...] = (
    (
        "I have been getting ready for the {short} all week, so I am glad that it has its place.",
        "All that preparation will pay off, and the {short} is in safe hands.",
    ),
    (
        "{who} asked about the {short} three times already. I think somebody is looking forward to it.",
        "It is good to have {who} so keen on it.",
    ),
    (
        "The last {short} went on and on, so this time I have written myself a list.",
        "A list is the best remedy for a long {short}.",
    ),
    (
        "I have borrowed a better chair for the {short}. Small comforts.",
        "A good chair is never a small thing.",
    ),
    (
        "I dreamt about the {short} last night. There was a camel in it, which seems unlikely.",
        "Unlikely indeed, but a camel would certainly make the {short} memorable.",
    ),
    (
        "{who} will bring biscuits to the {short}, and so my mood has improved a great deal.",
        "Biscuits have saved many an appointment. Well done, {who}.",
    ),
    (
        "My notes for the {short} are on four different scraps of paper. I really should tidy up.",
        "Copying them onto one page now will save you a search later.",
    ),
    (
        "I used to dread the {short}. These days it is the nicest part of my work.",
        "That is a lovely change, and it says something about how you go about it.",
    ),
)
"""Remarks about an event that has been added, each with an answer; ``{short}`` is the event."""
