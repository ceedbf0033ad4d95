"""Several workloads of one customer, packed on common GPUs and servers."""
