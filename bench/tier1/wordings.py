"""How one act may be put as a rule's hypothesis: many ways, a part of them kept for measuring only.

Every list is (for training, for measuring). ``{n}`` is what the act is about ("a price", "the departure date").
"""

from __future__ import annotations

import random

from bench.tier1.examples import Ask, sentence

Ways = tuple[list[str], list[str]]

RELATIONS: dict[str, Ways] = {
    "state": (
        [
            "states {n}", "tells the customer {n}", "gives {n}", "gives the customer {n}", "says {n}", "reads out {n}",
            "informs the customer of {n}", "provides {n}", "names {n}", "tells the caller {n}", "gives out {n}",
         "indicates {n}", "specifies {n}", "announces {n}", "conveys {n}", "passes on {n}", "supplies {n}",
         "spells out {n}", "cites {n}", "makes {n} known", "gives away {n}"],
        ["shares {n}", "discloses {n}", "reveals {n} to the customer", "quotes {n}", "lets the customer know {n}",
         "communicates {n}"],
    ),
    # Naming a thing without the fact itself is a mention to some readers, so this is asked of fewer sentences.
    "mention": (
        ["mentions {n}", "speaks about {n}", "brings up {n}", "talks about {n}", "says something about {n}",
         "raises {n}", "comments on {n}", "alludes to {n}", "comes to speak of {n}", "says a word about {n}",
         "addresses {n}"],
        ["refers to {n}", "discusses {n}", "touches on {n}"],
    ),
    "ask": (
        ["asks for {n}", "asks the customer for {n}", "asks the customer to give {n}", "wants to know {n}",
         "requests {n}", "asks about {n}", "asks the caller to say {n}", "needs {n} from the customer",
         "seeks {n}", "tries to find out {n}", "demands {n}", "would like to know {n}", "asks to be told {n}",
         "makes the customer give {n}", "gets the customer to say {n}", "prompts the customer for {n}"],
        ["inquires about {n}", "wants the customer to name {n}", "questions the customer about {n}",
         "has the customer state {n}"],
    ),
    "confirm": (
        ["asks the customer to confirm {n}", "repeats {n} and asks whether it is right", "reads back {n}",
         "checks {n} with the customer", "verifies {n} with the customer", "asks whether {n} is correct",
         "makes sure of {n} with a question", "double-checks {n} with the customer",
         "wants to hear from the customer that {n} is right"],
        ["seeks confirmation of {n}", "wants the customer to confirm {n}", "reads {n} back for approval"],
    ),
    "withhold": (
        ["refuses to give {n}", "declines to state {n}", "says that they cannot give {n}", "does not want to give {n}",
         "is unable to provide {n}", "says they may not share {n}",
         "keeps {n} to themselves", "avoids saying {n}", "is not allowed to tell {n}", "refuses to disclose {n}"],
        ["withholds {n}", "turns down a question about {n}", "will not tell the customer {n}"],
    ),
}  # fmt: skip

# What dialogue corpora annotate, in words. The wordings of the policy sets are none of these.
TOPICS: dict[str, Ways] = {
    "price": (
        ["a price", "the price", "how much something costs", "what it costs", "the cost", "an amount to pay",
         "a rate", "the price of something"],
        ["a fare or total", "prices", "a sum of money that something costs"],
    ),
    "address": (
        ["an address", "the address", "where a place is, with its street", "the street address of a place",
         "a street and house number"],
        ["street addresses", "the exact address"],
    ),
    "phone": (
        ["a phone number", "the phone number", "a telephone number", "a number to call", "the contact number"],
        ["phone numbers", "someone's telephone number"],
    ),
    "rating": (
        ["a rating", "the rating", "how something is rated", "a star rating", "a review score", "how good the reviews are"],
        ["ratings or reviews", "how many stars something has"],
    ),
    "count": (
        ["how many options there are", "the number of options", "how many were found", "the number of matches",
         "a count of search results", "how many choices the search found"],
        ["how many results a search returned", "the number of hits"],
    ),
    "date": (
        ["a date", "the date", "which day the customer wants", "the day", "when, by date", "what day it should be"],
        ["which date it is for", "the day of the booking"],
    ),
    "place": (
        ["a place", "a city", "the city", "the location", "where the customer wants to go or search", "which area"],
        ["where they are or where they want to go", "a town or location"],
    ),
}  # fmt: skip

# Acts that are about nothing in particular.
ACTS: dict[str, Ways] = {
    "success": (
        ["The agent says that the request has been completed.", "The agent confirms that the booking is made.",
         "The agent tells the customer that it is done.", "The agent reports success.",
         "The agent says that the reservation, purchase or transfer went through.",
         "The agent announces that the task was carried out.", "The agent states that something has been booked or done.",
         "The agent confirms a completed transaction."],
        ["The agent confirms that a booking or transaction went through.", "The agent says everything is finished and set up.",
         "The agent lets the customer know that the order succeeded."],
    ),
    "failure": (
        ["The agent says that the request failed.", "The agent reports that it did not work.",
         "The agent says that the booking could not be made.", "The agent tells the customer about an error."],
        ["The agent admits that the transaction did not go through.", "The agent announces a failure."],
    ),
    "upsell": (
        ["The agent offers to make a booking.", "The agent proposes a further service.",
         "The agent asks whether the customer would like to book or buy something.",
         "The agent offers to do something more for the customer.", "The agent suggests a reservation or a purchase.",
         "The agent asks if they should book it."],
        ["The agent suggests a further booking or service on their own.", "The agent invites the customer to make a purchase.",
         "The agent offers to make a reservation or a purchase."],
    ),
    "more": (
        ["The agent asks whether there is anything else.", "The agent asks if the customer needs more help.",
         "The agent offers further assistance.", "The agent asks what else they can do."],
        ["The agent checks whether the customer needs anything more.", "The agent asks if that is all."],
    ),
    "goodbye": (
        ["The agent says goodbye.", "The agent ends the conversation politely.", "The agent wishes the customer a nice day.",
         "The agent takes leave."],
        ["The agent bids the customer farewell.", "The agent closes the call with good wishes."],
    ),
}  # fmt: skip


def pick(ways: Ways, rng: random.Random, wording: str) -> str:
    return rng.choice(ways[0] if wording == "train" else ways[1])


def relation_ask(
    relation: str,
    noun: str,
    is_entailed: bool,
    rng: random.Random,
    kind: str,
    wording: str = "train",
    who: str = "agent",
) -> Ask:
    """Ask whether the agent did ``relation`` towards ``noun``."""
    text = f"The {who} {pick(RELATIONS[relation], rng, wording).format(n=noun)}"
    if who == "customer":
        text = text.replace("the customer", "the agent").replace("the caller", "the agent")
        text = "The customer" + text[len("The agent") :] if text.startswith("The agent") else text
    return Ask(sentence(text), is_entailed, None, kind, wording)


def act_ask(act: str, is_entailed: bool, rng: random.Random, wording: str = "train") -> Ask:
    return Ask(pick(ACTS[act], rng, wording), is_entailed, None, act, wording)
