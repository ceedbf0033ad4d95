"""The page of an estate: all workloads of a customer, where they lie, racks and network."""
