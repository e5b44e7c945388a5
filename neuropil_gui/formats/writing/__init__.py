"""Results to bytes."""
