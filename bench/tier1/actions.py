"""Actions of a contact centre, and the ways an agent or a customer speaks of them.

One line of ``texts/actions*.txt`` is: base form | past participle | -ing form | noun phrase. ``{your}`` is the customer's thing, as
each speaker puts it. A force is what the speaker does with the action: has done it, promises, offers, refuses ...
"""

from __future__ import annotations

from bench.tier1.texts import lines_of
from bench.tier1.wordings import Ways

ACTIONS = lines_of("actions.txt")
MORE_ACTIONS = lines_of("actions_more.txt")

AGENT: dict[str, list[str]] = {
    "done": [
        "I've {done}.", "I have just {done} for you.", "All set, I have {done}.", "Okay, we have {done} as of {day}.",
        "Good news: we've already {done}.", "That's taken care of, I've {done}.", "I went ahead and have {done} now.",
        "{noun} has gone through.", "{noun} has been processed.", "I can confirm that we have {done}.",
        "Everything is finished; I've {done} and you'll see it by {day}.", "Done! I've {done}.",
    ],
    "promise": [
        "I'll {base} right away.", "We will {base} by {day}.", "I promise that we'll {base}.", "Don't worry, I'll {base}.",
        "You can count on us to {base} by {day}.", "Sure, I am going to {base} for you.", "We'll {base}, that's guaranteed.",
        "Of course, I will {base} as soon as we hang up.", "You will get {noun} by {day}.", "I'll make sure that we {base}.",
        "Yes, we'll {base} before {day}.",
    ],
    "offer": [
        "Would you like me to {base}?", "Shall I {base} for you?", "I could {base}, if you like.", "If you want, I can {base}.",
        "Do you want me to go ahead and {base}?", "What I can do is {base}. Would that help?", "How about {noun}?",
        "May I offer you {noun}?", "I'd be happy to {base}; just say the word.", "Should I {base} now?",
    ],
    "refuse": [
        "I'm sorry, but I can't {base}.", "Unfortunately, we are not able to {base}.", "I won't be able to {base}.",
        "I'm afraid {noun} is not possible.", "We do not {base} in this case.", "No, I cannot {base}, sorry.",
        "I apologize, our rules do not let me {base}.", "Sadly there is nothing I can do, we can't {base}.",
        "I'd love to help, but {noun} isn't something I can give.", "That's not allowed, so I will not {base}.",
    ],
    "not_done": [
        "I haven't {done} yet.", "We have not {done}.", "So far nobody has {done}.", "I see that we never {done_plain}.",
        "It looks like we have not yet {done}.",
    ],
    "condition": [
        "If {condition}, we may be able to {base}.", "{noun} is only possible if {condition}.",
        "We can only {base} when {condition}.", "Whether we {base} depends on whether {condition}.",
        "Usually we {base} only if {condition}.",
    ],
    "defer": [
        "Only the {team} can decide about {noun}.", "I'd have to ask the {team} whether we can {base}.",
        "Let me find out whether it's possible to {base}.", "I would need to check with the {team} before anyone can {base}.",
        "For {noun} you would have to speak to the {team}.",
    ],
    "about": [
        "Are you calling about {noun}?", "I see a note about {noun} here.", "Can you tell me why you want {noun}?",
        "When did you ask for {noun}?", "You can read about {noun} on our website.", "Is this about {noun} from {day}?",
    ],
}  # fmt: skip

CUSTOMER: dict[str, list[str]] = {
    "request": [
        "I want you to {base}.", "Can you {base}?", "I'd like {noun}.", "Please {base}.", "Could I get {noun}, please?",
        "I need {noun}.", "I'm calling because I want {noun}.", "Could you {base} for me?", "You have to {base} right now!",
        "Hi, I was hoping you could {base}.", "I demand {noun}.", "Would you {base}, please?",
    ],
    "decline": [
        "I don't want {noun}.", "No, please don't {base}.", "There's no need to {base}.", "No {bare}, thanks.",
        "I never asked you to {base}.", "I'd rather you didn't {base}.", "Do not {base}.",
    ],
    "past": [
        "Last month you {done_plain}.", "Your colleague told me that you have {done}.", "Thanks for {ing} last time.",
        "I read something about {noun} on your website.", "My neighbour got {noun} from you.",
        "I think you have already {done}.",
    ],
}  # fmt: skip

