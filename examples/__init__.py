"""Programs that embed cablesearch; README.md says how to run them."""
