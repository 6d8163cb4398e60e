"""The commands that show an archive as a whole, one module a family of them."""
