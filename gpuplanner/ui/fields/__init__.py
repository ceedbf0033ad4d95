"""The input fields of the form. Each has ``edited``, ``set_value`` and ``retranslate`` and knows nothing of scenarios."""
