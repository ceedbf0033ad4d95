"""The bill of materials: servers, network, racks, power, from the GPUs that a plan needs."""
