"""Models that answer in passes: diffusion pipelines, encoders, vision networks, recognisers of speech."""
