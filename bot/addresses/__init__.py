"""A model that splits addresses into their elements, learned from addresses a city has already split."""
