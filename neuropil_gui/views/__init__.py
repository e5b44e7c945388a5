"""What is drawn, one widget a file. Views show and emit; they change nothing else."""
