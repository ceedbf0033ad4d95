"""The answer: one sentence, its state, six figures."""
