"""Settings form: method, n, alpha, seed and the advanced settings."""
