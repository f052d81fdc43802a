"""A small scenario and messages of Mirror for the simulators' tests."""

from calls.simulate.scenario import read_scenario

PLACE = {"item": "pizza", "toppings": ["ham"]}
PLACED = {"order_number": 7}

ORDER = read_scenario(
    {
        "id": "order",
        "agent": "pizza",
        "title": "An order that is held once",
        "from": "+1",
        "to": "+2",
        "script": [
            {"id": "a1", "agent": "Hello, what can I get you?"},
            {"id": "c1", "caller": "A pizza with ham, please."},
            {
                "id": "a2",
                "agent": "Placing it.",
                "tools": [{"id": "t1", "name": "place_order", "arguments": PLACE, "result": PLACED}],
                "on_confirm": [
                    {"id": "a3", "agent": "A pizza with ham, right?"},
                    {"id": "c2", "caller": "Yes."},
                    {
                        "id": "a4",
                        "agent": "",
                        "tools": [{"id": "t2", "name": "place_order", "arguments": PLACE, "result": PLACED}],
                    },
                ],
            },
            {"id": "a5", "agent": "Done.", "delivery": "deltas"},
        ],
    },
    where="cast",
)


def verdict(turn_id, decision="pass", **fields):
    return {"type": "verdict", "turn_id": turn_id, "decision": decision, "final": True, **fields}


def tool_decision(gate_id, decision, **fields):
    return {"type": "tool.decision", "gate_id": gate_id, "decision": decision, **fields}


def intervention(turn_id, *, correction="Just to confirm: ham?", **speak):
    return {
        "type": "intervention",
        "intervention_id": "i1",
        "turn_id": turn_id,
        "steps": [
            {"do": "clear_audio"},
            {"do": "speak", "part": "buffer", "text": "Sorry...", "checkpoint": "b1", **speak},
            {"do": "speak", "part": "correction", "text": correction, "checkpoint": "k1", **speak},
        ],
        "system_note": "",
    }