# Further ways to speak, for training only; what is measured comes from the lists above.
MORE_AGENT: dict[str, list[str]] = {
    "done": [
        "We've gone ahead and {done}.", "You'll be glad to hear that I've {done}.", "I was able to {base}.",
        "I managed to {base}.", "There we go, I've just {done}.", "As you asked, I have {done}.",
        "{noun} went through just now.", "Okay, that's sorted: we have {done}.",
        "My colleague has {done} this morning.", "I've now {done}, anything else?", "That's it, we have {done}.",
        "It worked, I've {done}.",
    ],
    "promise": [
        "Rest assured that we will {base}.", "I'll see to it that we {base}.", "I'll {base} first thing tomorrow.",
        "Leave it to me, I'll {base}.", "I will personally {base}.", "You'll have {noun} by {day}.",
        "Fine, I'm going to {base}.", "We're going to {base} no matter what.",
        "You have my assurance that we'll {base}.", "Let me {base} now.", "No problem, we'll {base} today.",
        "Absolutely, I'll {base} for you.",
    ],
    "offer": [
        "Could I interest you in {noun}?", "Is {noun} something you'd like?", "Would {noun} help?",
        "One option would be {noun}.", "I can {base} for you, what do you think?", "Want me to {base}?",
        "If it helps, we could {base}.", "Let me know if I should {base}.", "Perhaps I might {base}?",
        "Say yes and I'll {base}.", "We'd be glad to {base}, if that's what you want.",
    ],
    "refuse": [
        "There's no way for us to {base}.", "{noun} is out of the question.", "It's against our policy to {base}.",
        "I'm not permitted to {base}.", "No chance of {noun}, I'm afraid.", "We never {base}.",
        "As much as I'd like to, I cannot {base}.", "You can't have {noun} with us.",
        "I regret that we're unable to {base}.", "Sorry, no {bare}.", "We've decided not to {base}.",
        "That's a no: we won't {base}.", "Nobody here can {base}.",
    ],
    "not_done": [
        "Nobody has {done} so far.", "I don't see that anyone has {done}.", "It still says that we haven't {done}.",
        "We didn't {base}.", "As far as I can tell, we forgot to {base}.", "{noun} hasn't happened yet.",
        "I must admit that we've not {done} yet.",
    ],
    "condition": [
        "Provided that {condition}, we could {base}.", "You'd get {noun} as long as {condition}.",
        "We {base} in cases where {condition}.", "Unless {condition}, we don't {base}.",
        "Assuming {condition}, {noun} would be possible.", "That depends: if {condition}, then {noun} is possible.",
        "We'd {base} on one condition: {condition}.", "In order to {base} we need to know that {condition}.",
    ],
    "defer": [
        "That's not for me to decide; the {team} looks after {noun}.", "The {team} has to approve {noun}.",
        "I'll pass it to the {team}, they decide whether we {base}.", "You'd better ask the {team} about {noun}.",
        "Let me ask the {team} if we may {base}.", "I can't say yes or no to {noun} myself.",
        "Whether we can {base} is up to the {team}.", "I don't know whether we can {base}, I need to look into it.",
        "It takes the {team}'s approval to {base}.", "The {team} will get back to you about {noun}.",
        "I'm not the one who decides about {noun}.", "Someone from the {team} will tell you if we {base}.",
    ],
    "about": [
        "Was it {noun} you were calling about?", "I can see that you asked for {noun}.",
        "Tell me more about {noun}, please.", "We got your message about {noun}.", "Who told you about {noun}?",
        "Let's talk about {noun} later.", "Other customers have asked us about {noun} too.",
        "Your question was about {noun}, right?",
    ],
}  # fmt: skip
MORE_CUSTOMER: dict[str, list[str]] = {
    "request": [
        "Would it be possible to {base}?", "I was wondering if you could {base}.",
        "I'd appreciate it if you could {base}.", "Is there any way to {base}?", "You should {base}.",
        "Give me {noun}.", "I insist on {noun}.", "What I need from you is {noun}.", "Could somebody {base}?",
        "I'd be grateful for {noun}.", "Just {base}, please.", "Would {noun} be possible?",
    ],
    "decline": [
        "I said no to {noun}.", "I'm not interested in {noun}.", "Forget {noun}.", "I don't need {noun} at all.",
        "Please do not {base}.", "You must not {base}.", "Thanks, but no {bare}.", "I've decided against {noun}.",
        "Stop, don't {base}.", "Under no circumstances should you {base}.",
    ],
    "past": [
        "When I called before, you had {done}.", "It says here that you've {done}.", "So you did {base}, I see.",
        "I got {noun} last year.", "My sister told me about {noun}.", "The letter says that you have {done}.",
        "I was told you had already {done}.", "I noticed that you've {done}.",
    ],
}  # fmt: skip

