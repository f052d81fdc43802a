"""Actions of a contact centre, and the ways an agent or a customer speaks of them.

One row of ``ACTIONS`` is: base form | past participle | -ing form | noun phrase. ``{your}`` is the customer's thing, as
each speaker puts it. A force is what the speaker does with the action: has done it, promises, offers, refuses ...
"""

from __future__ import annotations

from bench.tier1.wordings import Ways

ACTIONS = """
refund {your} order|refunded {your} order|refunding {your} order|a refund
give {your} money back|given {your} money back|giving {your} money back|a refund of the money
refund the delivery fee|refunded the delivery fee|refunding the delivery fee|a refund of the delivery fee
cancel {your} subscription|cancelled {your} subscription|cancelling {your} subscription|a cancellation of the subscription
cancel {your} order|cancelled {your} order|cancelling {your} order|a cancellation of the order
cancel {your} appointment|cancelled {your} appointment|cancelling {your} appointment|a cancellation of the appointment
close {your} account|closed {your} account|closing {your} account|the closing of the account
reopen {your} account|reopened {your} account|reopening {your} account|the reopening of the account
unlock {your} account|unlocked {your} account|unlocking {your} account|the unlocking of the account
reset {your} password|reset {your} password|resetting {your} password|a password reset
waive the late fee|waived the late fee|waiving the late fee|a waiver of the late fee
waive the cancellation charge|waived the cancellation charge|waiving the cancellation charge|a waiver of the cancellation charge
take ten percent off {your} bill|taken ten percent off {your} bill|taking ten percent off {your} bill|a discount of ten percent
lower {your} monthly rate|lowered {your} monthly rate|lowering {your} monthly rate|a lower monthly rate
apply a loyalty discount|applied a loyalty discount|applying a loyalty discount|a loyalty discount
match the competitor's price|matched the competitor's price|matching the competitor's price|a price match
upgrade {your} room|upgraded {your} room|upgrading {your} room|a room upgrade
upgrade {your} plan|upgraded {your} plan|upgrading {your} plan|a plan upgrade
downgrade {your} plan|downgraded {your} plan|downgrading {your} plan|a downgrade of the plan
send a replacement|sent a replacement|sending a replacement|a replacement
send a technician|sent a technician|sending a technician|a technician visit
send the invoice again|sent the invoice again|sending the invoice again|a copy of the invoice
email the receipt|emailed the receipt|emailing the receipt|a receipt by email
text the confirmation code|texted the confirmation code|texting the confirmation code|a confirmation code by text
transfer the call to a manager|transferred the call to a manager|transferring the call to a manager|a transfer to a manager
connect {you} to a human colleague|connected {you} to a human colleague|connecting {you} to a human colleague|a transfer to a human
put {you} through to billing|put {you} through to billing|putting {you} through to billing|a transfer to the billing department
call {you} back|called {you} back|calling {you} back|a callback
book a table|booked a table|booking a table|a table reservation
book a flight|booked a flight|booking a flight|a flight booking
reserve a room|reserved a room|reserving a room|a room reservation
book an appointment with the doctor|booked an appointment with the doctor|booking an appointment with the doctor|a doctor's appointment
reschedule {your} delivery|rescheduled {your} delivery|rescheduling {your} delivery|a new delivery date
move {your} appointment|moved {your} appointment|moving {your} appointment|a change of the appointment
change {your} delivery address|changed {your} delivery address|changing {your} delivery address|a change of the delivery address
change {your} seat|changed {your} seat|changing {your} seat|a seat change
update {your} phone number|updated {your} phone number|updating {your} phone number|an update of the phone number
charge {your} card|charged {your} card|charging {your} card|a card charge
take a payment over the phone|taken a payment over the phone|taking a payment over the phone|a payment over the phone
set up a payment plan|set up a payment plan|setting up a payment plan|a payment plan
extend the due date|extended the due date|extending the due date|an extension of the due date
extend {your} warranty|extended {your} warranty|extending {your} warranty|a warranty extension
raise {your} credit limit|raised {your} credit limit|raising {your} credit limit|a higher credit limit
approve {your} loan|approved {your} loan|approving {your} loan|a loan approval
approve {your} claim|approved {your} claim|approving {your} claim|an approval of the claim
file a claim|filed a claim|filing a claim|an insurance claim
open a dispute|opened a dispute|opening a dispute|a payment dispute
block {your} card|blocked {your} card|blocking {your} card|a card block
issue a new card|issued a new card|issuing a new card|a new card
transfer the money to {your} savings|transferred the money to {your} savings|transferring the money to {your} savings|a money transfer
add a driver to {your} policy|added a driver to {your} policy|adding a driver to {your} policy|another driver on the policy
add insurance to {your} booking|added insurance to {your} booking|adding insurance to {your} booking|travel insurance
add a checked bag|added a checked bag|adding a checked bag|an extra bag
give {you} a voucher|given {you} a voucher|giving {you} a voucher|a voucher
credit {your} account with twenty dollars|credited {your} account with twenty dollars|crediting {your} account with twenty dollars|a credit of twenty dollars
compensate {you} for the delay|compensated {you} for the delay|compensating {you} for the delay|compensation for the delay
remove {your} data|removed {your} data|removing {your} data|a deletion of personal data
share {your} data with a partner|shared {your} data with a partner|sharing {your} data with a partner|sharing of data with a partner
record a complaint|recorded a complaint|recording a complaint|a formal complaint
open a support ticket|opened a support ticket|opening a support ticket|a support ticket
escalate {your} case|escalated {your} case|escalating {your} case|an escalation
place the order|placed the order|placing the order|an order
add {you} to the waiting list|added {you} to the waiting list|adding {you} to the waiting list|a place on the waiting list
renew {your} prescription|renewed {your} prescription|renewing {your} prescription|a prescription renewal
prescribe a stronger medicine|prescribed a stronger medicine|prescribing a stronger medicine|a prescription for a medicine
sign {you} up for the newsletter|signed {you} up for the newsletter|signing {you} up for the newsletter|a newsletter subscription
start a free trial|started a free trial|starting a free trial|a free trial
renew {your} contract|renewed {your} contract|renewing {your} contract|a contract renewal
ship the parcel overnight|shipped the parcel overnight|shipping the parcel overnight|overnight shipping
hold the reservation|held the reservation|holding the reservation|a hold on the reservation
check {you} in|checked {you} in|checking {you} in|an early check-in
order a taxi|ordered a taxi|ordering a taxi|a taxi
install the software remotely|installed the software remotely|installing the software remotely|a remote installation
restart {your} router|restarted {your} router|restarting {your} router|a router restart
remove the negative entry|removed the negative entry|removing the negative entry|a correction of the credit record
increase {your} order to three|increased {your} order to three|increasing {your} order to three|a larger order
pause {your} membership|paused {your} membership|pausing {your} membership|a pause of the membership
forward {your} message to the owner|forwarded {your} message to the owner|forwarding {your} message to the owner|a message to the owner
""".strip().splitlines()

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

