"""The recipe of the embedded tier 1 classifier: data, training, evaluation, export. See docs/tier1-model-card.md."""
