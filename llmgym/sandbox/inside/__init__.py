"""What runs inside bubblewrap. Standard library only: nothing else of llmgym is there."""
