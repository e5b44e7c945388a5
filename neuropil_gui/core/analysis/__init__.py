"""What is computed from separations: sweeps, stability, subtraction, judgements."""
