"""What a cluster stores of a cable: its documents in the index of each view, and the text in them."""
