"""The form: a table of fields, bound to the scenario by their names."""
