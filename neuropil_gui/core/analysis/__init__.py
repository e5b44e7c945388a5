"""Analysis of separations: numbers, sweeps, rivals, stability, trials, contributions."""