# Hypotheses per relation. Which force makes which relation true stands in TRUTH.
RELATIONS: dict[str, Ways] = {
    "agent_done": (
        ["The agent says that they have {done}.", "The agent confirms {noun}.", "The agent has {done}.",
         "The agent states that {noun} has been carried out.", "The agent claims to have {done}.",
         "The agent tells the customer that they have {done}.", "The agent reports having {done}.",
         "The agent announces that {noun} is done."],
        ["The agent confirms having {done}.", "The agent lets the customer know that {noun} went through.",
         "The agent says {noun} was completed."],
    ),
    "agent_promise": (
        ["The agent promises {noun}.", "The agent promises to {base}.", "The agent says that they will {base}.",
         "The agent commits to {ing}.", "The agent agrees to {base}.", "The agent assures the customer of {noun}.",
         "The agent announces that they are going to {base}."],
        ["The agent pledges to {base}.", "The agent gives their word on {ing}.", "The agent guarantees {noun}.",
         "The agent makes a commitment to {base}."],
    ),
    "agent_offer": (
        ["The agent offers {noun}.", "The agent offers to {base}.", "The agent asks whether they should {base}.",
         "The agent proposes {ing}.", "The agent asks if the customer would like {noun}.", "The agent suggests {noun}."],
        ["The agent puts forward {noun}.", "The agent volunteers to {base}.", "The agent makes it an option to {base}."],
    ),
    "agent_refuse": (
        ["The agent refuses {noun}.", "The agent declines to {base}.", "The agent says that they cannot {base}.",
         "The agent tells the customer that {noun} is not possible.", "The agent refuses to {base}.",
         "The agent denies the customer {noun}."],
        ["The agent turns down {noun}.", "The agent rejects {ing}.", "The agent says no to {noun}."],
    ),
    "agent_grant": (
        ["The agent grants {noun}.", "The agent grants the customer {noun}.", "The agent says yes to {noun}.",
         "The agent approves {noun}.", "The agent gives the customer {noun}."],
        ["The agent allows {noun}.", "The agent consents to {ing}."],
    ),
    "agent_mention": (
        ["The agent mentions {noun}.", "The agent talks about {ing}.", "The agent speaks about {noun}.",
         "The agent brings up {noun}.", "The agent says something about {ing}."],
        ["The agent refers to {noun}.", "The agent discusses {noun}."],
    ),
    "agent_condition": (
        ["The agent names a condition for {noun}.", "The agent says when it is possible to {base}.",
         "The agent makes {noun} depend on something."],
        ["The agent says that {noun} depends on a condition.", "The agent explains when they may {base}."],
    ),
    "agent_defer": (
        ["The agent says that someone else decides about {noun}.", "The agent leaves {noun} open.",
         "The agent says that they must ask before they can {base}."],
        ["The agent passes the question of {noun} on to others.", "The agent does not decide about {noun} themselves."],
    ),
    "customer_request": (
        ["The customer asks for {noun}.", "The customer wants the agent to {base}.", "The customer requests {noun}.",
         "The customer asks the agent to {base}.", "The customer wants {noun}.", "The customer demands {noun}."],
        ["The customer would like {noun}.", "The customer calls to get {noun}.", "The customer hopes for {noun}."],
    ),
    "customer_decline": (
        ["The customer does not want {noun}.", "The customer tells the agent not to {base}.",
         "The customer turns down {noun}.", "The customer rejects {noun}."],
        ["The customer refuses {noun}.", "The customer is against {ing}."],
    ),
    "customer_mention": (
        ["The customer mentions {noun}.", "The customer talks about {ing}.", "The customer speaks about {noun}."],
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
