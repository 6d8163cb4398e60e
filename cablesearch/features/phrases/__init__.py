"""Features on the words of many hits: which phrases set them apart."""