# Hypotheses per relation. Which force makes which relation true stands in TRUTH.
RELATIONS: dict[str, Ways] = {
    "agent_done": (
        ["The agent says that they have {done}.", "The agent confirms {noun}.", "The agent has {done}.",
         "The agent states that {noun} has been carried out.", "The agent claims to have {done}.",
         "The agent tells the customer that they have {done}.", "The agent reports having {done}.",
         "The agent announces that {noun} is done.",
         "The agent declares {noun} finished.", "The agent tells the customer that {noun} took place.",
         "The agent informs the customer that they have {done}.", "The agent reports {noun} as done.",
         "The agent claims success with {ing}.", "The agent says that they managed to {base}.",
         "The agent affirms that they have {done}."],
        ["The agent confirms having {done}.", "The agent lets the customer know that {noun} went through.",
         "The agent says {noun} was completed."],
    ),
    "agent_promise": (
        ["The agent promises {noun}.", "The agent promises to {base}.", "The agent says that they will {base}.",
         "The agent commits to {ing}.", "The agent agrees to {base}.", "The agent assures the customer of {noun}.",
         "The agent announces that they are going to {base}.",
         "The agent swears to {base}.", "The agent gives an assurance about {noun}.",
         "The agent undertakes to {base}.", "The agent binds themselves to {ing}.",
         "The agent makes a promise about {ing}.", "The agent promises the customer {noun}.",
         "The agent tells the customer that they'll {base}.",
         "The agent assures the customer that they will {base}.", "The agent says for sure that they will {base}.",
         "The agent gives a firm assurance of {noun}.", "The agent vows to {base}.",
         "The agent leaves no doubt that they will {base}."],
        ["The agent pledges to {base}.", "The agent gives their word on {ing}.", "The agent guarantees {noun}.",
         "The agent makes a commitment to {base}."],
    ),
    "agent_offer": (
        ["The agent offers {noun}.", "The agent offers to {base}.", "The agent asks whether they should {base}.",
         "The agent proposes {ing}.", "The agent asks if the customer would like {noun}.", "The agent suggests {noun}.",
         "The agent asks whether the customer wants {noun}.", "The agent asks if they may {base}.",
         "The agent presents {noun} as a possibility.", "The agent invites the customer to accept {noun}.",
         "The agent says that they could {base} if the customer likes.", "The agent makes an offer of {noun}.",
         "The agent gives the customer the choice of {noun}.", "The agent proposes to {base}."],
        ["The agent puts forward {noun}.", "The agent volunteers to {base}.", "The agent makes it an option to {base}."],
    ),
    "agent_refuse": (
        ["The agent refuses {noun}.", "The agent declines to {base}.", "The agent says that they cannot {base}.",
         "The agent tells the customer that {noun} is not possible.", "The agent refuses to {base}.",
         "The agent denies the customer {noun}.",
         "The agent is unwilling to {base}.", "The agent rules out {noun}.", "The agent will not {base}.",
         "The agent says that they won't {base}.", "The agent denies {noun}.",
         "The agent says that {noun} cannot be had.", "The agent dismisses the idea of {ing}.",
         "The agent does not agree to {ing}.", "The agent does not let the customer have {noun}.",
         "The agent tells the customer that they are not allowed to {base}."],
        ["The agent turns down {noun}.", "The agent rejects {ing}.", "The agent says no to {noun}."],
    ),
    "agent_grant": (
        ["The agent grants {noun}.", "The agent grants the customer {noun}.", "The agent says yes to {noun}.",
         "The agent approves {noun}.", "The agent gives the customer {noun}.",
         "The agent agrees to {noun}.", "The agent lets the customer have {noun}.",
         "The agent accepts the wish for {noun}.", "The agent okays {noun}.", "The agent authorises {noun}.",
         "The agent permits {noun}.", "The agent awards the customer {noun}."],
        ["The agent allows {noun}.", "The agent consents to {ing}."],
    ),
    "agent_mention": (
        ["The agent mentions {noun}.", "The agent talks about {ing}.", "The agent speaks about {noun}.",
         "The agent brings up {noun}.", "The agent says something about {ing}.",
         "The agent alludes to {noun}.", "The agent comes to speak of {noun}.",
         "The agent says a word about {noun}.", "The agent raises {noun}.", "The agent names {noun}.",
         "The agent talks of {ing}."],
        ["The agent refers to {noun}.", "The agent discusses {noun}."],
    ),
    "agent_condition": (
        ["The agent names a condition for {noun}.", "The agent says under what circumstances it is possible to {base}.",
         "The agent makes {noun} depend on something.",
         "The agent sets a condition for {noun}.", "The agent says that they {base} only under a condition.",
         "The agent ties {noun} to a requirement.",
         "The agent says that something must be fulfilled first for {noun}.",
         "The agent says that they may {base} only if something is the case.",
         "The agent says what {noun} requires.", "The agent explains the requirements for {noun}.",
         "The agent says in which cases they {base}."],
        ["The agent says that {noun} depends on a condition.", "The agent explains in which circumstances they may {base}."],
    ),
    "agent_defer": (
        ["The agent says that someone else decides about {noun}.", "The agent leaves {noun} open.",
         "The agent says that they must ask before they can {base}.",
         "The agent says that {noun} must be decided by somebody else.",
         "The agent refers the customer to someone else about {noun}.",
         "The agent says that they have no authority to {base}.",
         "The agent says that they need approval to {base}.", "The agent does not commit themselves about {noun}.",
         "The agent puts off a decision about {noun}.",
         "The agent says that they do not know yet whether they can {base}.",
         "The agent hands the decision about {noun} over.", "The agent wants to ask others about {noun} first.",
         "The agent leaves it to others whether to {base}."],
        ["The agent passes the question of {noun} on to others.", "The agent does not decide about {noun} themselves."],
    ),
    "customer_request": (
        ["The customer asks for {noun}.", "The customer wants the agent to {base}.", "The customer requests {noun}.",
         "The customer asks the agent to {base}.", "The customer wants {noun}.", "The customer demands {noun}.",
         "The customer wishes the agent to {base}.", "The customer needs {noun}.",
         "The customer is asking for {noun}.", "The customer expects the agent to {base}.",
         "The customer seeks {noun}.", "The customer begs the agent to {base}.", "The customer insists on {noun}.",
         "The customer tells the agent to {base}.", "The customer asks whether the agent can {base}."],
        ["The customer would like {noun}.", "The customer calls to get {noun}.", "The customer hopes for {noun}."],
    ),
    "customer_decline": (
        ["The customer does not want {noun}.", "The customer tells the agent not to {base}.",
         "The customer turns down {noun}.", "The customer rejects {noun}.",
         "The customer says no to {noun}.", "The customer does not want the agent to {base}.",
         "The customer asks the agent not to {base}.", "The customer opposes {ing}.",
         "The customer objects to {noun}.", "The customer forbids the agent to {base}.",
         "The customer has no need of {noun}.", "The customer declines {noun}.",
         "The customer does not wish for {noun}."],
        ["The customer refuses {noun}.", "The customer is against {ing}."],
    ),
    "customer_mention": (
        ["The customer mentions {noun}.", "The customer talks about {ing}.", "The customer speaks about {noun}.",
         "The customer says something about {noun}.", "The customer alludes to {noun}.",
         "The customer raises {noun}.", "The customer names {noun}.", "The customer talks of {ing}.",
         "The customer comes to speak of {noun}."],
        ["The customer brings up {noun}.", "The customer refers to {noun}."],
    ),
}  # fmt: skip

# True and untrue forces of a relation; a force in neither is not asked, because people would not agree.
TRUTH: dict[str, tuple[str, str]] = {
    "agent_done": ("done", "promise offer refuse not_done condition defer about"),
    "agent_promise": ("promise", "offer refuse not_done condition defer about"),
    "agent_offer": ("offer", "done refuse not_done defer about"),
    "agent_refuse": ("refuse", "done promise offer not_done about"),
    "agent_grant": ("done promise", "refuse not_done defer about"),
    "agent_mention": ("done promise offer refuse not_done condition defer about", ""),
    "agent_condition": ("condition", "done promise offer refuse not_done about"),
    "agent_defer": ("defer", "done promise offer refuse not_done"),
    "customer_request": ("request", "decline past"),
    "customer_decline": ("decline", "request past"),
    "customer_mention": ("request decline past", ""),
}
