"""Many of a kind held by their attributes, which costs less than to make each of them and take it apart again."""
