"""What a plot needs of an array, without Qt."""
