"""The cables that are stored in the blocks of segments."""
