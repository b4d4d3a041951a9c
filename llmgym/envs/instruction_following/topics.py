"""What made-up tasks are about: requests without commas, quotes and exclamation marks, that end with a dot."""

from __future__ import annotations

from llmgym.envs.instruction_following.draw import Draw

__all__ = ["draw_request"]

_SUBJECTS = tuple(
    """a small bakery that opens before sunrise|a night train through the mountains|the first day in a new job
a neighbour who repairs old radios|keeping bees on a city roof|a lighthouse that was turned into a hotel
learning to swim as an adult|a village market in late autumn|the history of the bicycle|growing tomatoes on a balcony
a chess club for beginners|how bridges are tested|a long walk along a canal|saving water at home
a library that lends tools|the life of a street musician|preparing for a storm|a family recipe for lentil soup
the invention of the printing press|a school play that went wrong|moving to another country|caring for an old dog
the night sky in winter|a power cut in a big city|building a treehouse|why leaves change colour
a broken elevator with five passengers|writing letters by hand|a museum of everyday things|training for a first marathon
the work of a translator|a desert after rain|how batteries store energy|a festival of paper lanterns
repairing a leaking roof|an unusual birthday present|the habits of night owls|planning a trip on a small budget
a conversation between two rivers|teaching a child to cook|the sound of an empty theatre|how to fold a map
a beach in the off season|the ethics of lost and found|a team that works in three time zones|sleeping better
the last bus of the day|the rules of a board game|an island with one hundred inhabitants|how clouds are named
choosing a second language|a garden without flowers|the first photograph of a family|sharing a flat with strangers
a detective who hates puzzles|how sugar is made|the advantages of being bored|a repair shop for umbrellas
the weather on another planet|reading aloud to grandparents|a robot that wants to paint|the price of silence""".replace(
        "\n", "|"
    ).split("|")
)

_REQUESTS = (
    "Write a short story about {subject}.",
    "Describe {subject} to somebody who has never heard of it.",
    "Give me some advice on {subject}.",
    "Write a letter to a friend about {subject}.",
    "Explain to a curious child what is interesting about {subject}.",
    "Write a blog post about {subject}.",
    "Draft a speech about {subject}.",
    "What are the pros and cons of {subject}? Discuss them.",
    "Compose a diary entry about {subject}.",
    "Write the opening of a novel about {subject}.",
    "Summarize what an expert would say about {subject}.",
    "Write a dialogue between two people about {subject}.",
    "Prepare a brief talk about {subject} for {audience}.",
    "Write an advertisement that has to do with {subject} and is aimed at {audience}.",
    "Write an email to {audience} about {subject}.",
    "Imagine a film about {subject} and write a review of it.",
    "Make up an interview about {subject} that would be printed in a newspaper for {audience}.",
    "Write a proposal for a project about {subject}.",
    "Tell {audience} a legend about {subject}.",
    "List the questions that {audience} might ask about {subject} and answer them.",
    "Write a poem about {subject}.",
    "Write a travel report about {subject}.",
    "Argue for or against {subject} in front of {audience}.",
    "Write a product description that mentions {subject}.",
)

_AUDIENCES = (
    "students",
    "retired engineers",
    "a town council",
    "young parents",
    "busy nurses",
    "new colleagues",
    "tourists",
    "farmers",
    "a sports team",
    "shop owners",
    "amateur astronomers",
    "people who dislike reading",
)


def draw_request(draw: Draw) -> str:
    """Draw a request."""
    return draw.pick(_REQUESTS).format(subject=draw.pick(_SUBJECTS), audience=draw.pick(_AUDIENCES))
